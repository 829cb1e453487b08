//! The responsibility books of the city in the store.

use crate::GovernanceError;
use assessment::Book;
use rulebook::Language;
use store::Store;

/// The folder of a city's files in which its books stand.
pub const FOLDER: &str = "assessment/";

/// The books that are sound, the newest year first, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Books {
    /// The sound ones.
    pub sound: Vec<Book>,
    /// What is wrong with the others, in both languages.
    pub problems: Vec<(String, String)>,
}

impl Books {
    /// A book by its id.
    pub fn get(&self, id: &str) -> Option<&Book> {
        self.sound.iter().find(|book| book.id == id)
    }
}

/// Reads the books of the city.
///
/// # Errors
/// When the store fails. What is wrong with a file is told in the result.
pub(super) async fn read(store: &Store) -> Result<Books, GovernanceError> {
    let mut books = Books::default();
    for path in registry::store::city_files(store).await? {
        if !path.starts_with(FOLDER) || !path.to_ascii_lowercase().ends_with(".toml") {
            continue;
        }
        let content = registry::store::city_file(store, &path).await?.unwrap_or_default();
        match Book::load(&path, &String::from_utf8_lossy(&content)) {
            Ok(book) if books.get(&book.id).is_some() => books.problems.push((
                format!("{path}: 编号 {} 已用于另一本责任书，请改名", book.id),
                format!("{path}: the id {:?} is that of another book: rename it", book.id),
            )),
            Ok(book) => books.sound.push(book),
            Err(problems) => books.problems.extend(problems.iter().map(|problem| {
                (problem.to_plain(Language::Chinese), problem.to_plain(Language::English))
            })),
        }
    }
    books.sound.sort_by(|one, other| other.year.cmp(&one.year).then(one.id.cmp(&other.id)));
    Ok(books)
}
