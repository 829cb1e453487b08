//! Every problem that a declaration can have: a sound one, one change, and what is found.

use crate::common::{SHIPPED, shipped};
use caseflow::{CaseKind, FieldForm, Problem};
use rulebook::{Confidence, Language};

const SMALL: &str = include_str!("small.toml");

/// What is replaced by what, and the code and place of the problem that comes of it.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    // The shape of the file.
    ("id = \"small\"", "id = small", "case_kind.syntax", "file"),
    ("id = \"small\"\n", "", "case_kind.missing", "id"),
    ("id = \"small\"", "id = \"\"", "case_kind.wrong_form", "id"),
    ("version = 1", "version = \"1\"", "case_kind.wrong_form", "version"),
    ("version = 1", "version = -1", "case_kind.wrong_form", "version"),
    ("en = \"Small\"", "de = \"Klein\"", "case_kind.wrong_form", "name"),
    ("public = true\nneeds", "public = \"yes\"\nneeds", "case_kind.wrong_form", "opens.public"),
    ("needs = [\"what\"]", "needs = \"what\"", "case_kind.wrong_form", "opens.needs"),
    ("[opens]\n", "[openings]\n", "case_kind.missing", "opens"),
    ("prefix = \"SM\"", "prefix = \"SM\"\ncolour = \"red\"", "case_kind.unknown_key", "colour"),
    ("form = \"text\"", "form = \"words\"", "case_kind.unknown_word", "fields.what.form"),
    ("who = \"any\"", "who = \"all\"", "case_kind.unknown_word", "transitions.extend.who"),
    ("by = \"accept_case\"", "by = 1", "case_kind.wrong_form", "transitions.extend.by"),
    ("by = \"act_on_case\"\nroles", "roles", "case_kind.missing", "transitions.ask.by"),
    (
        "tells = [\"reporter\"]",
        "tells = [\"all\"]",
        "case_kind.unknown_word",
        "transitions.close.tells",
    ),
    ("starts = \"open\"", "starts = \"soon\"", "case_kind.unknown_word", "clocks.finish.starts"),
    ("owner = \"reporter\"\n", "", "case_kind.missing", "clocks.review.owner"),
    ("deadline = \"complaint.finish\"\n", "", "case_kind.length", "clocks.finish"),
    (
        "amount = 30\n",
        "amount = 30\ndeadline = \"ogi.reply\"\n",
        "case_kind.length",
        "clocks.review",
    ),
    (
        "unit = \"calendar_day\"\nsource",
        "unit = \"week\"\nsource",
        "case_kind.unknown_word",
        "clocks.review.unit",
    ),
    (
        "confidence = \"low\"",
        "confidence = \"P\"",
        "case_kind.unknown_word",
        "clocks.review.confidence",
    ),
    ("source = \"the tests\"\n", "", "case_kind.missing", "clocks.review.source"),
    (
        "choices = [{ id = \"big\", zh",
        "choices = [1, { id = \"big\", zh",
        "case_kind.wrong_form",
        "fields.size.choices[1]",
    ),
    // Names.
    ("id = \"small\"", "id = \"Small\"", "case_kind.id", "id"),
    ("id = \"caller\"", "id = \"all\"", "case_kind.id", "fields.all"),
    ("prefix = \"SM\"", "prefix = \"sm\"", "case_kind.prefix", "prefix"),
    ("version = 1", "version = 0", "case_kind.version", "version"),
    ("id = \"by_day\"\nname", "id = \"what\"\nname", "case_kind.twice", "fields.what"),
    ("{ id = \"small\", zh", "{ id = \"big\", zh", "case_kind.twice", "fields.size.choices"),
    ("initial = \"open\"", "initial = \"new\"", "case_kind.unknown_name", "initial"),
    ("to = \"asked\"", "to = \"nowhere\"", "case_kind.unknown_name", "transitions.ask.to"),
    (
        "from = [\"asked\"]",
        "from = [\"nowhere\"]",
        "case_kind.unknown_name",
        "transitions.explain.from",
    ),
    ("from = [\"asked\"]", "from = []", "case_kind.from", "transitions.explain.from"),
    (
        "stops = [\"explain\"]",
        "stops = [\"talk\"]",
        "case_kind.unknown_name",
        "transitions.explain.stops",
    ),
    (
        "clock = \"finish\"",
        "clock = \"end\"",
        "case_kind.unknown_name",
        "transitions.extend.extends",
    ),
    (
        "running = [\"review\"]",
        "running = [\"time\"]",
        "case_kind.unknown_name",
        "transitions.ask_review.needs.running",
    ),
    (
        "another_than = [\"ask\"]",
        "another_than = [\"it\"]",
        "case_kind.unknown_name",
        "transitions.close.needs.another_than",
    ),
    ("needs = [\"what\"]", "needs = [\"what\", \"why\"]", "case_kind.unknown_name", "opens.needs"),
    (
        "template = \"closed\"",
        "template = \"open\"",
        "case_kind.unknown_name",
        "transitions.close.template",
    ),
    ("\"complaint.finish\"", "\"complaint.forget\"", "case_kind.unknown_name", "clocks.finish"),
    ("\"complaint.finish\"", "\"disclosure.annual\"", "case_kind.deadline", "clocks.finish"),
    ("is closed: {what}", "is closed: {where}", "case_kind.unknown_name", "templates.closed"),
    ("is closed: {what}", "is closed: {caller}", "case_kind.personal", "templates.closed"),
    ("form = \"text\"", "form = \"choice\"", "case_kind.choices", "fields.what.choices"),
    ("form = \"choice\"", "form = \"text\"", "case_kind.choices", "fields.size.choices"),
    ("is = [\"big\"]", "is = [\"huge\"]", "case_kind.condition", "transitions.ask.only_when"),
    ("is = [\"big\"]", "is = []", "case_kind.condition", "transitions.ask.only_when"),
    ("may_fill = [\"caller\"]\n", "", "case_kind.unused", "fields.caller"),
    ("template = \"closed\"\n", "", "case_kind.unused", "templates.closed"),
    (
        "until_field = \"by_day\"",
        "until_field = \"what\"",
        "case_kind.until_field",
        "clocks.explain",
    ),
    ("amount = 30\n", "amount = 0\n", "case_kind.length", "clocks.review"),
    ("amount = 10,", "amount = 60,", "case_kind.warn", "clocks.finish.warn"),
    ("amount = 10,", "amount = 0,", "case_kind.warn", "clocks.finish.warn"),
    (
        "suspends = [\"finish\"]",
        "suspends = [\"explain\"]",
        "case_kind.contradiction",
        "transitions.ask.starts",
    ),
    (
        "warn = [{ amount = 10, unit = \"calendar_day\" }]",
        "warn = [{ amount = 3, unit = \"hour\" }, { amount = 10, unit = \"hour\" }]",
        "case_kind.order",
        "clocks.finish.warn",
    ),
    (
        "escalate = [{ after = { amount = 0, unit = \"hour\" }",
        "escalate = [{ after = { amount = 9, unit = \"hour\" }, to = \"leader\" }, { after = { amount = 0, unit = \"hour\" }",
        "case_kind.order",
        "clocks.finish.escalate",
    ),
    // Who sees it.
    ("personal = true", "personal = true\npublic = true", "case_kind.personal", "fields.caller"),
    (
        "personal = true",
        "personal = true\nenterprise = true",
        "case_kind.personal",
        "fields.caller",
    ),
    ("publishes = true\n", "", "case_kind.published", "public_view"),
    ("shares_with_enterprise = true\n", "", "case_kind.nobody", "enterprise_sees"),
    // The ways through.
    ("final = true\n", "", "case_kind.no_end", "states"),
    ("to = \"asked\"", "to = \"same\"", "case_kind.unreachable", "states.asked"),
    (
        "from = [\"asked\"]\nto = \"open\"",
        "from = [\"asked\"]\nto = \"same\"",
        "case_kind.no_way_out",
        "states.asked",
    ),
    ("starts = [\"review\"]\n", "", "case_kind.never_started", "clocks.review"),
    (
        "stops = [\"all\"]",
        "stops = [\"explain\"]",
        "case_kind.runs_after_end",
        "transitions.close.stops",
    ),
    ("right = true\n", "", "case_kind.runs_after_end", "transitions.close.stops"),
    (
        "from = [\"done\"]\nto = \"same\"",
        "from = [\"open\"]\nto = \"same\"",
        "case_kind.in_vain",
        "transitions.ask_review.needs.running",
    ),
    (
        "resumes = [\"finish\"]",
        "resumes = [\"review\"]",
        "case_kind.in_vain",
        "transitions.explain.resumes",
    ),
    (
        "right = true",
        "right = true\nescalate = [{ after = { amount = 0, unit = \"hour\" }, to = \"leader\" }]",
        "case_kind.right",
        "clocks.review.escalate",
    ),
    (
        "fields = [\"by_day\", \"size\"] }\nmay_fill = [\"caller\"]\nonly_when",
        "fields = [\"size\"] }\nmay_fill = [\"caller\"]\nonly_when",
        "case_kind.unused",
        "fields.by_day",
    ),
    (
        "who = \"any\"\nextends",
        "who = \"system\"\nroles = [\"leader\"]\nextends",
        "case_kind.nobody",
        "transitions.extend.roles",
    ),
    (
        "extends = [{ clock = \"finish\"",
        "extends = [{ clock = \"explain\"",
        "case_kind.in_vain",
        "transitions.extend.extends",
    ),
];

