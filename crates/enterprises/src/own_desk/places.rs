//! For which enterprises somebody speaks.

use authority::{Principal, Reach, Role};
use axum::http::StatusCode;
use registry::{Enterprise, Snapshot};
use web::Problem;

/// The enterprises of an account, in the order of the city's files.
pub(super) fn of<'snapshot>(
    snapshot: &'snapshot Snapshot,
    principal: &Principal,
) -> Vec<&'snapshot Enterprise> {
    let speaks_for = |one: &Enterprise| {
        principal.grants.iter().any(|grant| {
            grant.role == Role::EnterpriseManager
                && matches!(&grant.reach, Reach::Enterprise(code) if *code == one.code)
        })
    };
    snapshot.enterprises().filter(|one| speaks_for(one)).collect()
}

/// The enterprise asked for, else the first.
///
/// # Errors
/// 403 for an account that speaks for none, and for an enterprise that is not its own.
pub(super) fn chosen<'snapshot>(
    own: &[&'snapshot Enterprise],
    code: Option<&str>,
) -> Result<&'snapshot Enterprise, Problem> {
    let code = code.filter(|code| !code.is_empty());
    let found = match code {
        Some(code) => own.iter().find(|one| one.code == code),
        None => own.first(),
    };
    found.copied().ok_or_else(|| {
        if own.is_empty() {
            Problem::new(
                StatusCode::FORBIDDEN,
                "own_desk.no_enterprise",
                "此页供企业环保负责人使用;监管人员请从企业页面查看。账号由管理员授予企业权限",
                "this is for who speaks for an enterprise; officers look at the enterprise's page. \
                 An administrator grants the role",
            )
        } else {
            Problem::new(
                StatusCode::FORBIDDEN,
                "own_desk.not_own",
                "您的账号不代表这家企业",
                "your account does not speak for this enterprise",
            )
        }
    })
}
