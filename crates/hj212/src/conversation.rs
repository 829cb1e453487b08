//! One exchange that the platform begins (请求命令的三步通信), without sockets and clocks: what to
//! send, what an incoming packet means for it, when to send again, when to give up.

use crate::{Edition, Packet, Request};

/// To whom a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// MN.
    pub mn: String,
    /// PW.
    pub password: String,
    /// ST under which the device reports.
    pub system_type: String,
    /// The edition that the device speaks, by the version bits of its packets.
    pub edition: Edition,
    /// The key by which what is secret is encrypted for it (2025).
    pub key: Option<crate::cipher::Key>,
}

/// How patient the platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// So long is waited for the answer 9011 or 9013.
    ///
    /// # Standard
    /// HJ 212-2017 table 1: 10 s over radio and power line, 5 s over ADSL.
    pub answer_ms: u64,
    /// So often a request without an answer is sent again: 3 by table 1.
    pub resends: u8,
    /// So long is waited for the next sign of execution after 9011: a packet of what was asked
    /// for, or 9012. The standard names no time; ours.
    pub execution_ms: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { answer_ms: 10_000, resends: 3, execution_ms: 60_000 }
    }
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// 9012 with ExeRtn 1, or 9013 to a notice: done.
    Done,
    /// 9011 with another QnRtn than 1: refused.
    Refused(u16),
    /// 9012 with another ExeRtn than 1.
    Failed(u16),
    /// No answer, however often it was sent.
    NoAnswer,
    /// Accepted, and then silence.
    NoResult,
}

impl End {
    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::NoAnswer => "no_answer",
            Self::NoResult => "no_result",
        }
    }

    /// QnRtn or ExeRtn, where the device gave one.
    pub const fn number(self) -> Option<u16> {
        match self {
            Self::Refused(number) | Self::Failed(number) => Some(number),
            Self::Done | Self::NoAnswer | Self::NoResult => None,
        }
    }

    /// What it means, in Chinese and English.
    ///
    /// # Standard
    /// HJ 212-2017 tables 6 (QnRtn) and 7 (ExeRtn).
    pub const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Done => ("执行成功", "done"),
            Self::Refused(2) => ("请求被拒绝", "refused"),
            Self::Refused(3) => ("密码错误", "wrong password"),
            Self::Refused(4) => ("MN 错误", "wrong MN"),
            Self::Refused(5) => ("ST 错误", "wrong ST"),
            Self::Refused(6) => ("Flag 错误", "wrong Flag"),
            Self::Refused(7) => ("QN 错误", "wrong QN"),
            Self::Refused(8) => ("CN 错误:设备不支持该命令", "the device knows no such command"),
            Self::Refused(9) => ("CRC 校验错误", "wrong check sum"),
            Self::Refused(_) => ("未知原因被拒绝", "refused for an unknown reason"),
            Self::Failed(2) => ("执行失败,原因未知", "failed, nobody says why"),
            Self::Failed(3) => ("命令请求条件错误", "the conditions of the request are wrong"),
            Self::Failed(4) => ("通信超时", "the device waited in vain"),
            Self::Failed(5) => ("系统繁忙不能执行", "the device is busy"),
            Self::Failed(6) => ("系统故障", "the device has a fault"),
            Self::Failed(100) => ("没有数据", "there are no data"),
            Self::Failed(_) => ("执行失败", "failed"),
            Self::NoAnswer => ("设备没有应答", "the device did not answer"),
            Self::NoResult => ("设备接受后没有返回结果", "accepted, and no result came"),
        }
    }
}

/// What an incoming packet means for an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: it belongs to something else.
    Nothing,
    /// The device has accepted the request.
    Accepted,
    /// It brings what was asked for: keep it. It may be an upload that wants its own answer.
    Content,
    /// The exchange has ended.
    Ended(End),
}

/// What the time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// Send this again.
    Send(Vec<u8>),
    /// The exchange has ended.
    Ended(End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Asked,
    Accepted,
    Ended,
}

/// An exchange under way (一次请求).
///
/// ```
/// use hj212::conversation::{Addressee, Conversation, End, Heard, Terms};
/// use hj212::{Edition, Request, answer, decode_whole};
///
/// let device = Addressee {
///     mn: "010000A8900016F000169DC0".into(),
///     password: "123456".into(),
///     system_type: "32".into(),
///     edition: Edition::Hj2017,
///     key: None,
/// };
/// let interval = [("RtdInterval".to_owned(), "30".to_owned())];
/// let request = Request::new("1062", device.edition, &interval).unwrap();
/// let qn = "20160801085857223";
/// let (mut exchange, bytes) = Conversation::begin(&request, &device, qn, Terms::default(), 0);
/// // The worked example of HJ 212-2017 annex A, which prints the check sum as 1C80.
/// let printed = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=123456;\
///     MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
/// assert!(bytes.starts_with(printed));
/// let asked = decode_whole(&bytes).unwrap();
/// let accepted = decode_whole(&answer::request(&asked.packet, 1)).unwrap();
/// assert_eq!(exchange.hear(&accepted.packet, 40), Heard::Accepted);
/// let done = decode_whole(&answer::execution(&asked.packet, 1)).unwrap();
/// assert_eq!(exchange.hear(&done.packet, 90), Heard::Ended(End::Done));
/// ```
#[derive(Clone, Debug)]
pub struct Conversation {
    mn: String,
    qn: String,
    cn: &'static str,
    ends_with: &'static str,
    draft: crate::Draft,
    edition: Edition,
    key: Option<crate::cipher::Key>,
    terms: Terms,
    phase: Phase,
    resends_left: u8,
    wake_at_ms: u64,
}