fn problems(text: &str) -> Vec<Problem> {
    CaseKind::load("small.toml", text).map_or_else(|problems| problems, |_| Vec::new())
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_declaration_has_no_problem() {
    assert_eq!(shown(&problems(SMALL)), "");
    let kind = CaseKind::load("small.toml", SMALL).expect("a sound kind");
    assert_eq!((kind.file.as_str(), kind.text.as_str()), ("small.toml", SMALL));
    for (id, _) in SHIPPED {
        assert_eq!(shipped(id).id, *id);
    }
}

#[test]
fn every_change_for_the_worse_is_found_where_it_is() {
    for (sound, worse, code, place) in CHANGES {
        assert!(SMALL.contains(sound), "{sound}");
        let found = problems(&SMALL.replacen(sound, worse, 1));
        let wanted = found.iter().find(|problem| problem.code == *code && problem.place == *place);
        let problem = wanted.unwrap_or_else(|| panic!("{worse}\n{}", shown(&found)));
        for text in [&problem.what, &problem.cure] {
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{problem}");
        }
    }
}

#[test]
fn a_problem_names_its_line() {
    let text = SMALL.replacen("to = \"asked\"", "to = \"nowhere\"", 1);
    let line = text.lines().position(|line| line == "to = \"nowhere\"").expect("the line") + 1;
    let found = problems(&text);
    assert_eq!(found[0].line, u32::try_from(line).ok());
    let plain = found[0].to_plain(Language::Chinese);
    let wanted = format!("small.toml:{line}: transitions.ask.to: 没有状态 \"nowhere\"；");
    assert!(plain.starts_with(&wanted.replace('；', "; ")), "{plain}");
}

#[test]
fn all_that_is_wrong_with_the_shape_is_said_at_once() {
    let text = SMALL.replacen("version = 1", "version = 1.5", 1);
    let text = text.replacen("form = \"text\"", "form = \"words\"", 1);
    let text = text.replacen("owner = \"reporter\"\n", "", 1);
    let codes: Vec<&str> = problems(&text).iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["case_kind.wrong_form", "case_kind.unknown_word", "case_kind.missing"]);
}

