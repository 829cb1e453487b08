//! Takes values out of tables and remembers where they stood and what was wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rulebook::Text;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::Problem;
use crate::words::Word;

/// A table of the file, its place, and the keys asked for so far.
pub(super) struct Entry<'table> {
    table: &'table DeTable<'table>,
    place: String,
    known: BTreeSet<&'static str>,
}

impl<'table> Entry<'table> {
    pub(super) fn top(table: &'table DeTable<'table>) -> Self {
        Self { table, place: String::new(), known: BTreeSet::new() }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a key as asked for, so that it is not called unknown.
    pub(super) fn know(&mut self, key: &'static str) {
        self.known.insert(key);
    }

    fn at(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }
}

/// Reads values and collects what is wrong.
pub(super) struct Reader<'text> {
    file: &'text str,
    /// Where each line begins.
    beginnings: Vec<usize>,
    lines: BTreeMap<String, u32>,
    problems: Vec<Problem>,
}

impl<'text> Reader<'text> {
    pub(super) fn new(file: &'text str, text: &str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let beginnings = std::iter::once(0).chain(after_breaks).collect();
        Self { file, beginnings, lines: BTreeMap::new(), problems: Vec::new() }
    }

    pub(super) fn file(&self) -> &'text str {
        self.file
    }

    pub(super) fn finish(self) -> (Vec<Problem>, BTreeMap<String, u32>) {
        (self.problems, self.lines)
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
        self.problems.push(Problem { code, file, line, place, what, cure });
    }

    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let line = error.span().map(|span| self.line(&span));
        let message = error.message().to_owned();
        self.problems.push(Problem {
            code: "case_kind.syntax",
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

    /// Says that a clock has no length, or more than one.
    pub(super) fn no_length(&mut self, entry: &Entry<'_>) {
        self.problem(
            "case_kind.length",
            entry.place.clone(),
            Text::fixed("期限长度应当有且只有一种写法", "its length must be said in exactly one way"),
            Text::fixed(
                "写 deadline（法定期限表中的编号），或 amount、unit、source、confidence，或 until_field",
                "write `deadline` (a row of the table of deadlines), or `amount`, `unit`, `source` \
                 and `confidence`, or `until_field`",
            ),
        );
    }

    fn wrong_form(&mut self, place: String, wanted: &Text) {
        self.problem(
            "case_kind.wrong_form",
            place,
            Text::new(format!("应当是{}", wanted.zh), format!("must be {}", wanted.en)),
            Text::fixed("改成该形式", "write it in that form"),
        );
    }

    fn missing(&mut self, place: String, wanted: &Text) {
        self.problem(
            "case_kind.missing",
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

    fn take<'table, T>(
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

    fn require<'table, T>(
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

    pub(super) fn string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<String> {
        self.take(entry, key, &STRING, filled)
    }

    pub(super) fn required_string(&mut self, entry: &mut Entry<'_>, key: &'static str) -> String {
        self.require(entry, key, &STRING, filled).unwrap_or_default()
    }

    pub(super) fn boolean(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<bool> {
        self.take(entry, key, &BOOLEAN, DeValue::as_bool)
    }

    /// A switch that is off where it is not written.
    pub(super) fn yes(&mut self, entry: &mut Entry<'_>, key: &'static str) -> bool {
        self.boolean(entry, key).unwrap_or(false)
    }

    pub(super) fn whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<u32> {
        self.take(entry, key, &WHOLE, whole)
    }

    pub(super) fn required_whole(&mut self, entry: &mut Entry<'_>, key: &'static str) -> u32 {
        self.require(entry, key, &WHOLE, whole).unwrap_or_default()
    }

    pub(super) fn text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<Text> {
        self.take(entry, key, &TEXT, text)
    }

    pub(super) fn required_text(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Text {
        self.require(entry, key, &TEXT, text).unwrap_or_default()
    }

    pub(super) fn strings(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<String> {
        let strings = |value: &DeValue<'_>| {
            let items = value.as_array()?.iter();
            items.map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        };
        self.take(entry, key, &STRINGS, strings).unwrap_or_default()
    }

    /// One word of a list.
    pub(super) fn word<T: Word>(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<T> {
        let word = self.take(entry, key, &STRING, filled)?;
        self.known(entry.at(key), &word)
    }

    pub(super) fn required_word<T: Word>(
        &mut self,
        entry: &mut Entry<'_>,
        key: &'static str,
    ) -> Option<T> {
        let word = self.require(entry, key, &STRING, filled)?;
        self.known(entry.at(key), &word)
    }

    pub(super) fn words<T: Word>(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<T> {
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
            "case_kind.unknown_word",
            place,
            Text::new(format!("没有 {word:?} 这个词"), format!("{word:?} is no word here")),
            Text::new(
                format!("可用的词：{}", known.join("、")),
                format!("write one of: {}", known.join(", ")),
            ),
        );
    }

    /// One of a few words that are no list of their own.
    pub(super) fn choice_of(
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

    pub(super) fn table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.take(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    pub(super) fn required_table<'table>(
        &mut self,
        entry: &mut Entry<'table>,
        key: &'static str,
    ) -> Option<Entry<'table>> {
        let table = self.require(entry, key, &TABLE, DeValue::as_table)?;
        Some(Entry { table, place: entry.at(key), known: BTreeSet::new() })
    }

    /// Every table of a list, read by `read`; it is named by its `id` where it has one.
    pub(super) fn entries<T>(
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
            let id = table.get("id").and_then(|id| id.get_ref().as_str());
            let place = id.map_or(place, |id| format!("{}.{id}", entry.at(key)));
            self.lines.insert(place.clone(), line);
            let mut inner = Entry { table, place, known: BTreeSet::new() };
            all.push(read(self, &mut inner));
            self.close(&inner);
        }
        all
    }

    /// Names the keys that nobody asked for.
    pub(super) fn close(&mut self, entry: &Entry<'_>) {
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
                "case_kind.unknown_key",
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
