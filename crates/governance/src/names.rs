//! What units are called.

use registry::{Name, Snapshot};

/// The name of a unit: a division or a department.
pub(crate) fn unit_name(snapshot: &Snapshot, code: &str) -> Name {
    let division = snapshot.division(code).map(|division| &division.name);
    let departments = snapshot.departments.iter();
    let department = || departments.clone().find(|it| it.code == code).map(|it| &it.name);
    let found = division.or_else(department).cloned();
    found.unwrap_or_else(|| Name { zh: code.to_owned(), en: code.to_owned() })
}
