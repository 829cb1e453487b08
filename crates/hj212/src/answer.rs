//! The platform's answers (应答), byte for byte.

use crate::{Draft, Edition, Packet, tables};

/// What a packet wants in return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// 9014: the data have been received (数据应答).
    DataReceived,
    /// 9013: the notice has been received (通知应答).
    NoticeReceived,
    /// 9022: the answer to a heartbeat of 2005.
    HeartbeatReceived,
}

impl Wanted {
    /// The command of the answer.
    pub const fn cn(self) -> &'static str {
        match self {
            Self::DataReceived => "9014",
            Self::NoticeReceived => "9013",
            Self::HeartbeatReceived => "9022",
        }
    }
}

/// The answer that a packet wants, or `None` (no bit A, or a command that wants none).
///
/// # Standard
/// HJ 212-2017 6.5.3 to 6.5.5 and table 9; commands of other editions as in `tables::commands`.
pub fn wanted(packet: &Packet) -> Option<Wanted> {
    if !packet.wants_answer() {
        return None;
    }
    let wanted = tables::command(packet.cn())?.from_device?;
    // In 2005 the number 1001 is a request of the platform's, never a notice.
    let is_request = packet.cn() == "1001" && packet.edition() == Edition::Hj2005;
    (!is_request).then_some(wanted)
}

/// The answer to a packet from a device, or `None` where none is due.
pub fn to(packet: &Packet) -> Option<Vec<u8>> {
    wanted(packet).map(|wanted| build(packet, wanted.cn(), &[]))
}

/// 9011, the answer to a request (请求应答), with `QnRtn`: 1 ready, 2 refused, 3 wrong PW,
/// 4 wrong MN, 5 wrong ST, 6 wrong Flag, 7 wrong QN, 8 wrong CN, 9 wrong CRC, 100 unknown.
pub fn request(packet: &Packet, qn_rtn: u8) -> Vec<u8> {
    build(packet, "9011", &[("QnRtn", &qn_rtn.to_string())])
}

/// 9012, the end of a request (执行结果), with `ExeRtn`: 1 done, 2 failed, 3 bad condition,
/// 4 timeout, 5 busy, 6 system fault, 100 no data.
pub fn execution(packet: &Packet, exe_rtn: u8) -> Vec<u8> {
    build(packet, "9012", &[("ExeRtn", &exe_rtn.to_string())])
}

fn build(packet: &Packet, cn: &str, items: &[(&str, &str)]) -> Vec<u8> {
    let edition = packet.edition();
    let mut draft = Draft::new(cn).st("91").mn(packet.mn()).flag(edition.answer_flag());
    if let Some(pw) = packet.pw() {
        draft = draft.pw(pw);
    }
    match (packet.qn(), edition) {
        // The 2005 edition repeats the request's number in the data area.
        (Some(qn), Edition::Hj2005) => draft = draft.item(&[("QN", qn)]),
        (Some(qn), _) => draft = draft.qn(qn),
        (None, _) => {}
    }
    for item in items {
        draft = draft.item(&[*item]);
    }
    draft.build()
}
