//! Discharge (污染物排放): limits of permits and emission standards.

pub mod permit_limit;
