//! The engine: its parts, its opening and its end.

use crate::kinds::Kinds;
use crate::seal::Seal;
use crate::writer::{self, Job};
use crate::{CaseError, store};
use ::store::Store;
use authority::{Authority, Organisation, OrganisationId, UserId};
use caseflow::CaseKind;
use delivery::Outbox;
use evidence::Evidence;
use jiff::Timestamp;
use rulebook::Text;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// The engine (办理引擎). Cheap to clone.
#[derive(Clone)]
pub struct Cases {
    pub(crate) engine: Arc<Engine>,
    pub(crate) jobs: mpsc::Sender<Job>,
}

/// What the engine is made of.
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) evidence: Evidence,
    pub(crate) outbox: Outbox,
    pub(crate) kinds: Kinds,
    pub(crate) seal: Seal,
    organisations: RwLock<Arc<HashMap<OrganisationId, Organisation>>>,
    pub(crate) statistics: crate::reading::statistics::Remembered,
    pub(crate) stop: Notify,
    pub(crate) task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

/// Senders wait when so many changes are queued.
const QUEUE: usize = 1024;

impl Cases {
    /// Opens the engine: checks the kinds, reads or makes the key file in `folder`, starts the
    /// writer.
    ///
    /// # Errors
    /// When a declaration cannot be used, the key file is missing, wrong or open to others, or the
    /// store fails.
    pub async fn open(
        store: &Store,
        authority: &Authority,
        evidence: &Evidence,
        outbox: &Outbox,
        folder: &Path,
        kinds: Vec<CaseKind>,
    ) -> Result<Self, CaseError> {
        let kinds = Kinds::open(store, kinds, Timestamp::now()).await?;
        let seal = open_seal(store, folder).await?;
        let engine = Arc::new(Engine {
            store: store.clone(),
            authority: authority.clone(),
            evidence: evidence.clone(),
            outbox: outbox.clone(),
            kinds,
            seal,
            organisations: RwLock::default(),
            statistics: crate::reading::statistics::Remembered::default(),
            stop: Notify::new(),
            task: tokio::sync::Mutex::new(None),
        });
        engine.refresh_organisations().await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let task = tokio::spawn(writer::run(Arc::clone(&engine), queue));
        *engine.task.lock().await = Some(task);
        Ok(Self { engine, jobs })
    }

    /// The kinds by which cases are opened now.
    pub fn kinds(&self) -> &[Arc<CaseKind>] {
        self.engine.kinds.current()
    }

    /// The kind of an id, as it is declared now.
    pub fn kind(&self, id: &str) -> Option<&Arc<CaseKind>> {
        self.engine.kinds.of_id(id).ok().map(|(_, kind)| kind)
    }

    /// Commits what waits and stops; later changes are refused.
    pub async fn close(&self) {
        self.engine.stop.notify_one();
        if let Some(task) = self.engine.task.lock().await.take()
            && task.await.is_err()
        {
            tracing::error!("the writer of cases had ended before it was stopped");
        }
    }
}

/// Reads the key, or makes it in a store where nothing was sealed yet; a key that is not the one
/// by which this store was sealed is refused.
async fn open_seal(store: &Store, folder: &Path) -> Result<Seal, CaseError> {
    let known = store::declarations::fingerprint(store).await?;
    let is_fresh = known.is_none() && !store::citizens::is_anything_sealed(store).await?;
    let seal = Seal::open(folder, is_fresh)?;
    match known {
        Some(known) if known != seal.fingerprint() => {
            Err(CaseError::Sealed { what: "this store".to_owned() })
        }
        Some(_) => Ok(seal),
        None => {
            let mut transaction = store.begin().await?;
            store::declarations::put_fingerprint(&mut transaction, seal.fingerprint()).await?;
            transaction.commit().await?;
            Ok(seal)
        }
    }
}

/// Whether the key file in `folder` is the one by which this store was sealed; `None` where nothing
/// was sealed yet. Changes nothing.
///
/// # Errors
/// When the store cannot be read, or the file is missing or no key.
pub async fn check_key(store: &Store, folder: &Path) -> Result<Option<bool>, CaseError> {
    let Some(known) = store::declarations::fingerprint(store).await? else { return Ok(None) };
    Ok(Some(Seal::open(folder, false)?.fingerprint() == known))
}

impl Engine {
    /// Reads the organisations anew: units are looked up without asking the store each time.
    pub(crate) async fn refresh_organisations(&self) -> Result<(), CaseError> {
        let all = self.authority.organisations().await?;
        let map = Arc::new(all.into_iter().map(|one| (one.id, one)).collect());
        *self.organisations.write().unwrap_or_else(PoisonError::into_inner) = map;
        Ok(())
    }

    fn organisations(&self) -> Arc<HashMap<OrganisationId, Organisation>> {
        Arc::clone(&self.organisations.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes sure that these units are known: one that was added since is read.
    pub(crate) async fn know_units(
        &self,
        units: impl IntoIterator<Item = OrganisationId>,
    ) -> Result<(), CaseError> {
        let known = self.organisations();
        if units.into_iter().all(|unit| known.contains_key(&unit)) {
            return Ok(());
        }
        self.refresh_organisations().await
    }

    /// The unit of a number.
    pub(crate) fn unit(&self, id: OrganisationId) -> Option<Organisation> {
        self.organisations().get(&id).cloned()
    }

    /// The unit above one.
    pub(crate) fn unit_above(&self, unit: Option<OrganisationId>) -> Option<OrganisationId> {
        self.organisations().get(&unit?)?.parent
    }

    /// The name of a unit.
    pub(crate) fn unit_name(&self, unit: Option<OrganisationId>) -> Text {
        let unit = unit.and_then(|id| self.unit(id));
        unit.map_or_else(Text::default, |unit| Text::new(unit.name_zh, unit.name_en))
    }

    /// Refuses a unit that cannot answer for cases.
    pub(crate) fn check_unit(&self, unit: OrganisationId) -> Result<(), CaseError> {
        match self.unit(unit) {
            Some(found) if !found.kind.is_outside() => Ok(()),
            Some(_) => Err(CaseError::input(
                "企业、第三方机构和银行不能作为承办单位",
                "enterprises, institutions and banks do not handle cases: name a unit",
            )),
            None => Err(CaseError::input("没有这个单位", "there is no such unit")),
        }
    }

    /// Who a user is, when a case may be given to them.
    pub(crate) async fn assignee(
        &self,
        user: UserId,
    ) -> Result<Arc<authority::Principal>, CaseError> {
        let found = self.authority.principal(user).await?;
        found.map(Arc::new).ok_or_else(|| {
            CaseError::input("没有这个用户或已停用", "there is no such user, or they are disabled")
        })
    }
}
