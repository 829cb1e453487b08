//! Automatic monitoring of outlets (污染源自动监测): limits of permits, values that do not come,
//! values that do not change.

mod exceedance;
mod parameters;
mod stillness;
mod timeliness;

#[cfg(test)]
mod tests;

pub use exceedance::{PermitLimit, RULE_DAY, RULE_HOUR, is_usable_flag, unusable};
pub use parameters::{Parameter, parameters};
pub use stillness::Stillness;
pub use timeliness::Timeliness;

use evaluation::Judge;
use std::sync::Arc;

/// The judges of this slice.
pub fn judges() -> Vec<Arc<dyn Judge>> {
    vec![Arc::new(PermitLimit), Arc::new(Stillness::default()), Arc::new(Timeliness)]
}
