//! `lucid config show`: every setting, its value, and where the value came from.

use serde_json::json;

use crate::configuration::Settings;
use crate::terminal::say;

pub(crate) fn show(settings: &Settings, explain: bool, as_json: bool) {
    if as_json {
        let all = settings.all().map(|setting| {
            json!({
                "key": setting.key.name,
                "value": shown(setting.key.name, &setting.text),
                "source": setting.source.to_string(),
                "default": setting.key.default,
                "form": setting.key.form.describe(),
                "variable": setting.key.variable(),
                "meaning": setting.key.meaning,
                "example": setting.key.example,
            })
        });
        say!("{}", json!(all.collect::<Vec<_>>()));
        return;
    }
    for setting in settings.all() {
        let key = setting.key;
        let value = shown(key.name, &setting.text);
        say!("{:32} {:28} # {}", key.name, format!("{value:?}"), setting.source);
        if explain {
            say!("    {}", key.meaning);
            say!(
                "    {}; default {:?}; e.g. {:?}; environment {}",
                key.form.describe(),
                key.default,
                key.example,
                key.variable()
            );
            say!("");
        }
    }
}

/// The value without what nobody should read over a shoulder.
fn shown(name: &str, text: &str) -> String {
    if ["secret", "password"].iter().any(|end| name.ends_with(end)) && !text.is_empty() {
        return "…".to_owned();
    }
    let scheme = text.find("://").map(|at| at + 3);
    match (scheme, text.rfind('@')) {
        (Some(from), Some(to)) if name == "database.url" && to > from => {
            let user = text[from..to].split(':').next().unwrap_or_default();
            format!("{}{user}:…{}", &text[..from], &text[to..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgres://lucid:secret@127.0.0.1/lucid";
        assert_eq!(shown("database.url", url), "postgres://lucid:…@127.0.0.1/lucid");
        assert_eq!(shown("database.url", "sqlite:x@y"), "sqlite:x@y");
        for name in ["oidc.client_secret", "smtp.password", "sms.secret", "webhook.secret"] {
            assert_eq!(shown(name, "hush"), "…");
        }
    }
}
