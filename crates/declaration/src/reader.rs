//! Takes values out of tables and remembers where they stood and what was wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use rulebook::{Decimal, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Level, Problem};
use crate::words::Word;

/// The codes of what a reader may find wrong, made by [`crate::codes!`].
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// The file is not TOML.
    pub syntax: &'static str,
    /// A value has another form than is wanted.
    pub wrong_form: &'static str,
    /// A key is missing.
    pub missing: &'static str,
    /// A word is none of its list.
    pub unknown_word: &'static str,
    /// A key that nobody knows.
    pub unknown_key: &'static str,
}

/// The codes of one kind of declaration: `codes!("plan")` names `plan.missing` and the others.
#[macro_export]
macro_rules! codes {
    ($prefix:literal) => {
        $crate::Codes {
            syntax: concat!($prefix, ".syntax"),
            wrong_form: concat!($prefix, ".wrong_form"),
            missing: concat!($prefix, ".missing"),
            unknown_word: concat!($prefix, ".unknown_word"),
            unknown_key: concat!($prefix, ".unknown_key"),
        }
    };
}

/// A table of the file, its place, and the keys asked for so far.
#[derive(Debug)]
pub struct Entry<'table> {
    table: &'table DeTable<'table>,
    place: String,
    known: BTreeSet<&'static str>,
}

impl<'table> Entry<'table> {
    /// The table of a whole file.
    pub fn top(table: &'table DeTable<'table>) -> Self {
        Self { table, place: String::new(), known: BTreeSet::new() }
    }

    /// Whether a key is written.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a key as asked for, so that it is not called unknown.
    pub fn know(&mut self, key: &'static str) {
        self.known.insert(key);
    }

    /// The place of the table itself: `duties.yearly_report`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The place of a key: `duties.yearly_report.due`.
    pub fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }
}

/// What is known of a place, or of the nearest place above it: `targets.pm25` for
/// `targets.pm25.value`.
pub fn nearest<'known, T>(known: &'known BTreeMap<String, T>, place: &str) -> Option<&'known T> {
    let mut here = place;
    loop {
        if let Some(found) = known.get(here) {
            return Some(found);
        }
        here = here.rsplit_once('.')?.0;
    }
}

/// Reads values and collects what is wrong.
#[derive(Debug)]
pub struct Reader<'text> {
    file: &'text str,
    codes: Codes,
    /// Where each line begins.
    beginnings: Vec<usize>,
    lines: BTreeMap<String, u32>,
    problems: Vec<Problem>,
}

impl<'text> Reader<'text> {
    /// A reader of one file; `file` is its name in messages.
    pub fn new(file: &'text str, text: &str, codes: Codes) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let beginnings = std::iter::once(0).chain(after_breaks).collect();
        Self { file, codes, beginnings, lines: BTreeMap::new(), problems: Vec::new() }
    }