#[test]
fn where_nobody_reports_nothing_is_promised_to_a_reporter() {
    let text = SMALL.replacen("public = true\nneeds", "public = false\nneeds", 1);
    let places: Vec<String> = problems(&text).into_iter().map(|problem| problem.place).collect();
    assert_eq!(
        places,
        ["transitions.close.tells", "transitions.ask_review.who", "clocks.review.owner"]
    );
}

#[test]
fn where_enterprises_see_nothing_nothing_is_asked_of_them() {
    let text = SMALL.replacen("\"when_shared\"", "\"never\"", 1);
    let places: Vec<String> = problems(&text).into_iter().map(|problem| problem.place).collect();
    assert_eq!(
        places,
        [
            "transitions.ask.shares_with_enterprise",
            "transitions.ask.tells",
            "transitions.explain.who",
            "clocks.explain.owner",
        ]
    );
}

#[test]
fn what_is_not_public_publishes_nothing() {
    let text = SMALL.replacen("\"anonymised\"", "\"none\"", 1);
    let places: Vec<String> = problems(&text).into_iter().map(|problem| problem.place).collect();
    assert_eq!(places, ["fields.what.public", "transitions.close.publishes"]);
}

#[test]
fn an_enterprise_is_asked_only_after_the_case_was_shared() {
    let text = SMALL.replacen("shares_with_enterprise = true\n", "", 1);
    let text =
        text.replacen("publishes = true\n", "publishes = true\nshares_with_enterprise = true\n", 1);
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{}", shown(&found));
    assert_eq!(found[0].place, "transitions.explain.who");
}