impl Conversation {
    /// Begins an exchange; gives what is to be sent. Times are milliseconds since any fixed
    /// moment.
    ///
    /// # Standard
    /// HJ 212-2017 6.5.1 (three steps of a request) and 6.5.2 (resending).
    pub fn begin(
        request: &Request,
        device: &Addressee,
        qn: &str,
        terms: Terms,
        now_ms: u64,
    ) -> (Self, Vec<u8>) {
        let draft = request
            .draft(device.edition)
            .qn(qn)
            .st(&device.system_type)
            .pw(&device.password)
            .mn(&device.mn);
        let is_covered = crate::cipher::covers_request(request.cn());
        let key = device.key.filter(|_| is_covered && device.edition == Edition::Hj2025);
        let bytes = sealed(draft.build(), key);
        let this = Self {
            mn: device.mn.clone(),
            qn: qn.to_owned(),
            cn: request.cn(),
            ends_with: request.askable().ends_with,
            draft,
            edition: device.edition,
            key,
            terms,
            phase: Phase::Asked,
            resends_left: terms.resends,
            wake_at_ms: now_ms.saturating_add(terms.answer_ms),
        };
        (this, bytes)
    }

    /// QN, the number of the exchange.
    pub fn qn(&self) -> &str {
        &self.qn
    }

    /// When [`Conversation::wake`] is to be asked; `None` when the exchange has ended.
    pub fn wake_at_ms(&self) -> Option<u64> {
        (self.phase != Phase::Ended).then_some(self.wake_at_ms)
    }

    /// Hears a packet of the device.
    ///
    /// # Standard
    /// HJ 212-2017 annex C: 9011, 9012 and 9013 carry the request's QN; uploads of stored data
    /// have numbers of their own (C.20) and are known by their command. 2005 repeats QN inside CP.
    pub fn hear(&mut self, packet: &Packet, now_ms: u64) -> Heard {
        if self.phase == Phase::Ended || packet.mn() != self.mn {
            return Heard::Nothing;
        }
        let is_ours = packet.qn() == Some(self.qn.as_str())
            || (self.edition == Edition::Hj2005 && packet.value("QN") == Some(self.qn.as_str()));
        let number = |name: &str| packet.value(name).and_then(|text| text.trim().parse().ok());
        match packet.cn() {
            "9011" if is_ours => match number("QnRtn") {
                Some(1) => {
                    self.go_on(now_ms);
                    Heard::Accepted
                }
                other => self.end(End::Refused(other.unwrap_or(100))),
            },
            "9012" if is_ours => match number("ExeRtn") {
                Some(1) => self.end(End::Done),
                other => self.end(End::Failed(other.unwrap_or(2))),
            },
            "9013" if is_ours && matches!(self.ends_with, "9013" | "any") => self.end(End::Done),
            cn if cn == self.cn && (is_ours || self.phase == Phase::Accepted) => {
                self.go_on(now_ms);
                Heard::Content
            }
            _ => Heard::Nothing,
        }
    }

    /// Says what the time brings.
    pub fn wake(&mut self, now_ms: u64) -> Due {
        if self.phase == Phase::Ended || now_ms < self.wake_at_ms {
            return Due::Nothing;
        }
        if self.phase == Phase::Asked && self.resends_left > 0 {
            self.resends_left -= 1;
            self.wake_at_ms = now_ms.saturating_add(self.terms.answer_ms);
            let draft = match self.edition {
                Edition::Hj2025 => self.draft.clone().sent_again(),
                Edition::Hj2005 | Edition::Hj2017 => self.draft.clone(),
            };
            return Due::Send(sealed(draft.build(), self.key));
        }
        let end = if self.phase == Phase::Asked { End::NoAnswer } else { End::NoResult };
        self.phase = Phase::Ended;
        Due::Ended(end)
    }

    fn go_on(&mut self, now_ms: u64) {
        self.phase = Phase::Accepted;
        self.wake_at_ms = now_ms.saturating_add(self.terms.execution_ms);
    }

    fn end(&mut self, end: End) -> Heard {
        self.phase = Phase::Ended;
        Heard::Ended(end)
    }
}

fn sealed(frame: Vec<u8>, key: Option<crate::cipher::Key>) -> Vec<u8> {
    match key {
        Some(key) => crate::cipher::encrypt(&frame, &key),
        None => frame,
    }
}
