//! Who sees a case: nothing is promised to somebody who is not there, nothing personal is shown.

use rulebook::Text;

use super::{Checker, at_transition};
use crate::words::{EnterpriseSees, Owner, PublicView, Told, Who};

pub(super) fn check(checker: &mut Checker<'_>) {
    personal(checker);
    published(checker);
    reporters(checker);
    enterprises(checker);
}

fn personal(checker: &mut Checker<'_>) {
    for field in &checker.kind.fields {
        if field.personal && (field.public || field.enterprise) {
            checker.report(
                "case_kind.personal",
                &format!("fields.{}", field.id),
                Text::fixed(
                    "个人信息不能向公众或企业显示",
                    "what is personal is shown neither to everybody nor to the enterprise",
                ),
                Text::fixed(
                    "删去 public、enterprise，或不标 personal",
                    "remove `public` and `enterprise`, or `personal` where it is not",
                ),
            );
        }
    }
}

fn published(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    let is_public = kind.public_view == PublicView::Anonymised;
    if is_public && !kind.transitions.iter().any(|it| it.publishes) {
        checker.report(
            "case_kind.published",
            "public_view",
            Text::fixed("没有操作会公开", "no transition publishes the case"),
            Text::fixed(
                "给某个操作写 publishes = true，或写 public_view = \"none\"",
                "write publishes = true in a transition, or public_view = \"none\"",
            ),
        );
    }
    if is_public {
        return;
    }
    let fields = kind.fields.iter().filter(|field| field.public);
    let fields = fields.map(|field| format!("fields.{}.public", field.id));
    let transitions = kind.transitions.iter().filter(|it| it.publishes);
    let transitions = transitions.map(|it| format!("{}.publishes", at_transition(&it.id)));
    for place in fields.chain(transitions) {
        checker.report(
            "case_kind.published",
            &place,
            Text::fixed("该类事项不公开", "cases of this kind are not public"),
            Text::fixed(
                "删去，或写 public_view = \"anonymised\"",
                "remove it, or write public_view = \"anonymised\"",
            ),
        );
    }
}

/// Everything that takes a reporter to be there, where nobody reports.
fn reporters(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    if kind.opens.public {
        return;
    }
    let mut places = Vec::new();
    if kind.opens.tells.contains(&Told::Reporter) {
        places.push("opens.tells".to_owned());
    }
    for transition in &kind.transitions {
        let at = |key: &str| format!("{}.{key}", at_transition(&transition.id));
        places.extend((transition.who == Who::Reporter).then(|| at("who")));
        places.extend(transition.tells.contains(&Told::Reporter).then(|| at("tells")));
        places.extend(transition.issues_claim_code.then(|| at("issues_claim_code")));
    }
    let clocks = kind.clocks.iter().filter(|clock| clock.owner == Owner::Reporter);
    places.extend(clocks.map(|clock| format!("clocks.{}.owner", clock.id)));
    places.extend(
        kind.fields.iter().filter(|it| it.reporter).map(|it| format!("fields.{}.reporter", it.id)),
    );
    for place in places {
        checker.report(
            "case_kind.nobody",
            &place,
            Text::fixed("该类事项没有反映人", "cases of this kind have no reporter"),
            Text::fixed(
                "删去，或写 opens.public = true",
                "remove it, or write opens.public = true",
            ),
        );
    }
}

fn enterprises(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    let mut places = Vec::new();
    for transition in &kind.transitions {
        let at = |key: &str| format!("{}.{key}", at_transition(&transition.id));
        places.extend((transition.who == Who::Enterprise).then(|| at("who")));
        places.extend(transition.shares_with_enterprise.then(|| at("shares_with_enterprise")));
        places.extend(transition.tells.contains(&Told::Enterprise).then(|| at("tells")));
    }
    let clocks = kind.clocks.iter().filter(|clock| clock.owner == Owner::Enterprise);
    places.extend(clocks.map(|clock| format!("clocks.{}.owner", clock.id)));
    places.extend(
        kind.fields
            .iter()
            .filter(|field| field.enterprise)
            .map(|field| format!("fields.{}.enterprise", field.id)),
    );
    if kind.enterprise_sees == EnterpriseSees::Never {
        for place in places {
            checker.report(
                "case_kind.nobody",
                &place,
                Text::fixed("企业看不到该类事项", "enterprises never see cases of this kind"),
                Text::fixed(
                    "删去，或写 enterprise_sees = \"when_shared\"",
                    "remove it, or write enterprise_sees = \"when_shared\"",
                ),
            );
        }
    } else if kind.enterprise_sees == EnterpriseSees::WhenShared
        && !kind.transitions.iter().any(|it| it.shares_with_enterprise)
    {
        checker.report(
            "case_kind.nobody",
            "enterprise_sees",
            Text::fixed("没有操作会推送给企业", "no transition shares the case with an enterprise"),
            Text::fixed(
                "给某个操作写 shares_with_enterprise = true，或写 enterprise_sees = \"never\"",
                "write shares_with_enterprise = true in a transition, or \
                 enterprise_sees = \"never\"",
            ),
        );
    }
}
