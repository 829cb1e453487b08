//! A data segment taken apart (数据段).

use crate::{Quirk, Reason};
use std::ops::Range;

/// An edition of the protocol, told by the version bits of `Flag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Edition {
    /// HJ/T 212-2005.
    Hj2005,
    /// HJ 212-2017.
    Hj2017,
    /// HJ 212-2025; version bits above 2 are read as this one.
    Hj2025,
}

impl Edition {
    /// The year.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hj2005 => "2005",
            Self::Hj2017 => "2017",
            Self::Hj2025 => "2025",
        }
    }

    /// `Flag` of an answer in this edition: the version bits alone.
    pub const fn answer_flag(self) -> u8 {
        match self {
            Self::Hj2005 => 0,
            Self::Hj2017 => 4,
            Self::Hj2025 => 8,
        }
    }
}

const HEADER: [&str; 9] = ["QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

impl Span {
    fn of(range: Range<usize>) -> Self {
        Self { from: range.start as u16, to: range.end as u16 }
    }

    fn range(self) -> Range<usize> {
        usize::from(self.from)..usize::from(self.to)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    group: u16,
    name: Span,
    value: Span,
}

/// A data segment: header fields and the data area, as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    text: Box<str>,
    header: [Option<Span>; HEADER.len()],
    flag: Option<u8>,
    pairs: Vec<Pair>,
}

impl Packet {
    fn header(&self, index: usize) -> Option<&str> {
        self.header[index].map(|span| &self.text[span.range()])
    }

    /// QN, the number of the exchange (请求编码).
    pub fn qn(&self) -> Option<&str> {
        self.header(0)
    }

    /// ST, the system code (系统编码).
    pub fn st(&self) -> &str {
        self.header(1).unwrap_or_default()
    }

    /// CN, the command (命令编码).
    pub fn cn(&self) -> &str {
        self.header(2).unwrap_or_default()
    }

    /// PW, the password (访问密码).
    pub fn pw(&self) -> Option<&str> {
        self.header(3)
    }

    /// MN, the device (设备唯一标识).
    pub fn mn(&self) -> &str {
        self.header(4).unwrap_or_default()
    }

    /// `Flag` as written.
    pub fn flag_text(&self) -> Option<&str> {
        self.header(5)
    }

    /// `Flag` as a number (拆分包及应答标志).
    pub fn flag(&self) -> Option<u8> {
        self.flag
    }

    /// PNUM, into how many parts the message is split (总包数).
    pub fn pnum(&self) -> Option<&str> {
        self.header(6)
    }

    /// PNO, which part this is (包号).
    pub fn pno(&self) -> Option<&str> {
        self.header(7)
    }

    /// RF, 1 in a packet sent again (补传标识, 2025).
    pub fn rf(&self) -> Option<&str> {
        self.header(8)
    }

    /// The header's fields that are present, in the standard's order.
    pub fn header_fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        HEADER.iter().enumerate().filter_map(|(index, name)| Some((*name, self.header(index)?)))
    }

    /// The edition.
    pub fn edition(&self) -> Edition {
        match self.flag.map_or(0, |flag| flag >> 2) {
            0 => Edition::Hj2005,
            1 => Edition::Hj2017,
            _ => Edition::Hj2025,
        }
    }

    /// True when the sender wants an answer (bit A).
    pub fn wants_answer(&self) -> bool {
        self.flag.is_some_and(|flag| flag & 1 == 1)
    }

    /// True when the message is one of several parts (bit D).
    pub fn is_split(&self) -> bool {
        self.flag.is_some_and(|flag| flag & 2 == 2)
    }

    /// Names and values of the data area (数据区), in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|pair| (&self.text[pair.name.range()], &self.text[pair.value.range()]))
    }

    /// The data area as items between semicolons, each with its pairs between commas.
    pub fn items(&self) -> Vec<Vec<(&str, &str)>> {
        let mut items: Vec<Vec<(&str, &str)>> = Vec::new();
        let mut last = None;
        for (pair, texts) in self.pairs.iter().zip(self.pairs()) {
            if last != Some(pair.group) {
                items.push(Vec::new());
                last = Some(pair.group);
            }
            if let Some(item) = items.last_mut() {
                item.push(texts);
            }
        }
        items
    }

    /// The value of the first pair with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The whole segment as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes a segment apart; `quirks` receives what departs from the standard.
    pub(crate) fn parse(text: Box<str>, quirks: &mut Vec<Quirk>) -> Result<Self, Reason> {
        let mut this =
            Self { text, header: [None; HEADER.len()], flag: None, pairs: Vec::with_capacity(24) };
        let opening = this.text.find("CP=").ok_or(Reason::CpNotOpened)?;
        let area = this.data_area(opening)?;
        this.read_header(opening, quirks);
        let cn = this.cn();
        if cn.len() != 4 || !cn.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Reason::BadCn);
        }
        this.read_area(area, quirks);
        this.notice(quirks);
        Ok(this)
    }

    fn data_area(&self, opening: usize) -> Result<Range<usize>, Reason> {
        let rest = &self.text[opening + 3..];
        let lead = rest.len() - rest.trim_start().len();
        if !rest[lead..].starts_with("&&") {
            return Err(Reason::CpNotOpened);
        }
        let from = opening + 3 + lead + 2;
        let to = self.text.trim_end().len();
        if to < from + 2 || !self.text[..to].ends_with("&&") {
            return Err(Reason::CpNotClosed);
        }
        Ok(from..to - 2)
    }

    fn read_header(&mut self, end: usize, quirks: &mut Vec<Quirk>) {
        let header = &self.text[..end];
        if !header.is_empty() && !header.trim_end().ends_with([';', ',']) {
            quirks.push(Quirk::NoSemicolonBeforeCp);
        }
        if header.contains(',') {
            quirks.push(Quirk::HeaderComma);
        }
        if header.contains(' ') {
            quirks.push(Quirk::HeaderSpace);
        }
        let mut at = 0;
        for part in header.split([';', ',']) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if let Some(index) = HEADER.iter().position(|known| *known == name.trim()) {
                let from = at + name.len() + 1;
                let from = from + (value.len() - value.trim_start().len());
                self.header[index] = Some(Span::of(from..from + value.trim().len()));
            }
            at += part.len() + 1;
        }
        self.flag = self.header(5).and_then(|text| text.parse().ok());
    }

    fn read_area(&mut self, area: Range<usize>, quirks: &mut Vec<Quirk>) {
        let bytes = self.text.as_bytes();
        let (mut spaces, mut without_value, mut group) = (false, false, 0_u16);
        let mut pairs = std::mem::take(&mut self.pairs);
        let mut add = |from: usize, to: usize, group: u16| {
            let trimmed = trim(bytes, from..to);
            spaces |= trimmed != (from..to);
            if trimmed.is_empty() {
                return;
            }
            let equals = memchr::memchr(b'=', &bytes[trimmed.clone()]);
            without_value |= equals.is_none();
            let middle = equals.map_or(trimmed.end, |offset| trimmed.start + offset);
            let name = trim(bytes, trimmed.start..middle);
            let value = trim(bytes, (middle + 1).min(trimmed.end)..trimmed.end);
            spaces |= name.end != middle || value.start > middle + 1;
            pairs.push(Pair { group, name: Span::of(name), value: Span::of(value) });
        };
        let (mut start, mut at) = (area.start, area.start);
        while at < area.end {
            match bytes[at] {
                b'/' if bytes[at..area.end].starts_with(b"//") => {
                    let text = memchr::memmem::find(&bytes[at + 2..area.end], b"//");
                    at = text.map_or(at + 2, |offset| at + offset + 4);
                    continue;
                }
                separator @ (b';' | b',') => {
                    add(start, at, group);
                    group += u16::from(separator == b';');
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        add(start, area.end, group);
        self.pairs = pairs;
        if spaces {
            quirks.push(Quirk::CpSpace);
        }
        if without_value {
            quirks.push(Quirk::CpItemWithoutValue);
        }
        if bytes[area.clone()].ends_with(b";") {
            quirks.push(Quirk::CpTrailingSemicolon);
        }
    }

    /// Notes what the header's values depart in.
    fn notice(&self, quirks: &mut Vec<Quirk>) {
        match self.qn() {
            None => quirks.push(Quirk::NoQn),
            Some(qn) if qn.len() != 17 || !qn.bytes().all(|byte| byte.is_ascii_digit()) => {
                quirks.push(Quirk::QnFormat);
            }
            Some(_) => {}
        }
        if self.pw().is_some_and(|pw| pw.chars().count() != 6) {
            quirks.push(Quirk::PasswordLength);
        }
        if self.mn().len() != 24 || !self.mn().bytes().all(|byte| byte.is_ascii_hexdigit()) {
            quirks.push(Quirk::MnNot24Hex);
        }
        if self.st().len() != 2 || !self.st().bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            quirks.push(Quirk::StFormat);
        }
        match (self.flag_text(), self.flag) {
            (None, _) => quirks.push(Quirk::FlagMissing),
            (Some(_), None) => quirks.push(Quirk::FlagFormat),
            (Some(_), Some(_)) => {}
        }
        if self.flag.is_some() && self.is_split() != self.pnum().is_some() {
            quirks.push(Quirk::FlagPnumMismatch);
        }
    }
}

fn trim(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let (mut from, mut to) = (range.start, range.end);
    while from < to && bytes[from].is_ascii_whitespace() {
        from += 1;
    }
    while to > from && bytes[to - 1].is_ascii_whitespace() {
        to -= 1;
    }
    from..to
}
