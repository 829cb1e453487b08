//! `lucid serve`: receive, judge, publish, until asked to end.

use authority::Authority;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::arguments::{Common, Serve};
use crate::casework::Casework;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::engine::Ground;
use crate::exit::{Exit, Failure, Outcome};
use crate::server::{Ending, Server};
use crate::terminal::{note, say};
use crate::{counters, logging, opened, people};

pub(crate) fn run(arguments: &Serve, common: &Common) -> Outcome {
    let mut given = common.given();
    for (key, flag, value) in [
        (keys::HTTP_LISTEN, "--http", &arguments.http),
        (keys::HJ212_LISTEN, "--hj212", &arguments.hj212),
    ] {
        given.values.extend(value.clone().map(|value| (key, flag, value)));
    }
    let settings = Settings::load(&given)?;
    let telemetry = logging::start(&settings)?;
    let metrics = counters::count()?;
    existing(&settings)?;
    opened::block_on(async {
        let mut ending = Ending::listen()?;
        let server = tokio::select! {
            server = start(&settings, metrics, common.json) => server?,
            () = ending.asked() => return Ok(Exit::Ok),
        };
        ending.asked().await;
        note!("ending");
        server.stop().await;
        telemetry.end();
        Ok(Exit::Ok)
    })?
}

async fn start(
    settings: &Settings,
    metrics: PrometheusHandle,
    as_json: bool,
) -> Result<Server, Failure> {
    let engine = Ground::open(settings).await?.judge().await?;
    let accounts = people::settings(settings)?;
    let opened = Authority::open_with(&engine.store, accounts, Timestamp::now()).await;
    let failed = |error| Failure::caused("authority", &error, "`lucid doctor` says more.");
    let (authority, token) = opened.map_err(failed)?;
    let now = Timestamp::now();
    let link = authority.first_administrator(now).await.map_err(failed)?;
    if link.is_some() {
        let snapshot = engine.registry.snapshot();
        people::found_organisations(&authority, &snapshot, now).await.map_err(failed)?;
    }
    let casework = Casework::open(&engine, &authority, settings).await?;
    let server = Server::start(engine, authority, casework, metrics, settings).await?;
    say_where(&server, token.as_deref(), link.as_deref(), as_json);
    Ok(server)
}

fn say_where(server: &Server, token: Option<&str>, link: Option<&str>, as_json: bool) {
    let (http, hj212) = (server.http, server.hj212());
    let sign_in = token.map(|token| format!("http://{http}/operator/sign-in?token={token}"));
    let administrator = link.map(|link| format!("http://{http}/sign-in/link?token={link}"));
    if as_json {
        say!(
            "{}",
            json!({
                "http": http.to_string(),
                "hj212": hj212.to_string(),
                "sql": server.sql.map(|sql| sql.to_string()),
                "token": token,
                "sign_in": sign_in,
                "administrator": administrator,
            })
        );
        return;
    }
    say!("pages and API    http://{http}/");
    say!("HJ 212 devices   {hj212}");
    if let Some(sql) = server.sql {
        say!("SQL (PostgreSQL) {sql}");
    }
    if let (Some(token), Some(sign_in)) = (token, sign_in) {
        say!("");
        say!("operator's token, shown this once: {token}");
        say!("sign in with it: {sign_in}");
    }
    if let Some(link) = administrator {
        say!("");
        say!("administrator, choose a password within a day: {link}");
        say!("(the link works once; `lucid user reset administrator` makes another)");
    }
}
