//! The hosts of the chain on one machine: network namespaces behind a bridge where the system lets
//! us make them, addresses of the loopback otherwise.

use super::service::bound;
use crate::command::{Program, program};

/// A host: its address, and how a program is started on it.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) name: &'static str,
    pub(super) address: String,
    space: Option<String>,
}

impl Host {
    /// A call of a program on this host.
    pub(super) fn call(&self, name: &str) -> Program {
        match &self.space {
            Some(space) => bound("ip").arguments(&["netns", "exec", space, name]),
            None => bound(name),
        }
    }

    /// An address of it with a port.
    pub(super) fn at(&self, port: u16) -> String {
        format!("{}:{port}", self.address)
    }
}

/// All hosts; their namespaces are taken away at the end.
pub(super) struct Hosts {
    mark: u32,
    /// The first three numbers of all addresses.
    network: String,
    spaces: Vec<String>,
    is_separate: bool,
}

impl Hosts {
    /// The ground: a bridge, or nothing but the loopback.
    pub(super) fn lay() -> Self {
        let mark = std::process::id() % 10_000;
        let network = format!("10.212.{}", mark % 250 + 1);
        let mut hosts = Self { mark, network, spaces: Vec::new(), is_separate: true };
        let is_wanted = std::env::var_os("LUCID_CHAIN_LOOPBACK").is_none();
        if !is_wanted || !hosts.bridge_and_trial() {
            hosts.clear();
            hosts.network = format!("127.0.{}", mark % 250 + 1);
            hosts.is_separate = false;
        }
        hosts
    }

    fn bridge_and_trial(&mut self) -> bool {
        let (bridge, address) = (self.bridge(), format!("{}/24", self.address(1)));
        quietly(&["link", "add", &bridge, "type", "bridge"])
            && quietly(&["addr", "add", &address, "dev", &bridge])
            && quietly(&["link", "set", &bridge, "up"])
            && self.space("trial", 2).is_some()
    }

    /// Whether each host has a network of its own.
    pub(super) fn is_separate(&self) -> bool {
        self.is_separate
    }

    /// This machine itself, as the others reach it.
    pub(super) fn own(&self) -> Host {
        Host { name: "front", address: self.address(1), space: None }
    }

    /// A host of a name and a number above 2.
    pub(super) fn host(&mut self, name: &'static str, number: u8) -> Result<Host, String> {
        let address = self.address(number);
        if !self.is_separate {
            return Ok(Host { name, address, space: None });
        }
        let space = self.space(name, number).ok_or_else(|| format!("no namespace for {name}"))?;
        Ok(Host { name, address, space: Some(space) })
    }

    fn address(&self, number: u8) -> String {
        format!("{}.{number}", self.network)
    }

    fn bridge(&self) -> String {
        format!("lucid{}", self.mark)
    }

    /// A namespace with an address on the bridge.
    fn space(&mut self, name: &str, number: u8) -> Option<String> {
        let space = format!("lucid-{}-{name}", self.mark);
        let (near, far) =
            (format!("lu{}n{number}", self.mark), format!("lv{}n{number}", self.mark));
        let address = format!("{}/24", self.address(number));
        if !quietly(&["netns", "add", &space]) {
            return None;
        }
        self.spaces.push(space.clone());
        let is_made = quietly(&["link", "add", &near, "type", "veth", "peer", "name", &far])
            && quietly(&["link", "set", &far, "netns", &space])
            && quietly(&["link", "set", &near, "master", &self.bridge()])
            && quietly(&["link", "set", &near, "up"])
            && quietly(&["-n", &space, "addr", "add", &address, "dev", &far])
            && quietly(&["-n", &space, "link", "set", &far, "up"])
            && quietly(&["-n", &space, "link", "set", "lo", "up"]);
        is_made.then_some(space)
    }

    fn clear(&mut self) {
        for space in self.spaces.drain(..) {
            quietly(&["netns", "del", &space]);
        }
        quietly(&["link", "del", &self.bridge()]);
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        if self.is_separate {
            self.clear();
        }
    }
}

fn quietly(arguments: &[&str]) -> bool {
    program("ip").arguments(arguments).works()
}
