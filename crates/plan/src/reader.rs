//! Takes values out of tables and remembers where they stood and what was wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use rulebook::{Decimal, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Level, Problem};
use crate::words::Word;

/// Where each place of the files stands: file and line.
pub(crate) type Lines = BTreeMap<String, (String, u32)>;

/// A table of the file, its place, and the keys asked for so far.
pub(crate) struct Entry<'table> {
    table: &'table DeTable<'table>,
    place: String,
    known: BTreeSet<&'static str>,
}

impl<'table> Entry<'table> {
    pub(crate) fn top(table: &'table DeTable<'table>) -> Self {
        Self { table, place: String::new(), known: BTreeSet::new() }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }
}

/// Reads values and collects what is wrong.
pub(crate) struct Reader<'text> {
    file: &'text str,
    /// Where each line begins.
    beginnings: Vec<usize>,
    lines: BTreeMap<String, u32>,
    problems: Vec<Problem>,
}

impl<'text> Reader<'text> {
    pub(crate) fn new(file: &'text str, text: &str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let beginnings = std::iter::once(0).chain(after_breaks).collect();
        Self { file, beginnings, lines: BTreeMap::new(), problems: Vec::new() }
    }

    pub(crate) fn finish(self) -> (Vec<Problem>, Lines) {
        let file = self.file.to_owned();
        let lines = self.lines.into_iter().map(|(place, line)| (place, (file.clone(), line)));
        (self.problems, lines.collect())
    }

    fn line(&self, span: &Range<usize>) -> u32 {
        self.beginnings.partition_point(|begin| *begin <= span.start) as u32
    }

    fn problem(&mut self, code: &'static str, place: String, what: Text, cure: Text) {
        let line = self.lines.get(&place).copied().or_else(|| {
            let (above, _) = place.rsplit_once('.')?;
            self.lines.get(above).copied()
        });
        let file = self.file.to_owned();
        self.problems.push(Problem { level: Level::Wrong, code, file, line, place, what, cure });
    }

    pub(crate) fn syntax(&mut self, error: &toml::de::Error) {
        let line = error.span().map(|span| self.line(&span));
        let message = error.message().to_owned();
        self.problems.push(Problem {
            level: Level::Wrong,
            code: "plan.syntax",
            file: self.file.to_owned(),
            line,
            place: "file".to_owned(),
            what: Text::new(format!("不是有效的 TOML：{message}"), format!("no TOML: {message}")),
            cure: Text::fixed("按 TOML 语法改正该行", "mend the line; see toml.io"),
        });
    }

    /// Says that a value of an entry has not the form that is wanted.
    pub(crate) fn wrong_form(&mut self, entry: &Entry<'_>, key: &str, wanted: &Text) {
        let place = if key.is_empty() { entry.place.clone() } else { entry.at(key) };
        self.form(place, wanted);
    }

    fn form(&mut self, place: String, wanted: &Text) {
        self.problem(
            "plan.wrong_form",
            place,
            Text::new(format!("应当是{}", wanted.zh), format!("must be {}", wanted.en)),
            Text::fixed("改成该形式", "write it in that form"),
        );
    }

    fn missing(&mut self, place: String, wanted: &Text) {
        self.problem(
            "plan.missing",
            place,
            Text::new(format!("缺少，应当是{}", wanted.zh), format!("is missing: {}", wanted.en)),
            Text::fixed("补上该项", "add it"),
        );
    }

