//! What units are called.

use registry::{Name, Snapshot};
use web::{Language, Reader};

/// The name of a unit: a division or a department.
pub(crate) fn unit_name(snapshot: &Snapshot, code: &str) -> Name {
    let division = snapshot.division(code).map(|division| &division.name);
    let departments = snapshot.departments.iter();
    let department = || departments.clone().find(|it| it.code == code).map(|it| &it.name);
    let found = division.or_else(department).cloned();
    found.unwrap_or_else(|| Name { zh: code.to_owned(), en: code.to_owned() })
}

/// The unit of an indicator in the reader's language; a thing that is only counted needs no word in
/// English.
pub(crate) fn unit_word<'unit>(reader: &Reader, unit: &'unit str) -> &'unit str {
    if reader.language == Language::Chinese {
        return unit;
    }
    match unit {
        "个" | "件" | "份" | "家" | "条" | "次" | "笔" | "部" | "项" | "人" => "",
        "天" => "days",
        "元" => "yuan",
        "万元" => "10,000 yuan",
        "亿元" => "100 million yuan",
        other => other,
    }
}
