//! What the browser loads: the style sheet, always, and the islands where they have been built.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The islands as the front end's build leaves them; empty where it has not run.
#[derive(RustEmbed)]
#[folder = "assets/"]
struct Built;

const STYLE: &str = concat!(
    include_str!("../../../frontend/src/styles/tokens.css"),
    include_str!("../../../frontend/src/styles/base.css"),
    include_str!("../../../frontend/src/styles/components.css"),
    include_str!("../../../frontend/src/styles/cases.css"),
    include_str!("../../../frontend/src/styles/report.css"),
    include_str!("../../../frontend/src/styles/plan.css"),
    include_str!("../../../frontend/src/styles/quality.css"),
    include_str!("../../../frontend/src/styles/enterprise.css"),
    include_str!("../../../frontend/src/styles/entries.css"),
    include_str!("../../../frontend/src/styles/sql.css"),
    include_str!("../../../frontend/src/styles/print.css"),
);

const ICON: &str = include_str!("../../../frontend/src/styles/icon.svg");

static STYLE_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/lucid.css?v={}", short_digest(STYLE.as_bytes())));

static SCRIPT_ADDRESS: LazyLock<Option<String>> = LazyLock::new(|| {
    let manifest = Built::get("dist/.vite/manifest.json")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.data).ok()?;
    let file = manifest["src/main.ts"]["file"].as_str()?;
    Some(format!("/assets/{file}"))
});

/// The address of the style sheet; it changes with its content.
pub(crate) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

/// The address of the islands, where they have been built.
pub(crate) fn script_address() -> Option<&'static str> {
    SCRIPT_ADDRESS.as_deref()
}

/// A part of the front end as it was built.
#[derive(Clone, Debug)]
pub struct BuiltPart {
    /// Its text.
    pub text: String,
    /// The addresses of the files that it loads at once, and its own.
    pub addresses: Vec<String>,
}

/// The part built from a source, `src/main.ts`; `None` where the front end has not been built.
pub fn built_part(source: &str) -> Option<BuiltPart> {
    let manifest = Built::get("dist/.vite/manifest.json")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.data).ok()?;
    let file = manifest[source]["file"].as_str()?;
    let text = String::from_utf8(Built::get(&format!("dist/{file}"))?.data.into_owned()).ok()?;
    let (mut sources, mut at) = (vec![source.to_owned()], 0);
    let mut files = BTreeSet::new();
    while let Some(source) = sources.get(at).cloned() {
        let part = &manifest[&source];
        let words = |name: &str| {
            let list = part[name].as_array().cloned().unwrap_or_default();
            list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        files.extend(part["file"].as_str().map(str::to_owned));
        files.extend(words("css"));
        let new = words("imports").into_iter().filter(|import| !sources.contains(import));
        sources.extend(new.collect::<Vec<_>>());
        at += 1;
    }
    let addresses = files.into_iter().map(|file| format!("/assets/{file}")).collect();
    Some(BuiltPart { text, addresses })
}

/// The fonts of documents that the front end's build brings, the Chinese one first; none where it
/// has not run.
pub fn document_fonts() -> Vec<Vec<u8>> {
    let files = ["dist/fonts/zcool-xiaowei.ttf", "dist/fonts/dejavu-sans.ttf"];
    files.iter().filter_map(|file| Some(Built::get(file)?.data.into_owned())).collect()
}

/// The addresses of what every page has: the style sheet and the sign.
pub fn addresses_of_every_page() -> [String; 2] {
    [STYLE_ADDRESS.clone(), "/assets/icon.svg".to_owned()]
}

/// The beginning of the SHA-256 of bytes, in hexadecimal digits.
pub(crate) fn short_digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes)[..8])
}

const FOREVER: &str = "public, max-age=31536000, immutable";

pub(crate) async fn style() -> Response {
    served("text/css; charset=utf-8", STYLE.as_bytes().to_vec())
}

pub(crate) async fn icon() -> Response {
    served("image/svg+xml", ICON.as_bytes().to_vec())
}

pub(crate) async fn built(Path(path): Path<String>) -> Response {
    let kind = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match Built::get(&format!("dist/{path}")) {
        Some(file) => served(kind, file.data.into_owned()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn served(kind: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOREVER)], body).into_response()
}
