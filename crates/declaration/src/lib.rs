//! Declarations in TOML (声明文件): read with the line of everything that is wrong.
//!
//! Kinds of cases, checks, plans and indicators are files that people write. Each of them is read
//! by a [`Reader`], which names the place, what is wanted there and how to mend it, and finds keys
//! that nobody knows. What a sound shape means is the business of who declares.

mod problem;
mod reader;
mod words;

pub use problem::{Level, Problem};
pub use reader::{Codes, Entry, Reader, nearest};
pub use rulebook::Text;
pub use words::Word;
