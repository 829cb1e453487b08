//! Codes and numbers (代码): structure and check digits.

pub mod permit_number;
pub mod social_credit_code;
