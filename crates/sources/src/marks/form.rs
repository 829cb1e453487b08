//! The forms of this slice: with one file where a browser sends one, times in Beijing.

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use evidence::Upload;
use jiff::Timestamp;
use rulebook::beijing_offset;
use tokio::sync::Semaphore;
use web::Problem;

/// A form with its file, in bytes.
const FORM_MAX: usize = 34 << 20;
/// The texts of one form together, in bytes.
const TEXTS_MAX: usize = 64 << 10;
/// Forms that are read at once: each may take much memory.
static READING: Semaphore = Semaphore::const_new(8);

/// Lets a form carry a file.
pub(super) fn with_file() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FORM_MAX)
}

/// A form as it came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    texts: Vec<(String, String)>,
    /// The file, if it has bytes.
    pub(super) file: Option<Upload>,
}

impl Entered {
    /// A text without what stands around it; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(held, _)| held == name);
        found.map_or("", |(_, text)| text.trim())
    }

    /// All texts of a name: boxes that were ticked.
    pub(super) fn all<'entered>(
        &'entered self,
        name: &'entered str,
    ) -> impl Iterator<Item = &'entered str> {
        self.texts.iter().filter(move |(held, _)| held == name).map(|(_, text)| text.trim())
    }

    async fn of_parts(mut parts: Multipart) -> Result<Self, Problem> {
        let mut entered = Self::default();
        let mut size = 0;
        while let Some(part) = parts.next_field().await.map_err(|error| unread(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if let Some(file) = part.file_name().map(str::to_owned) {
                let bytes = part.bytes().await.map_err(|error| unread(&error))?;
                if !bytes.is_empty() {
                    entered.file = Some(Upload { name: file, bytes: bytes.to_vec() });
                }
                continue;
            }
            let text = part.text().await.map_err(|error| unread(&error))?;
            size += text.len();
            if size > TEXTS_MAX {
                return Err(too_large());
            }
            entered.texts.push((name, text));
        }
        Ok(entered)
    }
}

impl<S: Send + Sync> FromRequest<S> for Entered {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_parts = kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("multipart/form-data"));
        if is_parts {
            let _turn = READING.acquire().await.map_err(|error| Problem::internal(&error))?;
            let parts = Multipart::from_request(request, state).await.map_err(|refusal| {
                Problem::bad_request(format!("表单无法读取：{refusal}"), refusal.to_string())
            })?;
            return Self::of_parts(parts).await;
        }
        let pairs = axum::Form::<Vec<(String, String)>>::from_request(request, state).await;
        let axum::Form(texts) = pairs.map_err(|_| {
            Problem::bad_request("表单无法读取", "the form cannot be read; send it as a form")
        })?;
        Ok(Self { texts, file: None })
    }
}

fn unread(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::bad_request(
        "表单没有完整到达，请重试",
        format!("the form did not arrive whole, send it again: {}", error.body_text()),
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "marks.too_large",
        "附件过大，请控制在 32 MB 以内",
        "the file is too large; at most 32 MB are taken",
    )
}

/// A time of Beijing as a browser's field gives it, `2026-10-05T08:00`, or with seconds, or with a
/// blank for the T.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim().replace(' ', "T");
    let form = if text.len() > 16 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M" };
    let local = jiff::civil::DateTime::strptime(form, &text).ok()?;
    beijing_offset().to_timestamp(local).ok()
}

/// A time for a browser's field.
pub(super) fn field(at: Timestamp) -> String {
    beijing_offset().to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_field_are_those_of_beijing() {
        let at: Timestamp = "2026-10-05T00:00:00Z".parse().expect("an instant");
        for text in ["2026-10-05T08:00", "2026-10-05 08:00", "2026-10-05T08:00:00"] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        assert_eq!(field(at), "2026-10-05T08:00");
        for text in ["", "2026-10-05", "2026-13-05T08:00", "yesterday"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
