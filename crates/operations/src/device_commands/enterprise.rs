//! Commands to an enterprise's devices in its timeline: for those who read operations.

use super::{commands, problem_of, words};
use authority::{Action, Principal, Subject, decide};
use ingest::commands::CommandFilter;
use registry::EnterpriseId;
use web::{AppState, Happening, Problem, Reader};

/// So many of each device.
const TOLD: u32 = 50;

pub(super) async fn timeline(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Result<Vec<Happening>, Problem> {
    let may_read = principal.is_some_and(|principal| {
        decide(principal, Action::ReadOperations, &Subject::installation()).is_allowed()
    });
    // Where nothing receives there are no commands.
    let Ok(commands) = commands(state) else { return Ok(Vec::new()) };
    if !may_read {
        return Ok(Vec::new());
    }
    let snapshot = state.snapshot();
    let mut told = Vec::new();
    for point in snapshot.outlets_of(enterprise) {
        for device in snapshot.devices_of(point.id) {
            let filter =
                CommandFilter { mn: device.mn.clone(), limit: TOLD, ..CommandFilter::default() };
            for command in commands.list(&filter).await.map_err(problem_of)? {
                let name = words::name(reader, &command.cn);
                let state = words::state(reader, command.state);
                told.push(Happening {
                    at: command.asked_at,
                    kind: reader.pick("设备指令", "command").to_owned(),
                    title: format!("{} · {} {name} · {state}", device.mn, command.cn),
                    link: Some(format!("/operator/commands/{}", command.id.0)),
                });
            }
        }
    }
    Ok(told)
}
