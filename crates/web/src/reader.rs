//! Who reads: the language and look they want, and the address they asked for.

use crate::{AppState, Language, SignedIn, encode};
use authority::{Action, Scope, scope};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use std::convert::Infallible;

/// A reader of pages.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The language of the page.
    pub language: Language,
    /// `light`, `dark`, or as the device has it.
    pub theme: Option<&'static str>,
    /// The path asked for.
    pub path: String,
    /// The query without the language, without `?`.
    pub query: String,
    /// True when they have shown who they are.
    pub is_signed_in: bool,
    signed_in: Option<SignedIn>,
}

impl Reader {
    /// The text in the reader's language.
    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    /// A name in the reader's language.
    pub fn name<'a>(&self, name: &'a registry::Name) -> &'a str {
        self.pick(&name.zh, &name.en)
    }

    /// A text of the rules in the reader's language.
    pub fn text<'a>(&self, text: &'a rulebook::Text) -> &'a str {
        text.in_language(self.language)
    }

    /// A text kept as JSON `{"zh": …, "en": …}`.
    pub fn json<'a>(&self, text: &'a serde_json::Value) -> &'a str {
        text[self.language.code()].as_str().unwrap_or_default()
    }

    /// This page with another query parameter, the others kept.
    pub fn with(&self, name: &str, value: &str) -> String {
        let prefix = format!("{name}=");
        let mut parts: Vec<String> = self
            .query
            .split('&')
            .filter(|part| !part.is_empty() && !part.starts_with(&prefix))
            .map(str::to_owned)
            .collect();
        parts.push(format!("{name}={}", encode(value)));
        format!("{}?{}", self.path, parts.join("&"))
    }

    /// Whether a place of the navigation is for them.
    pub(crate) fn may_visit(&self, needs: Option<Action>) -> bool {
        let may = |action| {
            let signed_in = self.signed_in.as_ref();
            signed_in.is_some_and(|one| scope(one.principal(), action) != Scope::Nothing)
        };
        needs.is_none_or(may)
    }

    /// Whether they are a user in person.
    pub(crate) fn is_user(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|one| one.in_person().is_ok())
    }

    fn of(uri: &Uri, headers: &HeaderMap, signed_in: Option<SignedIn>) -> Self {
        let query = uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|part| part.strip_prefix("lang="));
        let language = asked
            .and_then(Language::parse)
            .or_else(|| cookie(headers, "lang").and_then(|value| Language::parse(&value)))
            .or_else(|| accepted(headers))
            .unwrap_or_default();
        let theme = cookie(headers, "theme")
            .and_then(|value| ["light", "dark"].into_iter().find(|known| *known == value));
        let query: Vec<&str> = query
            .split('&')
            .filter(|part| !part.is_empty() && !part.starts_with("lang="))
            .collect();
        let (path, query) = (uri.path().to_owned(), query.join("&"));
        let is_signed_in = signed_in.is_some();
        Self { language, theme, path, query, is_signed_in, signed_in }
    }
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.uri, &parts.headers, crate::visitor::of(parts)))
    }
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

/// The first language of `Accept-Language` that the pages speak.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    value.split(',').find_map(|part| Language::parse(part.split(';').next()?.trim()))
}
