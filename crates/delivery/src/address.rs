//! Addresses to which a user may have messages sent: never one within the house.
//!
//! A name may lead into the house although it does not look so; what it resolves to is therefore
//! looked at again at each connection.

use rulebook::Text;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::http::Uri;
use ureq::http::uri::Scheme;

/// Why no message goes to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressProblem {
    /// It is no address.
    #[error("this is no address; write it as https://example.org/path")]
    Form,
    /// It is not protected.
    #[error("the address has to begin with https://")]
    NotHttps,
    /// It carries a name and a password.
    #[error("the address may carry no name and password before the host")]
    Account,
    /// It leads into the house.
    #[error(
        "the address leads into the local network; an administrator may allow it in webhook.local"
    )]
    Local,
}

impl AddressProblem {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "delivery.address_form",
            Self::NotHttps => "delivery.address_https",
            Self::Account => "delivery.address_account",
            Self::Local => "delivery.address_local",
        }
    }

    /// What to tell whoever gave the address.
    pub fn text(self) -> Text {
        let chinese = match self {
            Self::Form => "这不是网址,请写成 https://example.org/path 的形式",
            Self::NotHttps => "网址须以 https:// 开头",
            Self::Account => "网址中不得带有用户名和密码",
            Self::Local => "该网址指向内部网络;确需使用的,由管理员在 webhook.local 中许可",
        };
        Text::new(chinese, self.to_string())
    }
}

/// A place to which requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) uri: Uri,
    /// Whether the configuration names it: then it may lie within the house.
    pub(crate) is_configured: bool,
}

impl Target {
    /// An address of the configuration.
    pub(crate) fn configured(address: &str) -> Result<Self, AddressProblem> {
        let uri = parse(address)?;
        Ok(Self { uri, is_configured: true })
    }

    /// An address of a user. `local`: origins within the house that the configuration allows.
    pub(crate) fn of_user(address: &str, local: &[Uri]) -> Result<Self, AddressProblem> {
        let uri = parse(address)?;
        if local.iter().any(|one| origin(one) == origin(&uri)) {
            return Ok(Self { uri, is_configured: true });
        }
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(AddressProblem::NotHttps);
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if host.parse().is_ok_and(|address| !is_public(address)) || is_local_name(host) {
            return Err(AddressProblem::Local);
        }
        Ok(Self { uri, is_configured: false })
    }

    /// The path with its query, as the first line of a request has it.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }
}

/// An address of `http` or `https` with a host and without an account.
pub(crate) fn parse(address: &str) -> Result<Uri, AddressProblem> {
    let uri: Uri = address.trim().parse().map_err(|_| AddressProblem::Form)?;
    let is_known = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme());
    let authority = uri.authority().filter(|_| is_known).ok_or(AddressProblem::Form)?;
    if authority.as_str().contains('@') {
        return Err(AddressProblem::Account);
    }
    if authority.host().is_empty() { Err(AddressProblem::Form) } else { Ok(uri) }
}

fn origin(uri: &Uri) -> (String, String, u16) {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    (scheme, uri.host().unwrap_or_default().to_ascii_lowercase(), port)
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || [".localhost", ".local", ".internal"].iter().any(|end| host.ends_with(end))
}

/// Whether an address belongs to the open network, where nothing is trusted because it is asked
/// from within.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The special blocks of IPv4 (IANA): first address, length of the prefix.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !SPECIAL_V4.iter().any(|(first, prefix)| (bits ^ first.to_bits()) >> (32 - prefix) == 0)
}

/// Of IPv6 only the global block is open, and of that not what carries an IPv4 address (6to4,
/// Teredo), what is for documents, or what is for protocols.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_protocol = first == 0x2001 && second < 0x0200;
    let is_document = (first == 0x2001 && second == 0x0db8) || first == 0x3fff;
    is_global && !is_protocol && !is_document && first != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_user(address: &str) -> Result<(), &'static str> {
        let local = [parse("http://10.0.0.5:8080").expect("an address")];
        Target::of_user(address, &local).map(|_| ()).map_err(AddressProblem::code)
    }

    #[test]
    fn users_reach_the_open_network_and_what_the_configuration_allows() {
        for address in [
            "https://example.org/hook?key=1",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/x",
            "http://10.0.0.5:8080/hook",
            "HTTP://10.0.0.5:8080",
        ] {
            assert_eq!(of_user(address), Ok(()), "{address}");
        }
        for (address, code) in [
            ("", "delivery.address_form"),
            ("example.org", "delivery.address_form"),
            ("/hook", "delivery.address_form"),
            ("ftp://example.org", "delivery.address_form"),
            ("javascript:alert(1)", "delivery.address_form"),
            ("http://example.org", "delivery.address_https"),
            ("https://user:pass@example.org", "delivery.address_account"),
            ("https://example.org@127.0.0.1/", "delivery.address_account"),
            ("https://localhost/", "delivery.address_local"),
            ("https://db.internal./", "delivery.address_local"),
            ("https://127.0.0.1/", "delivery.address_local"),
            ("https://169.254.169.254/latest/meta-data", "delivery.address_local"),
            ("https://100.100.100.200/latest/meta-data", "delivery.address_local"),
            ("https://[::1]/", "delivery.address_local"),
            ("https://[::ffff:10.0.0.1]/", "delivery.address_local"),
            ("https://[fd00::1]/", "delivery.address_local"),
            ("https://10.0.0.5:8080/", "delivery.address_local"),
            ("http://10.0.0.5:8081/", "delivery.address_https"),
        ] {
            assert_eq!(of_user(address), Err(code), "{address}");
        }
    }

    #[test]
    fn special_blocks_are_closed_from_their_first_to_their_last_address() {
        for (address, is_open) in [
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("10.255.255.255", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.0", false),
            ("100.127.255.255", false),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("223.255.255.255", true),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("::", false),
            ("::1", false),
            ("::ffff:8.8.8.8", true),
            ("::ffff:192.168.1.1", false),
            ("64:ff9b::10.0.0.1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2001:4860:4860::8888", true),
            ("2002:a00:1::", false),
            ("2400:3200::1", true),
            ("fc00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(is_public(address), is_open, "{address}");
        }
    }

    proptest! {
        #[test]
        fn what_the_library_calls_local_is_never_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let is_local = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_unspecified()
                || address.is_documentation();
            prop_assert!(!is_local || !is_public_v4(address));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            let _ = Target::of_user(&text, &[]);
            let _ = Target::of_user(&format!("https://{text}"), &[]);
        }
    }
}
