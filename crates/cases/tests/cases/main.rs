//! Cases from their opening to their end, on both databases.

mod common;
mod engine;
