//! The packets of a device: uploads, replies, and those that are wrong on purpose.

use crate::report::{Item, Report, beijing};
use crate::site::Site;
use hj212::{Decoder, Draft, Edition};
use jiff::Timestamp;
use std::ops::Range;

/// The name of an exchange, and what all packets of a device carry.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    at: Timestamp,
    millisecond: u32,
    password: String,
    wants_answer: bool,
}

impl Stamp {
    /// An exchange that begins at `at` on the device's clock, about what happened at `start`.
    pub(crate) fn new(site: &Site, at: Timestamp, start: Timestamp) -> Self {
        let lot = site.noise.child("millisecond").bits(start.as_second());
        Self {
            at,
            millisecond: (lot % 900) as u32,
            password: site.password.clone(),
            wants_answer: true,
        }
    }

    pub(crate) fn with_password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    pub(crate) fn wanting_answer(mut self, wants_answer: bool) -> Self {
        self.wants_answer = wants_answer;
        self
    }

    /// QN.
    fn name(&self) -> String {
        format!("{}{:03}", beijing(self.at), self.millisecond)
    }
}

/// A packet of a report, with the readings that it holds.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) qn: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) readings: Range<usize>,
}

/// An answer of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The name of the exchange that is answered.
    pub(crate) qn: String,
    pub(crate) command: u16,
    pub(crate) fields: Vec<(String, String)>,
}

/// The packets of a report: one, or several where it is too long for one.
pub(crate) fn upload(site: &Site, report: &Report, stamp: &Stamp) -> Vec<Upload> {
    let flag = site.edition.answer_flag() + u8::from(stamp.wants_answer);
    let command = report.command().to_string();
    let mut draft = Draft::new(&command)
        .qn(&stamp.name())
        .st(&site.system_type.to_string())
        .pw(&stamp.password)
        .mn(&site.mn)
        .flag(flag);
    draft = with_item(draft, &report.time_item());
    for item in report.items() {
        draft = with_item(draft, &item);
    }
    let parts = draft.build_parts();
    if let [_] = parts.as_slice() {
        let whole = 0..report.readings.len();
        let upload = |bytes| Upload { qn: stamp.name(), bytes, readings: whole.clone() };
        return parts.into_iter().map(upload).collect();
    }
    let mut start = 0;
    parts
        .into_iter()
        .filter_map(|bytes| {
            // Which readings a part holds and under which name it goes, the codec decides.
            let packet = hj212::decode_whole(&bytes).ok()?.packet;
            let end = start + packet.items().len().saturating_sub(1);
            let readings = std::mem::replace(&mut start, end)..end;
            Some(Upload { qn: packet.qn()?.to_owned(), bytes, readings })
        })
        .collect()
}

fn with_item(draft: Draft, item: &Item) -> Draft {
    let pairs: Vec<_> = item.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    draft.item(&pairs)
}

/// The packet of a reply.
pub(crate) fn reply(site: &Site, password: &str, reply: &Reply) -> Vec<u8> {
    let is_interaction = (9000..=9999).contains(&reply.command);
    let system_type = if is_interaction { 91 } else { site.system_type };
    let mut draft = Draft::new(&reply.command.to_string())
        .qn(&reply.qn)
        .st(&system_type.to_string())
        .pw(password)
        .mn(&site.mn)
        .flag(site.edition.answer_flag());
    if site.edition == Edition::Hj2005 {
        draft = draft.item(&[("QN", &reply.qn)]);
    }
    for (name, value) in &reply.fields {
        draft = draft.item(&[(name, value)]);
    }
    draft.build()
}

/// The same packet once more; since 2025 it says so by RF=1 before CP.
pub(crate) fn repeated(site: &Site, bytes: &[u8]) -> Vec<u8> {
    let is_marked = site.edition == Edition::Hj2025;
    match hj212::decode_whole(bytes) {
        Ok(frame) if is_marked && frame.packet.rf().is_none() => {
            let text = frame.packet.text().replacen(";CP=&&", ";RF=1;CP=&&", 1);
            hj212::encode::frame(text.as_bytes())
        }
        _ => bytes.to_vec(),
    }
}

/// The packet with a check sum that does not hold.
pub(crate) fn damaged(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    // Four hexadecimal digits stand before CR and LF.
    if let Some(place) = bytes.len().checked_sub(6) {
        bytes[place] = if bytes[place] == b'0' { b'F' } else { b'0' };
    }
    bytes
}

/// A real-time packet under the number of a site with a password that is not its own.
pub(crate) fn with_wrong_password(site: &Site, at: Timestamp) -> Vec<u8> {
    let password = if site.password == "000000" { "999999" } else { "000000" };
    strange(site, &site.mn, password, at)
}

/// A real-time packet under a number that no registry holds.
pub(crate) fn from_unknown_device(site: &Site, at: Timestamp) -> Vec<u8> {
    let lot = site.noise.child("unknown").bits(at.as_second());
    strange(site, &format!("FFFFFFFF{lot:016X}"), &site.password, at)
}

fn strange(site: &Site, mn: &str, password: &str, at: Timestamp) -> Vec<u8> {
    let code = site.factors.first().map_or("w01018", |factor| factor.code.as_str());
    let time = beijing(at);
    Draft::new("2011")
        .qn(&format!("{time}000"))
        .st(&site.system_type.to_string())
        .pw(password)
        .mn(mn)
        .flag(site.edition.answer_flag() + 1)
        .item(&[("DataTime", &time)])
        .item(&[(&format!("{code}-Rtd"), "12.3"), (&format!("{code}-Flag"), "N")])
        .build()
}

/// What the platform sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) qn: String,
    pub(crate) command: u16,
    pub(crate) password: String,
    pub(crate) mn: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Incoming {
    /// The value of a field of the data area.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Finds what the platform says in the bytes of a connection; what cannot be read is passed over.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    decoder: Decoder,
}

impl Reader {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
    }

    pub(crate) fn next_packet(&mut self) -> Option<Incoming> {
        loop {
            match self.decoder.next_frame()? {
                Ok(frame) => return Some(Incoming::of(&frame.packet)),
                Err(rejection) => tracing::debug!(?rejection, "the platform sent a wrong packet"),
            }
        }
    }
}

impl Incoming {
    fn of(packet: &hj212::Packet) -> Self {
        let pairs = packet.pairs().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            // The edition of 2005 puts the number of the exchange into the data area.
            qn: packet.qn().or_else(|| packet.value("QN")).unwrap_or_default().to_owned(),
            command: packet.cn().parse().unwrap_or_default(),
            password: packet.pw().unwrap_or_default().to_owned(),
            mn: packet.mn().to_owned(),
            fields: pairs.collect(),
        }
    }
}
