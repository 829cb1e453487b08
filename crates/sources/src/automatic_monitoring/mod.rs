//! Automatic monitoring of outlets (污染源自动监测): limits of permits, values that do not come,
//! values that do not change.
//!
//! Start reading at `rules.rs`: what counts as what is decided there, by pure functions; the other
//! files remember what was seen and put the questions.

mod exceedance;
mod parameters;
mod rules;
mod stillness;
mod timeliness;

#[cfg(test)]
mod tests;

pub use exceedance::{PermitLimit, RULE_DAY, RULE_HOUR};
pub use parameters::{Parameter, parameters, table};
pub use rules::{is_usable_flag, unusable};
pub use stillness::Stillness;
pub use timeliness::Timeliness;

use evaluation::Judge;
use std::sync::Arc;

/// The judges of this slice.
pub fn judges() -> Vec<Arc<dyn Judge>> {
    vec![
        Arc::new(PermitLimit::default()),
        Arc::new(Stillness::default()),
        Arc::new(Timeliness::default()),
    ]
}
