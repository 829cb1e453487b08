//! Cases of a demonstration, from a file of the city: opened and acted on by its invented people,
//! some hours ago, so that lists, clocks and timelines have something to show.

use std::collections::BTreeMap;

use authority::{Authority, OrganisationId, OrganisationKind, Principal};
use cases::{
    Act, Assignment, By, CaseError, CaseId, Channel, EvidenceId, NewCase, Place, Reporter, Upload,
    Viewer, Visibility,
};
use jiff::{SignedDuration, Span, Timestamp};
use toml::{Table, Value};

use crate::casework::Casework;
use crate::city;
use crate::exit::Failure;

/// The file of a city in which they stand.
const FILE: &str = "cases.toml";
/// The folder of a city in which their pictures stand.
const PICTURES: &str = "demo";
/// Where the invented people come from.
const ADDRESS: &str = "demo";

/// Opens the cases of the city's file that are not there yet, and says how many there are.
pub(crate) async fn open(
    casework: &Casework,
    authority: &Authority,
    city: &str,
    now: Timestamp,
) -> Result<usize, Failure> {
    let Some(file) = city::demo_file(city, FILE) else { return Ok(0) };
    let text = String::from_utf8_lossy(&file).into_owned();
    let wrong = |what: String| {
        Failure::of_use("city.cases", format!("{FILE}: {what}"), "Mend it by cities/README.md.")
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    let none = Vec::new();
    let listed = table.get("case").and_then(Value::as_array).unwrap_or(&none);
    let demo = Demo { casework, authority, city, now };
    for case in listed.iter().filter_map(Value::as_table) {
        let key = word(case, "key");
        demo.case(case).await.map_err(|what| wrong(format!("case {key:?}: {what}")))?;
    }
    // What ran out meanwhile is overdue from the start.
    casework.cases.tick(now).await.map_err(|error| wrong(error.to_string()))?;
    Ok(listed.len())
}

struct Demo<'a> {
    casework: &'a Casework,
    authority: &'a Authority,
    city: &'a str,
    now: Timestamp,
}

fn word<'a>(table: &'a Table, name: &str) -> &'a str {
    table.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn some(table: &Table, name: &str) -> Option<String> {
    Some(word(table, name)).filter(|text| !text.is_empty()).map(str::to_owned)
}

