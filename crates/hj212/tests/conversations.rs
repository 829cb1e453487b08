//! Exchanges written as they are spoken, in `testdata/conversations.txt`.

use hj212::conversation::{Addressee, Conversation, Due, Heard, Terms};
use hj212::{Draft, Edition, Request, decode_whole};

const QN: &str = "20261129080000123";
const MN: &str = "010000A8900016F000169DC0";

struct Spoken {
    title: String,
    edition: Edition,
    exchange: Option<(Conversation, Vec<u8>)>,
    now_ms: u64,
    own: u64,
}

impl Spoken {
    fn ask(&mut self, words: &str) {
        let mut parts = words.splitn(3, ' ');
        self.edition = match parts.next() {
            Some("2005") => Edition::Hj2005,
            Some("2017") => Edition::Hj2017,
            Some("2025") => Edition::Hj2025,
            other => panic!("{}: no edition {other:?}", self.title),
        };
        let cn = parts.next().expect("a command");
        let items: Vec<_> = parts
            .next()
            .unwrap_or_default()
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let request = Request::new(cn, self.edition, &items).expect(&self.title);
        let device = Addressee {
            mn: MN.into(),
            password: "123456".into(),
            system_type: "32".into(),
            edition: self.edition,
            key: None,
        };
        self.exchange = Some(Conversation::begin(&request, &device, QN, Terms::default(), 0));
        self.now_ms = 0;
    }

    fn sends(&self, bytes: &[u8], wanted: &str) {
        let sent = decode_whole(bytes).expect("the platform sends what holds together");
        let mut parts = wanted.split(' ');
        assert_eq!(Some(sent.packet.cn()), parts.next(), "{}", self.title);
        assert_eq!(sent.packet.rf().is_some(), parts.next() == Some("RF"), "{}", self.title);
        assert_eq!(sent.packet.qn(), Some(QN), "{}", self.title);
        assert!(sent.packet.wants_answer(), "{}", self.title);
        assert_eq!(sent.packet.edition(), self.edition, "{}", self.title);
    }

    fn hears(&mut self, said: &str, wanted: &str) {
        let (cn, rest) = said.split_once(' ').unwrap_or((said, ""));
        let (is_own, area) = match rest.strip_prefix("own") {
            Some(area) => (true, area.trim()),
            None => (false, rest),
        };
        self.own += 1;
        let own = format!("202611290900{:05}", self.own);
        let mut draft = Draft::new(cn).st("32").pw("123456").mn(MN);
        draft = draft.flag(self.edition.answer_flag() | 1);
        draft = draft.qn(if is_own { &own } else { QN });
        for pair in area.split(';').filter_map(|pair| pair.split_once('=')) {
            draft = draft.item(&[pair]);
        }
        let frame = decode_whole(&draft.build()).expect("the device's packet holds together");
        let (exchange, _) = self.exchange.as_mut().expect("asked");
        let heard = match exchange.hear(&frame.packet, self.now_ms) {
            Heard::Nothing => "nothing".to_owned(),
            Heard::Accepted => "accepted".to_owned(),
            Heard::Content => "content".to_owned(),
            Heard::Ended(end) => ended(end),
        };
        assert_eq!(heard, wanted, "{}: {said}", self.title);
    }

    fn waits(&mut self, seconds: u64, wanted: &str) {
        let waited = seconds * 1000;
        // The device's words came at the time of the last line; the clock starts anew from them.
        let (exchange, _) = self.exchange.as_mut().expect("asked");
        self.now_ms = waited;
        let due = exchange.wake(waited);
        match (due, wanted.strip_prefix("> ")) {
            (Due::Send(bytes), Some(wanted)) => self.sends(&bytes, wanted),
            (Due::Nothing, None) => assert_eq!("= nothing", wanted, "{}", self.title),
            (Due::Ended(end), None) => assert_eq!(format!("= {}", ended(end)), wanted),
            (due, _) => panic!("{} after {seconds} s: {due:?}, not {wanted}", self.title),
        }
    }
}

fn ended(end: hj212::conversation::End) -> String {
    match end.number() {
        Some(number) => format!("{} {number}", end.as_str()),
        None => end.as_str().to_owned(),
    }
}

#[test]
fn exchanges_go_as_they_are_written() {
    let mut spoken = Spoken {
        title: String::new(),
        edition: Edition::Hj2017,
        exchange: None,
        now_ms: 0,
        own: 0,
    };
    let mut lines = 0;
    for line in include_str!("../testdata/conversations.txt").lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        lines += 1;
        if let Some(title) = line.strip_prefix("title ") {
            title.clone_into(&mut spoken.title);
        } else if let Some(words) = line.strip_prefix("ask ") {
            spoken.ask(words);
        } else if let Some(wanted) = line.strip_prefix("> ") {
            let bytes = spoken.exchange.as_ref().expect("asked").1.clone();
            spoken.sends(&bytes, wanted);
        } else if let Some(said) = line.strip_prefix("< ") {
            let (said, wanted) = said.rsplit_once(" = ").expect("what it means");
            spoken.hears(said, wanted);
        } else if let Some(rest) = line.strip_prefix('@') {
            let (seconds, wanted) = rest.split_once(' ').expect("what comes of it");
            spoken.waits(seconds.parse().expect("seconds"), wanted);
        } else {
            panic!("not understood: {line}");
        }
    }
    assert!(lines > 50, "{lines}");
}
