//! Codes and numbers (代码): structure, check digits, lookup tables.

pub mod divisions;
pub mod industries;
pub mod permit_number;
pub mod pollutants;
pub mod social_credit_code;