    fn take<'table, T>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
        wanted: &Text,
        convert: impl FnOnce(&'table DeValue<'table>) -> Option<T>,
    ) -> Option<T> {
        entry.known.insert(key);
        let (name, value): (_, &Spanned<DeValue<'_>>) = entry.table.get_key_value(key)?;
        let line = self.line(&name.span());
        self.lines.insert(entry.at(key), line);
        let converted = convert(value.get_ref());
        if converted.is_none() {
            self.form(entry.at(key), wanted);
        }
        converted
    }

    fn require<'table, T>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
        wanted: &Text,
        convert: impl FnOnce(&'table DeValue<'table>) -> Option<T>,
    ) -> Option<T> {
        if !entry.has(key) {
            entry.known.insert(key);
            self.missing(entry.at(key), wanted);
            return None;
        }
        self.take(entry, key, wanted, convert)
    }

    pub(crate) fn string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<String> {
        self.take(entry, key, &STRING, filled)
    }

    pub(crate) fn required_string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> String {
        self.require(entry, key, &STRING, filled).unwrap_or_default()
    }

    pub(crate) fn whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<u32> {
        self.take(entry, key, &WHOLE, whole)
    }

    pub(crate) fn required_whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> u32 {
        self.require(entry, key, &WHOLE, whole).unwrap_or_default()
    }

    pub(crate) fn wholes(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<u32> {
        let numbers = |value: &DeValue<'_>| {
            value.as_array()?.iter().map(|item| whole(item.get_ref())).collect()
        };
        self.take(entry, key, &WHOLES, numbers).unwrap_or_default()
    }

    pub(crate) fn decimal(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Decimal> {
        self.take(entry, key, &DECIMAL, |value| value.as_str()?.trim().parse().ok())
    }

    pub(crate) fn required_day(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Date {
        let day = self.require(entry, key, &DAY, |value| value.as_str()?.trim().parse().ok());
        day.unwrap_or_default()
    }

    pub(crate) fn text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Text> {
        self.take(entry, key, &TEXT, text)
    }

    pub(crate) fn required_text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Text {
        self.require(entry, key, &TEXT, text).unwrap_or_default()
    }

    pub(crate) fn strings(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<String> {
        let strings = |value: &DeValue<'_>| {
            value.as_array()?.iter().map(|item| filled(item.get_ref())).collect()
        };
        self.take(entry, key, &STRINGS, strings).unwrap_or_default()
    }

    pub(crate) fn required_word<T: Word>(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
    ) -> Option<T> {
        let word = self.require(entry, key, &STRING, filled)?;
        self.known(entry.at(key), &word)
    }

    pub(crate) fn words<T: Word>(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<T> {
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

    fn unknown_word(&mut self, place: String, word: &str, known: &[&str]) {
        self.problem(
            "plan.unknown_word",
            place,
            Text::new(format!("没有 {word:?} 这个词"), format!("{word:?} is no word here")),
            Text::new(
                format!("可用的词：{}", known.join("、")),
                format!("write one of: {}", known.join(", ")),
            ),
        );
    }

    /// One of a few words that are no list of their own.
    pub(crate) fn choice_of(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let word = self.required_string(entry, key);
        if word.is_empty() {
            return None;
        }
        let found = words.iter().copied().find(|known| *known == word);
        if found.is_none() {
            self.unknown_word(entry.at(key), &word, words);
        }
        found
    }

    pub(crate) fn table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.take(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    pub(crate) fn required_table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.require(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    /// Every table of a list, read by `read`; it is named by its `id` or `number` where it has one.
    pub(crate) fn entries<T>(
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
                self.form(place, &TABLE);
                continue;
            };
            let place = named(table).map_or(place, |name| format!("{}.{name}", entry.at(key)));
            self.lines.entry(place.clone()).or_insert(line);
            let mut inner = Entry { table, place, known: BTreeSet::new() };
            all.push(read(self, &mut inner));
            self.close(&inner);
        }
        all
    }

    /// Names the keys that nobody asked for.
    pub(crate) fn close(&mut self, entry: &Entry<'_>) {
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
                "plan.unknown_key",
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

/// The name of a table in a list.
fn named(table: &DeTable<'_>) -> Option<String> {
    let id = table.get("id").and_then(|id| filled(id.get_ref()));
    id.or_else(|| Some(whole(table.get("number")?.get_ref())?.to_string()))
}

const STRING: Text = Text::fixed("不为空的文字", "a text that is not empty");
const WHOLE: Text = Text::fixed("不为负的整数", "a whole number that is not negative");
const WHOLES: Text = Text::fixed("整数列表 [1, 2]", "a list of whole numbers, [1, 2]");
const DECIMAL: Text = Text::fixed("写成文字的小数 \"-10.5\"", "a decimal as text, \"-10.5\"");
const DAY: Text = Text::fixed("日期 \"2021-12-10\"", "a day, \"2021-12-10\"");
const TEXT: Text =
    Text::fixed("中英文 { zh = \"…\", en = \"…\" }", "both languages, { zh = \"…\", en = \"…\" }");
const STRINGS: Text = Text::fixed("文字列表 [\"…\"]", "a list of texts, [\"…\"]");
const TABLE: Text = Text::fixed("表 { … }", "a table, { … }");
const TABLES: Text = Text::fixed("表的列表 [[…]]", "a list of tables, [[…]]");

fn filled(value: &DeValue<'_>) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
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
