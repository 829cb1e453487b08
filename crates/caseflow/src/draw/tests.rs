//! Drawings of a small kind, whole, and what holds for every picture.

use super::*;

const SMALL: &str = include_str!("../../tests/kinds/small.toml");

fn small() -> CaseKind {
    CaseKind::load("small.toml", SMALL).expect("a sound kind")
}

#[test]
fn a_kind_is_drawn_for_mermaid() {
    assert_eq!(
        small().draw(Language::Chinese),
        "stateDiagram-v2\n    \
         state \"已登记\" as s_open\n    \
         state \"待说明\" as s_asked\n    \
         state \"已办结\" as s_done\n    \
         [*] --> s_open\n    \
         s_open --> s_asked : 要求说明\n    \
         s_open --> s_open : 延期\n    \
         s_open --> s_done : 办结\n    \
         s_asked --> s_open : 说明\n    \
         s_done --> s_done : 申请复查\n    \
         s_done --> [*]\n"
    );
}

#[test]
fn a_kind_is_drawn_as_text() {
    assert_eq!(
        small().draw_text(Language::English),
        "Small  small version 1\n\
         For the tests.\n\n\
         ▶ Open — to be done\n    \
         Ask → Asked  [unit responsible: inspector]  ⏱ starts Explain; suspends Close\n    \
         Extend ↺  [anybody entitled]  ⏱ extends Close\n    \
         Close → Done  [anybody entitled]  ⏱ starts Review; stops every clock\n\
         ○ Asked — the enterprise explains\n    \
         Explain → Open  [enterprise]  ⏱ stops Explain; resumes Close\n\
         ■ Done — done\n    \
         Ask for a review ↺  [reporter]\n\n\
         Clocks\n  \
         Close: 60 days (complaint.finish) [unit responsible]\n  \
         Explain: until the day in “Day” [enterprise]\n  \
         Review: 30 days (weak or contradictory source) [reporter, a right]\n"
    );
}

/// The numbers of an attribute, as often as it stands in the picture.
fn numbers(picture: &str, element: &str, attribute: &str) -> Vec<f64> {
    let begins = format!("<{element} ");
    let parts = picture.split(&begins).skip(1);
    let value = |part: &str| {
        let (_, rest) = part.split_once(&format!("{attribute}=\""))?;
        rest.split_once('"')?.0.parse().ok()
    };
    parts.filter_map(value).collect()
}

#[test]
fn no_two_lines_of_a_picture_share_a_row() {
    for language in Language::ALL {
        let picture = small().draw_svg(language);
        let mut rows = numbers(&picture, "text", "y");
        assert_eq!(rows.len(), 3 + 5, "three states and five transitions");
        rows.sort_by(f64::total_cmp);
        assert!(rows.windows(2).all(|pair| pair[1] - pair[0] >= ROW_LEAST), "{rows:?}");
    }
}

const ROW_LEAST: f64 = 20.0;

#[test]
fn a_picture_is_well_formed_whatever_the_names_are() {
    let names = "en = \"A <b> & \\\"c\\\" \\u0001\"";
    let kind = CaseKind::load("small.toml", &SMALL.replacen("en = \"Small\"", names, 1));
    let kind = kind.expect("a sound kind");
    let picture = kind.draw_svg(Language::English);
    assert!(picture.contains("A &lt;b&gt; &amp; &quot;c&quot;  </title>"), "{picture}");
    assert!(!picture.contains("style="), "a strict policy of styles forbids it");
    for element in ["svg", "g", "text", "tspan", "title"] {
        let opened = picture.matches(&format!("<{element}>")).count()
            + picture.matches(&format!("<{element} ")).count();
        assert_eq!(opened, picture.matches(&format!("</{element}>")).count(), "{element}");
    }
    let diagram = kind.draw(Language::English);
    assert!(diagram.is_ascii(), "{diagram}");
}

#[test]
fn rails_that_meet_have_lanes_of_their_own() {
    let picture = small().draw_svg(Language::English);
    // Two ways lead forward and one back; all three overlap.
    let mut lanes: Vec<&str> = picture
        .split("<path d=\"M")
        .skip(1)
        .filter_map(|path| path.split_once(' '))
        .map(|(x, _)| x)
        .filter(|x| *x != "652")
        .collect();
    lanes.sort_unstable();
    lanes.dedup();
    assert_eq!(lanes.len(), 3, "{lanes:?}");
}