impl Demo<'_> {
    /// Opens a case and does what its people did; one that is there stays as it is.
    async fn case(&self, case: &Table) -> Result<(), String> {
        let at = self.at(case);
        let mut new = NewCase::new(
            word(case, "kind"),
            word(case, "division"),
            Channel::parse(word(case, "channel")).ok_or("no such channel")?,
        );
        new.title = word(case, "title").to_owned();
        new.text = word(case, "text").to_owned();
        new.enterprise = some(case, "enterprise");
        new.place = place(case)?;
        new.fields = fields(case, at);
        new.reporter = case.get("reporter").and_then(Value::as_table).map(reporter);
        new.responsible = self.unit(word(case, "unit")).await?;
        new.origin_key = Some(format!("demo:{}", word(case, "key")));
        let principal = self.principal(word(case, "by")).await?;
        let opened = self.casework.cases.open_case(&by(principal.as_ref()), new, at).await;
        let opened = opened.map_err(told)?;
        if !opened.is_new {
            return Ok(());
        }
        let opener = By::System { name: ADDRESS };
        let internal = Visibility::Internal;
        self.attach(opened.id, &opener, case, internal, at).await?;
        let none = Vec::new();
        let acts = case.get("acts").and_then(Value::as_array).unwrap_or(&none);
        for act in acts.iter().filter_map(Value::as_table) {
            let what = [word(act, "take"), word(act, "assign")].concat();
            self.act(opened.id, act).await.map_err(|why| format!("{what}: {why}"))?;
        }
        Ok(())
    }

    async fn act(&self, id: CaseId, act: &Table) -> Result<(), String> {
        let at = self.at(act);
        let principal = self.principal(word(act, "by")).await?.ok_or("nobody acts")?;
        let cases = &self.casework.cases;
        let by = by(Some(&principal));
        if let Some(login) = some(act, "assign") {
            let user = self.authority.user_by_login(&login).await.map_err(|e| e.to_string())?;
            let assignee = Some(Some(user.ok_or("no such person")?.id));
            let to = Assignment { assignee, ..Assignment::default() };
            return cases.assign(&by, id, to, at).await.map_err(told);
        }
        let view = cases.case(&Viewer::Person(&principal), id, at).await.map_err(told)?;
        let take = word(act, "take");
        let visibility = view.kind.transition(take).map(|way| way.visibility);
        let visibility = visibility.unwrap_or(Visibility::Internal);
        let mut taken = Act::new(take, view.case.version);
        taken.note = word(act, "note").to_owned();
        taken.fields = fields(act, at);
        taken.unit = self.unit(word(act, "unit")).await?;
        taken.evidence = self.attach(id, &by, act, visibility, at).await?;
        cases.take(&by, id, taken, at).await.map(drop).map_err(told)
    }

    async fn attach(
        &self,
        id: CaseId,
        by: &By<'_>,
        table: &Table,
        visibility: Visibility,
        at: Timestamp,
    ) -> Result<Vec<EvidenceId>, String> {
        let names = table.get("files").and_then(Value::as_array);
        let mut kept = Vec::new();
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            let file = city::demo_file(self.city, &format!("{PICTURES}/{name}"));
            let bytes = file.ok_or_else(|| format!("there is no {PICTURES}/{name}"))?;
            let upload = Upload { name: name.to_owned(), bytes, visibility };
            kept.push(self.casework.cases.attach(by, id, upload, at).await.map_err(told)?);
        }
        Ok(kept)
    }

    /// So many hours before now.
    fn at(&self, table: &Table) -> Timestamp {
        let hours = table.get("hours_ago").and_then(Value::as_integer).unwrap_or_default();
        self.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.now)
    }

    /// Who acts; nobody for a citizen.
    async fn principal(&self, login: &str) -> Result<Option<Principal>, String> {
        if login == "citizen" {
            return Ok(None);
        }
        let user = self.authority.user_by_login(login).await.map_err(|error| error.to_string())?;
        let user = user.ok_or_else(|| format!("there is no person {login:?}"))?;
        self.authority.principal(user.id).await.map_err(|error| error.to_string())
    }

    /// The unit of `kind:code`.
    async fn unit(&self, text: &str) -> Result<Option<OrganisationId>, String> {
        let Some((kind, code)) = text.split_once(':') else { return Ok(None) };
        let kind = OrganisationKind::parse(kind).ok_or("no such kind of unit")?;
        let all = self.authority.organisations().await.map_err(|error| error.to_string())?;
        let found = all.iter().find(|unit| unit.kind == kind && unit.code == code);
        found.map(|unit| Some(unit.id)).ok_or_else(|| format!("there is no unit {text}"))
    }
}

fn by(principal: Option<&Principal>) -> By<'_> {
    match principal {
        Some(principal) => By::Person { principal, address: ADDRESS },
        None => By::Anonymous { address: ADDRESS },
    }
}

fn told(error: CaseError) -> String {
    error.texts().map_or_else(|| error.to_string(), |(_, en)| en)
}

fn place(case: &Table) -> Result<Option<Place>, String> {
    let degrees = |name: &str| {
        some(case, name).map(|text| text.parse().map_err(|_| format!("{name} is no number")))
    };
    let (Some(longitude), Some(latitude)) = (degrees("longitude"), degrees("latitude")) else {
        return Ok(None);
    };
    let address = word(case, "address").to_owned();
    Ok(Some(Place { longitude: longitude?, latitude: latitude?, address }))
}

fn reporter(table: &Table) -> Reporter {
    let part = |name| word(table, name).to_owned();
    Reporter {
        name: part("name"),
        phone: part("phone"),
        email: part("email"),
        address: part("address"),
    }
}

/// The fields of a case or an act; `@+3` is the day three days after it.
fn fields(table: &Table, at: Timestamp) -> BTreeMap<String, String> {
    let listed = table.get("fields").and_then(Value::as_table);
    let today = rulebook::beijing_offset().to_datetime(at).date();
    let value = |text: &str| {
        let days = text.strip_prefix('@').and_then(|days| days.parse::<i32>().ok());
        match days.map(|days| today.checked_add(Span::new().days(days))) {
            Some(Ok(day)) => day.to_string(),
            _ => text.to_owned(),
        }
    };
    let texts = listed.into_iter().flatten();
    texts.filter_map(|(id, text)| Some((id.clone(), value(text.as_str()?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_act() {
        let text = "fields = { due = \"@+3\", on = \"@0\", mail = \"x@example.org\" }";
        let table: Table = text.parse().expect("a table");
        let at: Timestamp = "2026-11-29T16:30:00Z".parse().expect("a time");
        let found = fields(&table, at);
        assert_eq!(found["due"], "2026-12-03");
        assert_eq!(found["on"], "2026-11-30");
        assert_eq!(found["mail"], "x@example.org");
    }
}
