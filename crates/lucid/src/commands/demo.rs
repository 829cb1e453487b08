//! `lucid demo`: a living city with invented enterprises and simulated devices.

use std::path::Path;
use std::time::Instant;

use authority::{Authority, Role};
use jiff::{SignedDuration, Timestamp};
use metrics_exporter_prometheus::PrometheusHandle;
use registry::PointKind;
use rulebook::{Period, beijing_offset};
use serde_json::json;
use simulator::{DEFAULT_SEED, Demonstration, Fleet, HistoryCounts};

use crate::arguments::{Common, Demo};
use crate::casework::Casework;
use crate::configuration::{Settings, keys};
use crate::engine::{Engine, Ground};
use crate::exit::{Exit, Failure, Outcome};
use crate::people::{self, DemoPerson};
use crate::server::{Ending, Server, listen_for_pages};
use crate::terminal::{note, progress, say};
use crate::{
    city, clock, counters, demo_cases, demo_findings, demo_marks, demo_reports, logging, opened,
};

/// The demo's own data folder, so that it never meets a city's.
const DATA: &str = "lucid-data/demo";
/// The data folder of a demo that shows the city as it will stand later.
const DATA_AHEAD: &str = "lucid-data/demo-ahead";
/// Times so little later than now are no other clock.
const JITTER: SignedDuration = SignedDuration::from_secs(60);
/// The file that keeps the operator's token of a demonstration, so that its link stays the same.
const TOKEN: &str = "operator-token";

pub(crate) fn run(arguments: &Demo, common: &Common) -> Outcome {
    let mut given = common.given();
    given.data_otherwise = Some(DATA);
    if let Some(ahead) = arguments.ahead {
        // Data of a later time must not meet the devices of today.
        given.data_otherwise = Some(DATA_AHEAD);
        clock::move_ahead(ahead);
    }
    if let Some(port) = arguments.port {
        given.values.push((keys::HTTP_LISTEN, "--port", format!("127.0.0.1:{port}")));
    }
    let mut settings = Settings::load(&given)?;
    quieten(&mut settings);
    let telemetry = logging::start(&settings)?;
    let metrics = counters::count()?;
    opened::block_on(async {
        let mut ending = Ending::listen()?;
        let living = tokio::select! {
            living = begin(arguments, settings, metrics, common.json) => living?,
            // What was loaded stays, and the next start goes on from there.
            () = ending.asked() => return Ok(Exit::Ok),
        };
        let Some((server, fleet)) = living else { return Ok(Exit::Ok) };
        ending.asked().await;
        note!("ending");
        if let Some(fleet) = fleet {
            fleet.stop().await;
        }
        server.stop().await;
        telemetry.end();
        Ok(Exit::Ok)
    })?
}

/// Loads the city and its history; with `--once` says what was loaded and gives nothing back.
async fn begin(
    arguments: &Demo,
    settings: Settings,
    metrics: PrometheusHandle,
    as_json: bool,
) -> Result<Option<(Server, Option<Fleet>)>, Failure> {
    let began = Instant::now();
    if !arguments.once {
        // Better said now than after the history has been loaded.
        drop(listen_for_pages(settings.address(keys::HTTP_LISTEN)).await?);
    }
    note!("正在准备演示城市 / preparing the demo city in {}", settings.data().display());
    install_city(&settings).await?;
    let ground = Ground::open(&settings).await?;
    refuse_to_go_back(&ground)?;
    let snapshot = ground.registry.snapshot();
    let demonstration = Demonstration::new(DEFAULT_SEED, &snapshot, clock::now());
    let counts = load(&ground, &demonstration).await?;
    let engine = ground.judge().await?;
    if arguments.once {
        summarize(&engine, counts, began, as_json).await?;
        engine.stop().await;
        return Ok(None);
    }
    let (authority, token) = authority(&engine, &settings.data()).await?;
    let people = demo_people(&engine, &authority, settings.text(keys::CITY)).await?;
    let casework = Casework::open(&engine, &authority, &settings).await?;
    if !people.is_empty() {
        let (city, now) = (settings.text(keys::CITY), clock::now());
        demo_cases::open(&casework, &authority, city, now).await?;
        demo_reports::open(&engine, &authority, city, now).await?;
        let nouns = engine.registry.snapshot();
        demo_marks::make(&engine.store, &nouns, &authority, city, now).await?;
    }
    let (city, judges) = (settings.text(keys::CITY).to_owned(), authority.clone());
    let server = start(engine, authority, casework, metrics, settings).await?;
    if !people.is_empty() {
        demo_findings::judge(&server.state, &judges, &city).await?;
    }
    // Devices send by the machine's time: to a city that is ahead they would tell of the past.
    let fleet = (!clock::is_moved()).then(|| demonstration.fleet(server.hj212().to_string()));
    let devices = fleet.as_ref().map(|_| demonstration.sites().len());
    say_what_to_see(&server, &token, &people, devices, began);
    Ok(Some((server, fleet)))
}

