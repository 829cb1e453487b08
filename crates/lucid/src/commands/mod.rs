//! The commands, one file each.

mod backup;
pub(crate) mod case_kind;
pub(crate) mod checks;
mod config;
mod conformance;
mod demo;
mod doctor;
mod evaluate;
pub(crate) mod evidence;
mod export;
mod files;
pub(crate) mod history;
mod hj212;
pub(crate) mod import;
mod init;
pub(crate) mod log;
pub(crate) mod migrate;
pub(crate) mod permit;
pub(crate) mod plan;
mod receive;
mod serve;
pub(crate) mod source;
pub(crate) mod sql;
mod standards;
pub(crate) mod user;

pub(crate) use doctor::font_shelf;

use crate::arguments::{Arguments, Command, Config};
use crate::configuration::Settings;
use crate::exit::{Exit, Outcome};

/// Does what the command line says.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    let common = &arguments.common;
    match &arguments.command {
        Command::Evaluate(what) => evaluate::run(what, common.json),
        Command::Standards(what) => standards::run(what, common.json),
        Command::Conformance(what) => conformance::run(what, common.json),
        Command::Config(Config::Show { explain }) => {
            config::show(&Settings::load(&common.given())?, *explain, common.json);
            Ok(Exit::Ok)
        }
        Command::Init(what) => init::run(what, common),
        Command::Import(what) => import::run(what, common),
        Command::Export(what) => export::run(what, common),
        Command::Hj212(what) => hj212::run(what, common),
        Command::Backup { file } => backup::backup(file, common),
        Command::Restore { file, check } => backup::restore(file, *check, common),
        Command::Migrate(what) => migrate::run(what, common),
        Command::Doctor { deep } => doctor::run(*deep, common),
        Command::Serve(what) => serve::run(what, common),
        Command::Receive(what) => receive::run(what, common),
        Command::Demo(what) => demo::run(what, common),
        Command::Source(what) => source::run(what, common),
        Command::Sql(what) => sql::run(what, common),
        Command::User(what) => user::run(what, common),
        Command::Log(what) => log::run(what, common),
        Command::History(what) => history::run(what, common),
        Command::Evidence(what) => evidence::run(what, common),
        Command::Permit(what) => permit::run(what, common),
        Command::CaseKind(what) => case_kind::run(what, common),
        Command::Checks(what) => checks::run(what, common),
        Command::Plan(what) => plan::run(what, common),
    }
}
