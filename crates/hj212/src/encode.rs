//! Writing packets.

use crate::crc;
use std::fmt::Write as _;

/// The most bytes that the data area of one packet may have (CP 内容上限).
pub const LONGEST_AREA: usize = 950;

/// A packet being written; fields that are never set are left out.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    qn: Option<String>,
    st: String,
    cn: String,
    pw: Option<String>,
    mn: String,
    flag: Option<u8>,
    part: Option<(usize, usize)>,
    rf: bool,
    items: Vec<String>,
}

impl Draft {
    /// A packet with this command.
    pub fn new(cn: &str) -> Self {
        Self { cn: cn.to_owned(), ..Self::default() }
    }

    /// Sets QN.
    pub fn qn(mut self, qn: &str) -> Self {
        self.qn = Some(qn.to_owned());
        self
    }

    /// Sets ST.
    pub fn st(mut self, st: &str) -> Self {
        st.clone_into(&mut self.st);
        self
    }

    /// Sets PW.
    pub fn pw(mut self, pw: &str) -> Self {
        self.pw = Some(pw.to_owned());
        self
    }

    /// Sets MN.
    pub fn mn(mut self, mn: &str) -> Self {
        mn.clone_into(&mut self.mn);
        self
    }

    /// Sets Flag.
    pub fn flag(mut self, flag: u8) -> Self {
        self.flag = Some(flag);
        self
    }

    /// Marks the packet as sent again (RF=1, 2025).
    pub fn sent_again(mut self) -> Self {
        self.rf = true;
        self
    }

    /// Adds an item: pairs joined by commas.
    pub fn item(mut self, pairs: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            let _ = write!(text, "{name}={value}");
        }
        self.items.push(text);
        self
    }

    /// The frame, with its line end.
    pub fn build(&self) -> Vec<u8> {
        frame(self.segment(&self.items.join(";")).as_bytes())
    }

    /// The frame, split into parts where the data area is too long for one (拆分包). Each part
    /// repeats the first item, which holds `DataTime`; numbers of exchanges count up from QN.
    pub fn build_parts(&self) -> Vec<Vec<u8>> {
        let whole: usize = self.items.iter().map(|item| item.len() + 1).sum();
        let Some((first, rest)) = self.items.split_first() else { return vec![self.build()] };
        if whole <= LONGEST_AREA + 1 {
            return vec![self.build()];
        }
        let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
        let mut used = first.len();
        for item in rest {
            if used + item.len() + 1 > LONGEST_AREA && parts.last().is_some_and(|p| !p.is_empty()) {
                parts.push(Vec::new());
                used = first.len();
            }
            used += item.len() + 1;
            if let Some(part) = parts.last_mut() {
                part.push(item);
            }
        }
        let total = parts.len();
        let build = |(index, part): (usize, &Vec<&str>)| {
            let mut draft = self.clone();
            draft.part = Some((total, index + 1));
            draft.flag = self.flag.map(|flag| flag | 2);
            draft.qn = self.qn.as_ref().map(|qn| count_up(qn, index as u64));
            let area: Vec<&str> =
                std::iter::once(first.as_str()).chain(part.iter().copied()).collect();
            frame(draft.segment(&area.join(";")).as_bytes())
        };
        parts.iter().enumerate().map(build).collect()
    }

    fn segment(&self, area: &str) -> String {
        let mut text = String::with_capacity(128 + area.len());
        if let Some(qn) = &self.qn {
            let _ = write!(text, "QN={qn};");
        }
        let _ = write!(text, "ST={};CN={};", self.st, self.cn);
        if let Some(pw) = &self.pw {
            let _ = write!(text, "PW={pw};");
        }
        let _ = write!(text, "MN={};", self.mn);
        if let Some(flag) = self.flag {
            let _ = write!(text, "Flag={flag};");
        }
        if let Some((total, number)) = self.part {
            let _ = write!(text, "PNUM={total};PNO={number};");
        }
        if self.rf {
            text.push_str("RF=1;");
        }
        let _ = write!(text, "CP=&&{area}&&");
        text
    }
}

/// Wraps a data segment into a frame with its line end.
pub fn frame(segment: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(segment.len() + 12);
    bytes.extend_from_slice(format!("##{:04}", segment.len()).as_bytes());
    bytes.extend_from_slice(segment);
    bytes.extend_from_slice(format!("{:04X}\r\n", crc::of(segment)).as_bytes());
    bytes
}

fn count_up(qn: &str, by: u64) -> String {
    match qn.parse::<u64>() {
        Ok(number) if by > 0 => {
            // Milliseconds count round within their second, so that the number stays a time.
            let (second, millisecond) = (number / 1000, (number % 1000 + by) % 1000);
            format!("{:0width$}", second * 1000 + millisecond, width = qn.len())
        }
        _ => qn.to_owned(),
    }
}
