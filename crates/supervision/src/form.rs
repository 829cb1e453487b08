//! Forms with files: read with bounds, from `multipart/form-data` or, where no file comes along,
//! from `application/x-www-form-urlencoded`.

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Semaphore;
use web::Problem;

/// A form as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entered {
    texts: BTreeMap<String, String>,
    /// The files that have bytes.
    pub(crate) files: Vec<Given>,
}

/// A file of a form.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The name that it had.
    pub(crate) name: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// At most so many files in one form.
pub(crate) const FILES_MAX: usize = 9;
/// All files and texts of one form together, in bytes.
const FORM_MAX: usize = 48 << 20;
/// The texts of one form together, in bytes.
const TEXTS_MAX: usize = 256 << 10;

/// Forms with files that are read at once: each may take much memory.
static READING: Semaphore = Semaphore::const_new(24);
/// How long a form waits for its turn.
const TURN: Duration = Duration::from_secs(20);

/// Lets a form carry files.
pub(crate) fn with_files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FORM_MAX)
}

impl Entered {
    /// A text without what stands around it; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", |text| text.trim())
    }

    /// A text, where it says something.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Writes a text, as if it had been entered.
    pub(crate) fn put(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// Whether a box was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        matches!(self.text(name), "yes" | "on" | "true" | "1")
    }

    async fn of_parts(mut parts: Multipart) -> Result<Self, Problem> {
        let mut entered = Self::default();
        let mut size = 0;
        while let Some(part) = parts.next_field().await.map_err(|error| unread(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if let Some(file) = part.file_name().map(str::to_owned) {
                let bytes = part.bytes().await.map_err(|error| unread(&error))?;
                if bytes.is_empty() {
                    continue;
                }
                if entered.files.len() == FILES_MAX {
                    return Err(Problem::bad_request(
                        format!("一次最多上传 {FILES_MAX} 个文件"),
                        format!("at most {FILES_MAX} files at once"),
                    ));
                }
                entered.files.push(Given { name: file, bytes: bytes.to_vec() });
                continue;
            }
            let text = part.text().await.map_err(|error| unread(&error))?;
            size += text.len();
            if size > TEXTS_MAX {
                return Err(too_large());
            }
            entered.texts.insert(name, text);
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
            let turn = tokio::time::timeout(TURN, READING.acquire()).await;
            let _turn = turn.map_err(|_| busy())?.map_err(|error| Problem::internal(&error))?;
            let parts = Multipart::from_request(request, state).await.map_err(|refusal| {
                Problem::bad_request(format!("表单无法读取:{refusal}"), refusal.to_string())
            })?;
            return Self::of_parts(parts).await;
        }
        let pairs = axum::Form::<Vec<(String, String)>>::from_request(request, state).await;
        let axum::Form(pairs) = pairs.map_err(|refusal| {
            if refusal.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                return too_large();
            }
            Problem::bad_request("表单无法读取", "the form cannot be read; send it as a form")
        })?;
        if pairs.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() > TEXTS_MAX {
            return Err(too_large());
        }
        Ok(Self { texts: pairs.into_iter().collect(), files: Vec::new() })
    }
}

fn unread(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::bad_request(
        "表单没有完整到达,请重试",
        format!("the form did not arrive whole, send it again: {}", error.body_text()),
    )
}

fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "supervision.busy",
        "同时上传的人较多,请稍后再试",
        "many people are sending files; try again in a moment",
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "supervision.form_too_large",
        "上传内容过大:照片合计最多 48 MB",
        "the form is too large: 48 MB of files at most",
    )
}

/// A word that nobody guesses, for a form that must not be taken twice.
pub(crate) fn once_key() -> Result<String, Problem> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
    Ok(base16ct::lower::encode_string(&bytes))
}