    /// The name of the file in messages.
    pub fn file(&self) -> &'text str {
        self.file
    }

    /// What was wrong in the order in which it was found, and the line of each place.
    pub fn finish(self) -> (Vec<Problem>, BTreeMap<String, u32>) {
        (self.problems, self.lines)
    }

    fn line(&self, span: &Range<usize>) -> u32 {
        self.beginnings.partition_point(|begin| *begin <= span.start) as u32
    }

    /// Adds something wrong at a place.
    pub fn problem(&mut self, code: &'static str, place: String, what: Text, cure: Text) {
        let line = self.lines.get(&place).copied().or_else(|| {
            let (above, _) = place.rsplit_once('.')?;
            self.lines.get(above).copied()
        });
        let file = self.file.to_owned();
        self.problems.push(Problem { level: Level::Wrong, code, file, line, place, what, cure });
    }

    /// Says that the file is not TOML.
    pub fn syntax(&mut self, error: &toml::de::Error) {
        let line = error.span().map(|span| self.line(&span));
        let message = error.message().to_owned();
        self.problems.push(Problem {
            level: Level::Wrong,
            code: self.codes.syntax,
            file: self.file.to_owned(),
            line,
            place: "file".to_owned(),
            what: Text::new(format!("不是有效的 TOML：{message}"), format!("no TOML: {message}")),
            cure: Text::fixed(
                "按 TOML 语法改正该行",
                "mend the line; TOML is described at toml.io",
            ),
        });
    }

    /// Says that a value has not the form that is wanted.
    pub fn wrong_form(&mut self, place: String, wanted: &Text) {
        self.problem(
            self.codes.wrong_form,
            place,
            Text::new(format!("应当是{}", wanted.zh), format!("must be {}", wanted.en)),
            Text::fixed("改成该形式", "write it in that form"),
        );
    }

    fn missing(&mut self, place: String, wanted: &Text) {
        self.problem(
            self.codes.missing,
            place,
            Text::new(format!("缺少，应当是{}", wanted.zh), format!("is missing: {}", wanted.en)),
            Text::fixed("补上该项", "add it"),
        );
    }

    /// The value of a key, with its line remembered.
    fn value<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<&'table Spanned<DeValue<'table>>> {
        entry.know(key);
        let (name, value) = entry.table.get_key_value(key)?;
        let line = self.line(&name.span());
        self.lines.insert(entry.at(key), line);
        Some(value)
    }

    /// A value of a form of one's own; `wanted` says which.
    pub fn take<'table, T>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
        wanted: &Text,
        convert: impl FnOnce(&'table DeValue<'table>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(entry, key)?;
        let converted = convert(value.get_ref());
        if converted.is_none() {
            self.wrong_form(entry.at(key), wanted);
        }
        converted
    }

    /// Like [`Reader::take`], for a key that must be there.
    pub fn require<'table, T>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
        wanted: &Text,
        convert: impl FnOnce(&'table DeValue<'table>) -> Option<T>,
    ) -> Option<T> {
        if !entry.has(key) {
            entry.know(key);
            self.missing(entry.at(key), wanted);
            return None;
        }
        self.take(entry, key, wanted, convert)
    }

    /// A text.
    pub fn string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<String> {
        self.take(entry, key, &STRING, filled)
    }

    /// A text that must be there.
    pub fn required_string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> String {
        self.require(entry, key, &STRING, filled).unwrap_or_default()
    }

    /// A switch.
    pub fn boolean(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<bool> {
        self.take(entry, key, &BOOLEAN, DeValue::as_bool)
    }

    /// A switch that is off where it is not written.
    pub fn yes(&mut self, entry: &mut Entry<'_>, key: &'static str) -> bool {
        self.boolean(entry, key).unwrap_or(false)
    }

    /// A whole number that is not negative.
    pub fn whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<u32> {
        self.take(entry, key, &WHOLE, whole)
    }

    /// Such a number that must be there.
    pub fn required_whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> u32 {
        self.require(entry, key, &WHOLE, whole).unwrap_or_default()
    }

    /// Whole numbers.
    pub fn wholes(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<u32> {
        let numbers = |value: &DeValue<'_>| {
            value.as_array()?.iter().map(|item| whole(item.get_ref())).collect()
        };
        self.take(entry, key, &WHOLES, numbers).unwrap_or_default()
    }

    /// A decimal, written as a text so that no digit is lost.
    pub fn decimal(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Decimal> {
        self.take(entry, key, &DECIMAL, decimal)
    }

    /// Such a decimal that must be there.
    pub fn required_decimal(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
    ) -> Option<Decimal> {
        self.require(entry, key, &DECIMAL, decimal)
    }

    /// A day, written as a text.
    pub fn day(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Date> {
        self.take(entry, key, &DAY, day)
    }

    /// Such a day that must be there.
    pub fn required_day(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Date {
        self.require(entry, key, &DAY, day).unwrap_or_default()
    }

    /// A text in both languages.
    pub fn text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Text> {
        self.take(entry, key, &TEXT, text)
    }

    /// Such a text that must be there.
    pub fn required_text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Text {
        self.require(entry, key, &TEXT, text).unwrap_or_default()
    }

    /// A list of texts.
    pub fn strings(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<String> {
        self.take(entry, key, &STRINGS, strings).unwrap_or_default()
    }

    /// A list of texts that must be there and not be empty.
    pub fn required_strings(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<String> {
        let some = |value: &DeValue<'_>| strings(value).filter(|items| !items.is_empty());
        self.require(entry, key, &STRINGS, some).unwrap_or_default()
    }

    /// A word of a list.
    pub fn word<T: Word>(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<T> {
        let word = self.take(entry, key, &STRING, filled)?;
        self.known(entry.at(key), &word)
    }

    /// A word of a list that must be there.
    pub fn required_word<T: Word>(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
    ) -> Option<T> {
        let word = self.require(entry, key, &STRING, filled)?;
        self.known(entry.at(key), &word)
    }

    /// Words of one list.
    pub fn words<T: Word>(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<T> {
        let words = self.strings(entry, key);
        words.iter().filter_map(|word| self.known(entry.at(key), word)).collect()
    }

    fn known<T: Word>(&mut self, place: String, word: &str) -> Option<T> {
        let found = T::list().iter().copied().find(|known| known.word() == word);
        if found.is_none() {
            let words: Vec<&str> = T::list().iter().map(|known| known.word()).collect();
            self.unknown_word(place, word, &words);
        }
        found
    }

    /// Says that a word is none of those that are known.
    pub fn unknown_word(&mut self, place: String, word: &str, known: &[&str]) {
        self.problem(
            self.codes.unknown_word,
            place,
            Text::new(format!("没有 {word:?} 这个词"), format!("{word:?} is no word here")),
            Text::new(
                format!("可用的词：{}", known.join("、")),
                format!("write one of: {}", known.join(", ")),
            ),
        );
    }

    /// One of a few words that are no list of their own.
    pub fn choice_of(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let word = self.string(entry, key)?;
        let found = words.iter().copied().find(|known| *known == word);
        if found.is_none() {
            self.unknown_word(entry.at(key), &word, words);
        }
        found
    }

    /// Such a word that must be there.
    pub fn required_choice(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        if entry.has(key) {
            return self.choice_of(entry, key, words);
        }
        self.required_string(entry, key);
        None
    }

    /// A table within the table.
    pub fn table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.take(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    /// Such a table that must be there.
    pub fn required_table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.require(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    /// Every table of a list, read by `read`; it is named by its `id` or `number`
    /// where it has one.
    pub fn entries<T>(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
        read: impl Fn(&mut Self, &mut Entry<'_>) -> T,
    ) -> Vec<T> {
        let Some(items) = self.take(entry, key, &TABLES, DeValue::as_array) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = format!("{}[{}]", entry.at(key), index + 1);
            let line = self.line(&item.span());
            let Some(table) = item.get_ref().as_table() else {
                self.lines.insert(place.clone(), line);
                self.wrong_form(place, &TABLE);
                continue;
            };
            let place = named(table).map_or(place, |name| format!("{}.{name}", entry.at(key)));
            self.lines.insert(place.clone(), line);
            let mut inner = Entry { table, place, known: BTreeSet::new() };
            all.push(read(self, &mut inner));
            self.close(&inner);
        }
        all
    }

    /// Names the keys that nobody asked for.
    pub fn close(&mut self, entry: &Entry<'_>) {
        for (name, _) in entry.table {
            let key = name.get_ref().as_ref();
            if entry.known.contains(key) {
                continue;
            }
            let place = entry.at(key);
            let line = self.line(&name.span());
            self.lines.insert(place.clone(), line);
            let known: Vec<&str> = entry.known.iter().copied().collect();
            self.problem(
                self.codes.unknown_key,
                place,
                Text::fixed("没有这一项", "there is no such key here"),
                Text::new(
                    format!("删去或改正；此处可写：{}", known.join("、")),
                    format!("remove or mend it; here may stand: {}", known.join(", ")),
                ),
            );
        }
    }
}

const STRING: Text = Text::fixed("不为空的文字", "a text that is not empty");
const BOOLEAN: Text = Text::fixed("true 或 false", "true or false");
const WHOLE: Text = Text::fixed("不为负的整数", "a whole number that is not negative");
const WHOLES: Text = Text::fixed("整数列表 [1, 2]", "a list of whole numbers, [1, 2]");
const DECIMAL: Text = Text::fixed("写在引号里的小数 \"-10.5\"", "a decimal in quotes, \"-10.5\"");
const DAY: Text = Text::fixed("日期 \"2021-12-10\"", "a day, \"2021-12-10\"");
const TEXT: Text =
    Text::fixed("中英文 { zh = \"…\", en = \"…\" }", "both languages, { zh = \"…\", en = \"…\" }");
const STRINGS: Text = Text::fixed("文字列表 [\"…\"]", "a list of texts, [\"…\"]");
const TABLE: Text = Text::fixed("表 { … }", "a table, { … }");
const TABLES: Text = Text::fixed("表的列表 [[…]]", "a list of tables, [[…]]");

fn filled(value: &DeValue<'_>) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// The name of a table in a list.
fn named(table: &DeTable<'_>) -> Option<String> {
    let id = table.get("id").and_then(|id| filled(id.get_ref()));
    id.or_else(|| Some(whole(table.get("number")?.get_ref())?.to_string()))
}

fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn decimal(value: &DeValue<'_>) -> Option<Decimal> {
    value.as_str()?.trim().parse().ok()
}

fn day(value: &DeValue<'_>) -> Option<Date> {
    value.as_str()?.trim().parse().ok()
}

fn whole(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A text in both languages and nothing else.
fn text(value: &DeValue<'_>) -> Option<Text> {
    let table = value.as_table().filter(|table| table.len() == 2)?;
    let part = |key: &str| table.get(key).and_then(|part| filled(part.get_ref()));
    Some(Text::new(part("zh")?, part("en")?))
}
