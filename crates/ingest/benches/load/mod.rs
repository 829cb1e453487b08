//! What the benchmarks of intake share: devices that send as fast as they are answered, and where
//! processor time goes.

use crate::fixture::{self, minute_packet, mn};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A device that changes time, values and check in a packet made once.
pub(crate) struct Device {
    packet: Vec<u8>,
    /// Where the times stand.
    times: Vec<usize>,
    /// Where the two decimals of each value stand.
    values: Vec<usize>,
    step: u64,
}

impl Device {
    pub(crate) fn new(number: usize) -> Self {
        let packet = minute_packet(&mn(number), 0, 5, 0);
        let text = String::from_utf8(packet.clone()).expect("ASCII");
        let time = fixture::time_text(0);
        let times = text.match_indices(&time).map(|(at, _)| at).collect();
        let start = text.find("CP=").expect("a data area");
        let values = text[start..].match_indices('.').map(|(at, _)| start + at + 1).collect();
        Self { packet, times, values, step: 0 }
    }

    fn next(&mut self, out: &mut Vec<u8>) {
        let time = fixture::time_text(self.step);
        for at in &self.times {
            self.packet[*at..*at + 14].copy_from_slice(time.as_bytes());
        }
        for (index, at) in self.values.iter().enumerate() {
            let digits = (self.step * 7 + index as u64 * 13) % 100;
            self.packet[*at] = b'0' + (digits / 10) as u8;
            self.packet[*at + 1] = b'0' + (digits % 10) as u8;
        }
        let end = self.packet.len() - 6;
        let check = format!("{:04X}", hj212::crc::of(&self.packet[6..end]));
        self.packet[end..end + 4].copy_from_slice(check.as_bytes());
        out.extend_from_slice(&self.packet);
        self.step += 1;
    }

    /// Sends until told to stop and waits for every answer, the last too: how many came, and
    /// microseconds from sending to the answer, of those sent after the warm-up.
    pub(crate) async fn send(
        mut self,
        address: SocketAddr,
        in_flight: usize,
        stop: Arc<AtomicBool>,
        measured_from: Instant,
    ) -> (u64, Vec<u32>) {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.set_nodelay(true).expect("set");
        let (mut answered, mut waits) = (0, Vec::new());
        let (mut out, mut buffer) = (Vec::new(), vec![0; 4096]);
        while !stop.load(Ordering::Relaxed) {
            out.clear();
            for _ in 0..in_flight {
                self.next(&mut out);
            }
            let sent = Instant::now();
            stream.write_all(&out).await.expect("sent");
            let mut missing = in_flight;
            while missing > 0 {
                let length = stream.read(&mut buffer).await.expect("readable");
                assert!(length > 0, "the receiver closed");
                let lines = buffer[..length].split(|byte| *byte == b'\n').count() - 1;
                missing -= lines;
                answered += lines as u64;
                if sent >= measured_from {
                    let micros = sent.elapsed().as_micros() as u32;
                    waits.extend(std::iter::repeat_n(micros, lines));
                }
            }
        }
        (answered, waits)
    }
}

/// Processor time of each kind of thread of this process, in hundredths of a second.
pub(crate) fn processor_times() -> BTreeMap<String, u64> {
    let mut times = BTreeMap::new();
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return times };
    for task in tasks.flatten() {
        let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else { continue };
        let Some((head, tail)) = stat.rsplit_once(')') else { continue };
        let name = head.split_once('(').map_or("", |(_, name)| name);
        let ticks: u64 = tail
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|text| text.parse::<u64>().ok())
            .sum();
        *times.entry(name.to_owned()).or_default() += ticks;
    }
    times
}
