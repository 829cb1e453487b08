//! What one version says otherwise than another (版本比较).

use crate::fault::Part;
use crate::model::{PermitContent, PermitOutlet};
use crate::words::{self, NameOf};
use rulebook::Text;
use std::collections::BTreeMap;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In which part.
    pub part: Part,
    /// What it is about: an outlet, a limit, a line of the first sheet.
    pub about: Text,
    /// What was said; `None` where it is new.
    pub before: Option<Text>,
    /// What is said now; `None` where it is gone.
    pub after: Option<Text>,
}

/// The differences from one version to another, part by part.
pub fn diff(before: &PermitContent, after: &PermitContent, name: NameOf<'_>) -> Vec<Change> {
    let (old, new) = (entries(before, name), entries(after, name));
    let mut changes = Vec::new();
    for (key, (about, was)) in &old {
        let now = new.get(key).map(|(_, now)| now);
        if now != Some(was) {
            changes.push((key, change(key, about, Some(was), now)));
        }
    }
    for (key, (about, now)) in &new {
        if !old.contains_key(key) {
            changes.push((key, change(key, about, None, Some(now))));
        }
    }
    changes.sort_by(|one, other| one.0.cmp(other.0));
    changes.into_iter().map(|(_, change)| change).collect()
}

fn change(key: &Key, about: &Text, before: Option<&Text>, after: Option<&Text>) -> Change {
    Change { part: key.0, about: about.clone(), before: before.cloned(), after: after.cloned() }
}

/// A part, a place in it that stays when others come and go, and which of several alike.
type Key = (Part, String, usize);
type Entries = BTreeMap<Key, (Text, Text)>;

fn entries(content: &PermitContent, name: NameOf<'_>) -> Entries {
    let mut found = Entries::new();
    let mut put = |part: Part, key: String, about: Text, says: Text| {
        let mut place = 0;
        while found.contains_key(&(part, key.clone(), place)) {
            place += 1;
        }
        found.insert((part, key, place), (about, says));
    };
    for (place, (about, says)) in basics(content).into_iter().enumerate() {
        put(Part::Basics, format!("{place:02}"), about, says);
    }
    for outlet in &content.outlets {
        let about = Text::plain(&outlet.number);
        put(Part::Outlets, outlet.number.clone(), about, outlet_text(outlet));
    }
    for limit in &content.limits {
        let (place, what) = (words::outlet(limit.outlet_number.as_deref()), name(&limit.pollutant));
        let (mean, when) = (words::period(limit), words::condition(limit.condition.as_ref()));
        let zh = format!("{} {} {} {}", place.zh, what.zh, mean.zh, when.zh);
        let en = format!("{} {} {} {}", place.en, what.en, mean.en, when.en);
        let about = Text::new(zh.trim().to_owned(), en.trim().to_owned());
        let key = format!("{} {} {} {}", place.zh, limit.pollutant, mean.zh, when.zh);
        let converted = if limit.on_converted {
            Text::fixed("折算", "converted")
        } else {
            Text::fixed("实测", "as measured")
        };
        let bound = words::bound(limit);
        let says = Text::new(
            format!("{bound}({},{})", converted.zh, limit.citation),
            format!("{bound} ({}, {})", converted.en, limit.citation),
        );
        put(Part::Limits, key, about, says);
    }
    for amount in &content.amounts {
        let (place, what) = (words::outlet(amount.outlet.as_deref()), name(&amount.pollutant));
        let of = words::amount_of(amount);
        let about = Text::new(
            format!("{} {} {}", place.zh, what.zh, of.zh),
            format!("{} {} {}", place.en, what.en, of.en),
        );
        let key = format!("{} {} {}", place.zh, amount.pollutant, of.zh);
        put(Part::Amounts, key, about, Text::plain(format!("{} t", amount.tonnes)));
    }
    for duty in &content.duties {
        let part = match duty {
            crate::PermitDuty::SelfMonitoring { .. } => Part::Monitoring,
            _ => Part::Reports,
        };
        let (about, when) = (words::duty(duty, name), words::when(duty));
        let content = words::content(duty);
        let says = Text::new(
            format!("{} {content}", when.zh).trim().to_owned(),
            format!("{} {content}", when.en).trim().to_owned(),
        );
        put(part, about.zh.to_string(), about, says);
    }
    found
}

fn basics(content: &PermitContent) -> Vec<(Text, Text)> {
    let issued = content.issued_on.map(|day| day.to_string()).unwrap_or_default();
    vec![
        (Text::fixed("管理类别", "class"), content.class.text()),
        (Text::fixed("单位名称", "holder"), Text::plain(&content.holder)),
        (Text::fixed("生产经营场所地址", "place"), Text::plain(&content.place)),
        (Text::fixed("行业类别", "industry"), Text::plain(&content.industry)),
        (Text::fixed("核发机关", "issued by"), Text::plain(&content.issuer)),
        (Text::fixed("发证日期", "issued on"), Text::plain(issued)),
        (
            Text::fixed("有效期", "validity"),
            Text::new(
                format!("{} 至 {}", content.valid_from, content.valid_to),
                format!("{} to {}", content.valid_from, content.valid_to),
            ),
        ),
        (Text::fixed("生效日期", "in force from"), Text::plain(content.in_force_from)),
    ]
}

fn outlet_text(outlet: &PermitOutlet) -> Text {
    let (medium, main) =
        (outlet.medium.text(), if outlet.is_main { ("主要", "main") } else { ("一般", "general") });
    let mut zh = vec![outlet.name.clone(), medium.zh.into_owned(), main.0.to_owned()];
    let mut en = vec![outlet.name.clone(), medium.en.into_owned(), main.1.to_owned()];
    let place = outlet.longitude.zip(outlet.latitude);
    let others = [
        place.map(|(longitude, latitude)| format!("{longitude}, {latitude}")),
        outlet.height_m.map(|height| format!("{height} m")),
        Some(outlet.destination.clone()),
        Some(outlet.manner.clone()),
    ];
    for other in others.into_iter().flatten().filter(|text| !text.is_empty()) {
        zh.push(other.clone());
        en.push(other);
    }
    Text::new(zh.join("，"), en.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::content;
    use rulebook::Decimal;

    #[test]
    fn a_changed_a_new_and_a_removed_row_are_told() {
        let before = content();
        let mut after = before.clone();
        after.limits[0].at_most = Decimal::new(40, 0);
        after.amounts.remove(0);
        let mut outlet = after.outlets[0].clone();
        outlet.number = "DW002".to_owned();
        after.outlets.push(outlet);
        let name = |code: &str| Text::plain(code);
        let found: Vec<(Part, bool, bool)> = diff(&before, &after, &name)
            .into_iter()
            .map(|change| (change.part, change.before.is_some(), change.after.is_some()))
            .collect();
        let expected = [
            (Part::Outlets, false, true),
            (Part::Limits, true, true),
            (Part::Amounts, true, false),
        ];
        assert_eq!(found, expected);
        assert!(diff(&before, &before, &name).is_empty());
    }
}