/// The demo's terminal is for what there is to see; a log level that somebody chose stays.
fn quieten(settings: &mut Settings) {
    settings.default_to(keys::LOG_LEVEL, "warn");
}

async fn install_city(settings: &Settings) -> Result<(), Failure> {
    let _lock = opened::lock(&settings.data())?;
    let files = city::read(settings.text(keys::CITY))?;
    let store = opened::store(settings).await?;
    let installed = city::install(&store, &files).await;
    store.close().await;
    let cure = "Remove the demo's data folder to begin anew.".to_owned();
    installed.map(|_| ()).map_err(|failure| Failure { cure, ..failure })
}

/// A folder that has been shown at a later time holds what has not happened yet.
fn refuse_to_go_back(ground: &Ground) -> Result<(), Failure> {
    let latest = ground.recorder.latest();
    let newest = [Period::Minute, Period::Hour, Period::Day]
        .into_iter()
        .flat_map(|period| latest.of_period(period))
        .map(|row| row.received_at)
        .max();
    let now = clock::now();
    match newest.filter(|newest| newest.duration_since(now) > JITTER) {
        None => Ok(()),
        Some(newest) => Err(Failure::of_use(
            "demo.ahead",
            format!(
                "the data folder has been shown as it will stand at {}, and here it is {}",
                beijing_minute(newest),
                beijing_minute(now)
            ),
            "Look further ahead with --ahead, or remove the demo's data folder to begin anew.",
        )),
    }
}

