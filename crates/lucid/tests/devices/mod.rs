//! Devices that frame and check their packets by code of their own, so that a fault of the
//! protocol crate cannot hide one of the receiver.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub const FACTORS: [&str; 10] = [
    "w00000", "w01001", "w01018", "w21003", "w21011", "w21001", "w01010", "w01012", "w01014",
    "w01019",
];

/// The devices of outlets, as the store lists them: MN, password, point.
pub const OF_OUTLETS: &str = "SELECT device.mn, device.password, device.point FROM device \
    JOIN monitoring_point ON monitoring_point.id = device.point \
    WHERE monitoring_point.kind = 'outlet' AND length(device.mn) = 24 ORDER BY device.mn";

/// A device as the store knows it.
#[derive(Clone)]
pub struct Device {
    pub mn: String,
    pub password: String,
    pub point: i64,
}

/// The minute of a counter: 2026-03-01 00:00 Beijing time plus that many minutes.
pub fn minute(counter: u64) -> i64 {
    1_772_294_400 + counter as i64 * 60
}

/// A minute message of ten factors whose values follow from the counter.
pub fn message(device: &Device, counter: u64) -> Vec<u8> {
    let instant = jiff::Timestamp::from_second(minute(counter)).expect("a time");
    let civil = jiff::tz::offset(8).to_datetime(instant).strftime("%Y%m%d%H%M%S").to_string();
    let factors: Vec<String> = FACTORS
        .iter()
        .enumerate()
        .map(|(index, code)| format!("{code}-Avg={},{code}-Flag=N", value(counter, index)))
        .collect();
    let segment = format!(
        "QN=20260301{counter:09};ST=32;CN=2051;PW={};MN={};Flag=5;CP=&&DataTime={civil};{}&&",
        device.password,
        device.mn,
        factors.join(";")
    );
    format!("##{:04}{segment}{:04X}\r\n", segment.len(), crc(segment.as_bytes())).into_bytes()
}

/// The value of a factor, in tenths.
pub fn value(counter: u64, index: usize) -> String {
    let tenths = (counter * 7 + index as u64 * 13) % 900 + 1;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The values of a message as a row holds them.
pub fn values(counter: u64) -> Vec<String> {
    (0..FACTORS.len())
        .map(|index| value(counter, index).trim_end_matches(".0").to_owned())
        .collect()
}

/// The values of a packed row.
pub fn found(payload: &[u8]) -> Vec<String> {
    texts(&observations::unpack(payload).expect("a whole row"))
}

/// Values as a message has them.
pub fn texts(values: &[observations::FactorValue]) -> Vec<String> {
    values.iter().map(|one| one.value.expect("a value").normalize().to_string()).collect()
}

fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF_u16, |register, byte| {
        let mut register = (register >> 8) ^ u16::from(*byte);
        for _ in 0..8 {
            let carry = register & 1 == 1;
            register >>= 1;
            if carry {
                register ^= 0xA001;
            }
        }
        register
    })
}

/// Takes the whole answers out of the buffer and returns the counters that they confirm.
pub fn answers(buffer: &mut Vec<u8>) -> Vec<u64> {
    let mut confirmed = Vec::new();
    while let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
        let line = String::from_utf8(buffer.drain(..end + 2).collect()).expect("ASCII answers");
        if line.contains("CN=9014") {
            confirmed.push(counter_in(&line).expect("the request's QN"));
        }
    }
    confirmed
}

/// The counter that a packet or its answer names.
pub fn counter_in(text: &str) -> Option<u64> {
    text.split("QN=20260301").nth(1)?.get(..9)?.parse().ok()
}
