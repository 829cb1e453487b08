//! What cases need beside the store: files of evidence, the outbox, the engine, and the work in the
//! background.

use authority::Authority;
use cases::Cases;
use delivery::Outbox;
use evidence::Evidence;
use jiff::Timestamp;
use supervision::alert_disposal::Disposal;
use tokio::sync::watch;
use tokio::task::JoinSet;
use web::AppState;

use crate::clock;
use crate::configuration::Settings;
use crate::engine::Engine;
use crate::exit::Failure;
use crate::outbound;

/// The folder of the data folder in which files of evidence stand.
pub(crate) const EVIDENCE: &str = "evidence";
/// The folder of a city's files in which its own kinds of cases stand.
const KINDS: &str = "case_kinds/";

/// Cases with what they stand on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Casework {
    pub(crate) cases: Cases,
    evidence: Evidence,
    outbox: Outbox,
}

impl Casework {
    /// Opens everything: reads the kinds, the key file, the folder of evidence.
    pub(crate) async fn open(
        engine: &Engine,
        authority: &Authority,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let data = settings.data();
        let failed = |error: &evidence::EvidenceError| {
            let cure = "Let this user write into the data folder, and make room on the disk.";
            Failure::caused(error.code(), error, cure)
        };
        let evidence = Evidence::open(&data.join(EVIDENCE)).map_err(|error| failed(&error))?;
        // This process has the data folder: what another one had begun to write is of no use.
        evidence.sweep().await.map_err(|error| failed(&error))?;
        let outbox = outbound::outbox(&engine.store, settings)?;
        let kinds = kinds(engine).await?;
        let opened = Cases::open(&engine.store, authority, &evidence, &outbox, &data, kinds).await;
        let cases = opened.map_err(|error| {
            let cure = "`lucid doctor` says more; the key file is in the data folder's backup.";
            Failure::caused(error.code(), &error, cure)
        })?;
        Ok(Self { cases, evidence, outbox })
    }

    /// Gives pages what they ask for.
    pub(crate) fn equip(&self, state: AppState) -> AppState {
        state.with(self.cases.clone()).with(self.evidence.clone()).with(self.outbox.clone())
    }

    /// Looks at clocks and alerts, tells partners and sends messages, until `stop` says so.
    pub(crate) fn work(
        &self,
        engine: &Engine,
        authority: &Authority,
        stop: &watch::Receiver<bool>,
    ) -> JoinSet<()> {
        let clock: fn() -> Timestamp = clock::now;
        let mut work = JoinSet::new();
        let (cases, stopped) = (self.cases.clone(), stop.clone());
        work.spawn(async move { cases.run(clock, stopped).await });
        let (outbox, stopped) = (self.outbox.clone(), stop.clone());
        work.spawn(async move { outbox.run(clock, stopped).await });
        let disposal = Disposal {
            store: engine.store.clone(),
            registry: engine.registry.clone(),
            authority: authority.clone(),
            evaluation: engine.evaluation.clone(),
            cases: self.cases.clone(),
        };
        work.spawn(disposal.run(clock, stop.clone()));
        work.spawn(supervision::exchange::run(
            engine.store.clone(),
            self.cases.clone(),
            self.outbox.clone(),
            clock,
            stop.clone(),
        ));
        work
    }

    /// Commits what waits.
    pub(crate) async fn close(&self) {
        self.cases.close().await;
    }
}

/// The kinds that come with the program and those of the city in the store.
async fn kinds(engine: &Engine) -> Result<Vec<caseflow::CaseKind>, Failure> {
    let unread = |error: registry::RegistryError| {
        Failure::caused(error.code(), &error, "`lucid doctor` says more.")
    };
    let mut own = Vec::new();
    for path in registry::store::city_files(&engine.store).await.map_err(unread)? {
        let Some(name) = path.strip_prefix(KINDS) else { continue };
        if std::path::Path::new(name).extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let file = registry::store::city_file(&engine.store, &path).await.map_err(unread)?;
        let text = String::from_utf8_lossy(&file.unwrap_or_default()).into_owned();
        own.push((name.to_owned(), text));
    }
    supervision::kinds::all(&own).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Failure::of_use(
            "city.case_kinds",
            lines.join("\n"),
            "Mend the files in case_kinds/ of the city's folder, then load it with `lucid init`.",
        )
    })
}
