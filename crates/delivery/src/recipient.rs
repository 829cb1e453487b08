//! Recipients in short: enough to know which, not enough to write to them.

use crate::Channel;

/// An address in short: `z…@example.org`, `138…78`, `https://example.org/…`.
pub(crate) fn in_short(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Email => match to.rsplit_once('@') {
            Some((name, domain)) => format!("{}…@{domain}", head(name, 1)),
            None => format!("{}…", head(to, 1)),
        },
        Channel::Sms => {
            let count = to.chars().count();
            let tail: String = to.chars().skip(count.saturating_sub(2).max(3)).collect();
            format!("{}…{tail}", head(to, 3))
        }
        Channel::Webhook => match to.find("://").and_then(|at| to[at + 3..].find('/')) {
            // The path and the query of a webhook are often its secret.
            Some(_) => {
                let host = to.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
                format!("{host}/…")
            }
            None => to.split(['?', '#']).next().unwrap_or_default().to_owned(),
        },
        Channel::Exchange => to.to_owned(),
    }
}

fn head(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_known_and_not_told() {
        for (channel, to, wanted) in [
            (Channel::Email, "zhang.san@example.org", "z…@example.org"),
            (Channel::Email, "张三", "张…"),
            (Channel::Email, "", "…"),
            (Channel::Sms, "13812345678", "138…78"),
            (Channel::Sms, "110", "110…"),
            (Channel::Webhook, "https://example.org/hook?key=1", "https://example.org/…"),
            (Channel::Webhook, "https://example.org?key=1", "https://example.org"),
            (Channel::Exchange, "hotline", "hotline"),
        ] {
            assert_eq!(in_short(channel, to), wanted, "{to}");
        }
    }
}
