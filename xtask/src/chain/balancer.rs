//! One address before several receivers: connections in turn, to one that takes them.
//!
//! A stand-in for haproxy or IPVS, so that the chain needs neither; `deploy/` shows the real ones.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How connections were handed out.
#[derive(Debug)]
pub(super) struct Balancer {
    receivers: Vec<SocketAddr>,
    taken: Vec<AtomicUsize>,
    next: AtomicUsize,
}

impl Balancer {
    /// Takes connections at an address until the program ends.
    pub(super) fn start(address: &str, receivers: &[String]) -> Result<Arc<Self>, String> {
        let listener = TcpListener::bind(address).map_err(|error| format!("{address}: {error}"))?;
        let read = |one: &String| one.parse().map_err(|_| format!("{one} is no address"));
        let receivers: Vec<SocketAddr> = receivers.iter().map(read).collect::<Result<_, _>>()?;
        let taken = receivers.iter().map(|_| AtomicUsize::new(0)).collect();
        let balancer = Arc::new(Self { receivers, taken, next: AtomicUsize::new(0) });
        let shared = Arc::clone(&balancer);
        std::thread::spawn(move || {
            for device in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.hand_over(&device));
            }
        });
        Ok(balancer)
    }

    /// How many connections each receiver was given.
    pub(super) fn taken(&self) -> Vec<usize> {
        self.taken.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    /// Joins a device with the next receiver that takes it; without one the device is let go.
    fn hand_over(&self, device: &TcpStream) {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for step in 0..self.receivers.len() {
            let place = (first + step) % self.receivers.len();
            let limit = Duration::from_secs(1);
            if let Ok(receiver) = TcpStream::connect_timeout(&self.receivers[place], limit) {
                self.taken[place].fetch_add(1, Ordering::Relaxed);
                join(device, &receiver);
                return;
            }
        }
    }
}

/// Carries bytes both ways until one side ends; then both end.
fn join(device: &TcpStream, receiver: &TcpStream) {
    std::thread::scope(|scope| {
        scope.spawn(|| carry(device, receiver));
        carry(receiver, device);
    });
}

fn carry(mut from: &TcpStream, mut to: &TcpStream) {
    let mut buffer = [0; 16_384];
    while let Ok(got @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..got]).is_err() {
            break;
        }
    }
    // Whoever is left learns of it at once.
    for side in [from, to] {
        let _gone = side.shutdown(Shutdown::Both);
    }
}