#[test]
fn a_day_in_a_field_is_neither_suspended_nor_extended() {
    let text = SMALL.replacen("resumes = [\"finish\"]", "resumes = [\"finish\", \"explain\"]", 1);
    let text = text.replacen("stops = [\"explain\"]\n", "", 1);
    assert!(problems(&text).iter().any(|problem| problem.code == "case_kind.day_stays"));
}

#[test]
fn a_clock_up_to_a_day_starts_only_where_the_day_can_be_filled_in() {
    let text = SMALL.replacen("fields = [\"by_day\", \"size\"]", "fields = [\"size\"]", 1);
    let text = text.replacen("who = \"any\"\n", "who = \"any\"\nmay_fill = [\"by_day\"]\n", 1);
    let found = problems(&text);
    assert_eq!(found.len(), 1, "{}", shown(&found));
    assert_eq!(found[0].code, "case_kind.day_unknown");
    assert_eq!(found[0].place, "transitions.ask.needs.fields");
}

#[test]
fn words_of_actions_and_roles_are_checked_by_who_knows_them() {
    let kind = CaseKind::load("small.toml", SMALL).expect("a sound kind");
    assert_eq!(kind.check_words(&["open_case", "act_on_case", "accept_case"], &["inspector"]), []);
    let found = kind.check_words(&["open_case", "act_on_case"], &[]);
    let places: Vec<&str> = found.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["transitions.ask.roles", "transitions.extend.by", "transitions.close.by"]);
    assert!(found[1].cure.en.contains("act_on_case"), "{}", found[1]);
}

#[test]
fn a_role_that_may_not_do_what_is_asked_is_named() {
    let kind = CaseKind::load("small.toml", SMALL).expect("a sound kind");
    assert_eq!(
        kind.check_duties(|role, action| (role, action) == ("inspector", "act_on_case")),
        []
    );
    let found = kind.check_duties(|_, _| false);
    assert_eq!(shown(&found).matches("[case_kind.nobody]").count(), 1, "{}", shown(&found));
    assert_eq!(found[0].place, "transitions.ask.roles");
}

#[test]
fn the_rectification_plan_has_the_five_fields_of_the_code() {
    let kind = shipped("inspection_rectification");
    let five = ["implementing_body", "goal", "deadline", "measures", "accepting_unit"];
    for id in five.iter().chain(&["leader_in_charge"]) {
        for transition in ["draw_up", "approve_plan"] {
            let transition = kind.transition(transition).expect("a transition");
            assert!(transition.needs.fields.iter().any(|field| field == id), "{id}");
        }
        assert!(kind.field(id).is_some_and(|field| field.public), "{id}");
    }
    assert_eq!(kind.field("deadline").map(|field| field.form), Some(FieldForm::Date));
}

#[test]
fn a_clock_that_is_recalled_stays_marked() {
    let on = "2026-11-25".parse().expect("a day");
    for (id, clock, wanted) in [
        ("inspection_rectification", "plan", Confidence::Memory),
        ("inspection_rectification", "notice", Confidence::Memory),
        ("grid_event", "hard", Confidence::Memory),
        ("alert_disposal", "file", Confidence::Medium),
        ("public_complaint", "finish", Confidence::High),
        ("environmental_emergency", "report_major", Confidence::High),
    ] {
        let kind = shipped(id);
        let length = &kind.clock(clock).expect("a clock").length;
        assert_eq!(length.on(on).expect("a length").confidence, wanted, "{id} {clock}");
    }
}

#[test]
fn what_shows_an_enterprise_says_nothing_of_who_complained() {
    let kind = shipped("public_complaint");
    let shown = kind.fields.iter().filter(|field| field.enterprise);
    let shown: Vec<&str> = shown.map(|field| field.id.as_str()).collect();
    assert_eq!(shown, ["visited_on", "question", "explain_by", "explanation"]);
}
