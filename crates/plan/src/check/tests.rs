//! A sound plan, and what each defect of it is called.

use crate::{Level, Plan};

const SOUND: &str = r#"
[plan]
title = { zh = "示例方案", en = "Example plan" }
number = "示例〔2026〕1号"
date = "2026-01-10"
issued_by = { zh = "示例市", en = "Example City" }
source = "invented"
first_year = 2026
last_year = 2028
lead_rule = { zh = "首列单位牵头", en = "the unit named first leads" }
everyone = { kinds = ["county"], text = { zh = "各县均负责", en = "every county" }, source = "measure 1" }

[[chapters]]
number = 1
title = { zh = "一", en = "One" }

[[measures]]
number = 1
chapter = 1
title = { zh = "措施", en = "Measure" }
summary = { zh = "说明", en = "Summary" }
lead = ["eeb"]
assisting = ["housing"]
indicators = ["air_good_day_share"]
modules = [{ path = "/air", zh = "空气", en = "Air" }]

[[targets]]
id = "good_days"
indicator = "air_good_day_share"
year = 2027
operator = "at_least"
value = "95"
binding = "binding"
stated = { zh = "优良天数比例 95%", en = "95 % good days" }

[[duties]]
id = "study"
measure = 1
title = { zh = "研究", en = "Study" }
rhythm = "quarter"
due = { rule = "end_of_period", source = "measure 1" }
who = ["@county", "eeb"]
proof = ["minutes"]
"#;

fn units() -> Vec<(String, String)> {
    [("eeb", ""), ("housing", ""), ("990102", "county"), ("990100", "city")]
        .map(|(code, kind)| (code.to_owned(), kind.to_owned()))
        .to_vec()
}

fn problems(text: &str) -> Vec<(Level, &'static str, String)> {
    match Plan::parse(&[("plan.toml".to_owned(), text.to_owned())]) {
        Err(problems) => problems.into_iter().map(|it| (it.level, it.code, it.place)).collect(),
        Ok(plan) => {
            let found = plan.check(&units());
            found.into_iter().map(|it| (it.level, it.code, it.place)).collect()
        }
    }
}

#[test]
fn a_sound_plan_has_no_problem() {
    assert_eq!(problems(SOUND), []);
}

#[test]
fn each_defect_is_named_with_its_place() {
    let due = r#"due = { rule = "end_of_period", source = "measure 1" }"#;
    let open = r#"due = { rule = "open", decided_by = { zh = "市", en = "the city" } }"#;
    for (from, to, code, place) in [
        ("lead = [\"eeb\"]", "lead = [\"water\"]", "plan.unknown_unit", "measures.1.lead"),
        ("[\"housing\"]", "[\"eeb\"]", "plan.twice", "measures.1.assisting"),
        ("chapter = 1", "chapter = 2", "plan.unknown_name", "measures.1.chapter"),
        ("indicators = [\"air_good_day_share\"]", "", "plan.no_indicator", "measures.1"),
        ("[\"air_good_day_share\"]", "[\"no\"]", "plan.unknown_name", "measures.1.indicators"),
        ("modules = [", "# [", "plan.no_module", "measures.1"),
        ("value = \"95\"", "", "plan.no_value", "targets.good_days"),
        ("value = \"95\"", "value = 95", "plan.wrong_form", "targets.good_days.value"),
        ("year = 2027", "year = 2031", "plan.wrong_years", "targets.good_days.year"),
        ("\"@county\"", "\"@village\"", "plan.unknown_name", "duties.study.who"),
        ("who = [\"@county\", \"eeb\"]", "who = []", "plan.no_unit", "duties.study.who"),
        ("rhythm = \"quarter\"", "rhythm = \"once\"", "plan.contradiction", "duties.study.due"),
        ("rhythm = \"quarter\"", "rhythm = \"weekly\"", "plan.unknown_word", "duties.study.rhythm"),
        (due, open, "plan.duty_without_clock", "duties.study.due"),
        (due, "", "plan.missing", "duties.study.due"),
        ("measure = 1", "measure = 9", "plan.unknown_name", "duties.study.measure"),
        ("number = \"示例〔2026〕1号\"", "", "plan.no_number", "plan"),
        ("last_year = 2028", "last_year = 2020", "plan.wrong_years", "plan.last_year"),
        ("proof = [", "prof = [", "plan.unknown_key", "duties.study.prof"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let found = problems(&SOUND.replacen(from, to, 1));
        let is_told = found.iter().any(|(_, known, at)| *known == code && at == place);
        assert!(is_told, "{from} -> {to}: {found:?}");
    }
}

#[test]
fn what_the_document_leaves_open_is_told_and_is_no_error() {
    let due = r#"due = { rule = "end_of_period", source = "measure 1" }"#;
    let open = r#"due = { rule = "open", decided_by = { zh = "市", en = "the city" } }"#;
    let text = SOUND.replacen(due, open, 1).replacen(
        "value = \"95\"",
        "decided_by = { zh = \"省\", en = \"the province\" }",
        1,
    );
    let found = problems(&text);
    let codes: Vec<_> = found.iter().map(|(level, code, _)| (*level, *code)).collect();
    let wanted = [(Level::Open, "plan.target_open"), (Level::Open, "plan.duty_without_clock")];
    assert_eq!(codes, wanted);
    let clock = r#"
[[clocks]]
duty = "study"
due = { rule = "days_after_period", days = 10, source = "notice of the city" }
valid_from = "2026-01-01"
"#;
    let found = problems(&format!("{text}{clock}"));
    assert_eq!(found.len(), 1, "the city has set the day: {found:?}");
}

#[test]
fn numbers_and_ids_stand_once() {
    let second = SOUND.split_once("[[targets]]").map(|(_, rest)| format!("[[targets]]{rest}"));
    let found = problems(&format!("{SOUND}{}", second.expect("targets")));
    let twice: Vec<_> = found.iter().filter(|(_, code, _)| *code == "plan.twice").collect();
    assert_eq!(twice.len(), 2, "the target and the duty: {found:?}");
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let found = Plan::parse(&[("broken.toml".to_owned(), "[plan]\ntitle = ".to_owned())]);
    let problems = found.expect_err("refused");
    assert_eq!((problems[0].code, problems[0].line), ("plan.syntax", Some(2)));
}
