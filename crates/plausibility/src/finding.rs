//! What a check found.

use rulebook::Text;

use crate::entry::Key;
use crate::vocabulary::field_of;
use crate::words::{Form, Severity};

/// What a check found (检查结果).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    /// Its version.
    pub version: u32,
    /// How much it says.
    pub severity: Severity,
    /// The form.
    pub form: Form,
    /// Where.
    pub key: Key,
    /// In which field.
    pub field: String,
    /// What was entered, as text; empty where nothing was.
    pub value: String,
    /// With what it was compared.
    pub compared: Option<Compared>,
}

/// With what a value was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What it is.
    pub name: Text,
    /// Its value, as text.
    pub value: String,
    /// The entered value divided by it, where that says something.
    pub ratio: Option<String>,
}

impl Finding {
    /// Its place as one text, `DW001/w01018/amount`: the name under which a reason is kept.
    pub fn place(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        format!("{}/{}/{}", part(&self.key.outlet), part(&self.key.factor), self.field)
    }

    /// Check and place as one text, the same as long as the same is found.
    pub fn id(&self) -> String {
        format!("{}@{}", self.check, self.place())
    }

    /// The numbers in one sentence: what was entered, with what it was compared.
    pub fn numbers(&self) -> Text {
        let named = field_of(self.form, &self.field);
        let (zh, en) =
            named.map_or(("填报值", "entered"), |field| (&field.name.zh, &field.name.en));
        let unit = named.map_or("", |field| field.unit);
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let (value_zh, value_en) = if self.value.is_empty() {
            ("未填".to_owned(), "not filled in".to_owned())
        } else {
            (format!("{}{unit}", self.value), format!("{}{unit}", self.value))
        };
        let Some(compared) = &self.compared else {
            return Text::new(format!("{zh}：{value_zh}。"), format!("{en}: {value_en}."));
        };
        let ratio = |words: &str, times: &str| {
            compared.ratio.as_ref().map_or(String::new(), |ratio| format!("{words}{ratio}{times}"))
        };
        Text::new(
            format!(
                "{zh}：{value_zh}；{}：{}{}。",
                compared.name.zh,
                compared.value,
                ratio("；两者之比 ", "")
            ),
            format!(
                "{en}: {value_en}; {}: {}{}.",
                compared.name.en,
                compared.value,
                ratio("; ratio ", "")
            ),
        )
    }
}

/// The gravest of several findings.
pub fn gravest(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}
