//! What several packets say together: parts of a split message, the same message sent again,
//! a later correction.
//!
//! The parts of a split message carry numbers of their own, so QN is no key; what packets have in
//! common is device, command and `DataTime` (HJ 212-2017 tables C.49 and C.50).

use crate::{Packet, field};

/// What is known of one device, command and time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathering {
    /// `DataTime` as written.
    pub data_time: String,
    /// MN.
    pub mn: String,
    /// CN.
    pub cn: String,
    /// The factors in the order in which they came.
    pub factors: Vec<String>,
    /// 1, and one more for each packet that contradicts what was known.
    pub versions: usize,
    values: Vec<(String, String)>,
}

/// Gathers the data packets of one connection, in their order.
pub fn gather<'a>(packets: impl IntoIterator<Item = &'a Packet>) -> Vec<Gathering> {
    let mut all: Vec<Gathering> = Vec::new();
    for packet in packets {
        let Some(time) = packet.value("DataTime") else { continue };
        let known = all.iter_mut().find(|known| {
            known.data_time == time && known.mn == packet.mn() && known.cn == packet.cn()
        });
        if let Some(known) = known {
            known.add(packet);
            continue;
        }
        let mut new = Gathering {
            data_time: time.to_owned(),
            mn: packet.mn().to_owned(),
            cn: packet.cn().to_owned(),
            versions: 1,
            ..Gathering::default()
        };
        new.add(packet);
        all.push(new);
    }
    all
}

impl Gathering {
    fn add(&mut self, packet: &Packet) {
        let mut contradicts = false;
        for (name, value) in packet.pairs() {
            let Some((code, _)) = field::split(name) else { continue };
            if !self.factors.iter().any(|known| known == code) {
                self.factors.push(code.to_owned());
            }
            match self.values.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if known == value => {}
                Some((_, known)) => {
                    contradicts = true;
                    value.clone_into(known);
                }
                None => self.values.push((name.to_owned(), value.to_owned())),
            }
        }
        self.versions += usize::from(contradicts);
    }
}