fn beijing_minute(at: Timestamp) -> String {
    beijing_offset().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Records what the devices have sent in the last thirty days, and has it judged meanwhile.
async fn load(ground: &Ground, demonstration: &Demonstration) -> Result<HistoryCounts, Failure> {
    const WHOLE: u64 = 1000;
    let bar = progress(WHOLE, "30 days of history");
    let history = demonstration.history(ground.recorder.latest());
    let record = async {
        let recorded = history.record(&ground.recorder, |done, _| {
            bar.set_position((done * WHOLE as f64) as u64);
        });
        recorded.await.map_err(|error| {
            let cure = "Make room on the disk; run the demo again, it goes on where it stopped.";
            Failure::caused(error.code(), &error, cure)
        })
    };
    let judging = |done, total| {
        bar.set_message("judging it");
        bar.set_length(total);
        bar.set_position(done);
    };
    let counts = ground.judge_while(record, judging).await;
    bar.finish_and_clear();
    counts
}

async fn summarize(
    engine: &Engine,
    counts: HistoryCounts,
    began: Instant,
    as_json: bool,
) -> Result<(), Failure> {
    let snapshot = engine.registry.snapshot();
    let points = |kind| snapshot.points_of(kind).count();
    let alerts = evaluation::open_alert_counts(&engine.store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
    let alerts: i64 = alerts.iter().map(|(_, count)| *count).sum();
    let seconds = began.elapsed().as_secs_f64();
    if as_json {
        say!(
            "{}",
            json!({
                "city": snapshot.city.key,
                "air_stations": points(PointKind::AirStation),
                "water_sections": points(PointKind::WaterSection),
                "outlets": points(PointKind::Outlet),
                "devices": snapshot.devices().count(),
                "packets": counts.packets,
                "rows": counts.rows,
                "values": counts.values,
                "commits": engine.recorder.health().block,
                "open_alerts": alerts,
                "seconds": seconds,
            })
        );
        return Ok(());
    }
    say!("演示数据 / demo data: {} {}", snapshot.city.name.zh, snapshot.city.name.en);
    say!("air stations    {}", points(PointKind::AirStation));
    say!("water sections  {}", points(PointKind::WaterSection));
    say!("outlets         {}", points(PointKind::Outlet));
    say!("loaded          {} packets, {} values", counts.packets, counts.values);
    say!("open alerts     {alerts}");
    say!("took            {seconds:.1} s");
    Ok(())
}

/// The operator's token of the demonstration: the same at each start.
async fn authority(engine: &Engine, data: &Path) -> Result<(Authority, String), Failure> {
    let failed = |error: &authority::AuthorityError| {
        Failure::caused("authority", error, "Remove the demo's data folder to begin anew.")
    };
    let now = clock::now();
    let opened = Authority::open(&engine.store, now).await;
    let (authority, made) = opened.map_err(|error| failed(&error))?;
    let file = data.join(TOKEN);
    let kept = std::fs::read_to_string(&file).ok().map(|text| text.trim().to_owned());
    let kept = match kept {
        Some(token) => {
            let known = authority.verify(&token, now).await.map_err(|error| failed(&error))?;
            known.map(|_| token)
        }
        None => None,
    };
    let token = match (made, kept) {
        (Some(token), _) => token,
        (None, Some(token)) => return Ok((authority, token)),
        (None, None) => {
            let issued = authority.rotate(&engine.store, Role::Operator, now).await;
            issued.map_err(|error| failed(&error))?
        }
    };
    keep(&file, &token).map_err(|error| {
        Failure::caused("data.folder", &error, "Let this user write into the data folder.")
    })?;
    Ok((authority, token))
}

/// Writes a file that only its owner reads.
fn keep(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{text}")
}

/// Opens the doors. Nobody but the simulated devices needs the receiver's port, so another one is
/// taken where the usual one is not free and nobody asked for it.
async fn start(
    engine: Engine,
    authority: Authority,
    casework: Casework,
    metrics: PrometheusHandle,
    mut settings: Settings,
) -> Result<Server, Failure> {
    let usual = settings.address(keys::HJ212_LISTEN);
    if std::net::TcpListener::bind(usual).is_err() {
        settings.default_to(keys::HJ212_LISTEN, "127.0.0.1:0");
    }
    Server::start(engine, authority, casework, metrics, &settings).await
}

/// The invented people of the city, where its files have some.
async fn demo_people(
    engine: &Engine,
    authority: &Authority,
    city: &str,
) -> Result<Vec<DemoPerson>, Failure> {
    let Some(table) = city::demo_file(city, "people.csv") else { return Ok(Vec::new()) };
    let (snapshot, now) = (engine.registry.snapshot(), clock::now());
    people::found_organisations(authority, &snapshot, now).await.map_err(|error| {
        Failure::caused(error.code(), &error, "Remove the demo's data folder to begin anew.")
    })?;
    people::make_demo_people(authority, &snapshot, &table, now).await
}

fn say_what_to_see(
    server: &Server,
    token: &str,
    people: &[DemoPerson],
    devices: Option<usize>,
    began: Instant,
) {
    let at = server.http;
    say!("演示城市已启动 / the demo city lives, after {:.1} s", began.elapsed().as_secs_f64());
    say!("演示数据：企业与数值均为虚构 / demo data: enterprises and values are invented");
    if let Some(devices) = devices {
        say!("{devices} simulated devices deliver HJ 212 packets to {}", server.hj212());
    } else {
        let at = beijing_minute(clock::now());
        say!("演示时间 {at}，设备不发送 / shown as it will stand at {at}; no device sends");
    }
    say!("");
    for (path, zh, en) in [
        ("", "首页：空气、断面、排名、地图", "home: air, sections, ranking, map"),
        ("air/stations/2074A", "空气站", "an air station, and why its index is what it is"),
        ("water/sections", "断面", "water sections with class"),
        ("outlets", "排放口与限值", "outlets with their limits"),
        ("report", "我要举报", "report pollution"),
        ("reports?view=public", "执行报告", "execution reports"),
        ("cases/kinds", "事项类型与时限", "kinds of cases and their clocks"),
        ("api", "开放接口", "the open interface"),
    ] {
        say!("  http://{at}/{path:<20} {zh} / {en}");
    }
    say!("");
    say!("运维与预警需登录 / sign in for the operator's pages and alerts:");
    say!("  http://{at}/operator/sign-in?token={token}");
    say!("  http://{at}/operator   http://{at}/alerts");
    if !people.is_empty() {
        say!("");
        say!("演示人员，一次性登录链接 / invented people, each link signs in once:");
    }
    for DemoPerson { login, zh, en, link } in people {
        say!("  http://{at}/sign-in/link?token={link}  {login}  {zh} / {en}");
    }
    say!("");
    say!("Ctrl-C 结束 / ends it");
}
