//! Why a file is not taken or cannot be read.

use crate::{Digest, MediaType};
use rulebook::Text;

/// A failure of evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file has no bytes.
    #[error("the file is empty; choose it again")]
    Empty,
    /// The file is too large.
    #[error("the file has {size} bytes; {limit} are taken at most")]
    TooLarge {
        /// What it has.
        size: usize,
        /// What is taken.
        limit: usize,
    },
    /// A program of whatever kind.
    #[error("the file is a program; programs are not taken as evidence")]
    Executable,
    /// A page, a drawing or a document that can run what it carries.
    #[error("the file may carry a program (HTML, SVG, macros); send it as PDF or as a picture")]
    Active,
    /// The bytes are of no type that is taken.
    #[error(
        "the content is of no type that is taken; send a JPEG, PNG or WebP picture, an MP4 film, \
         a PDF, XLSX or DOCX document, or a plain text"
    )]
    Type,
    /// The name says another type than the bytes.
    #[error("the name ends in .{ending}, but the content is {found}; give the file its own name")]
    Name {
        /// What the name says.
        ending: String,
        /// What the bytes are.
        found: &'static str,
    },
    /// A picture with too many pixels.
    #[error("the picture has {pixels} pixels; {limit} are taken at most")]
    TooManyPixels {
        /// What it has.
        pixels: u64,
        /// What is taken.
        limit: u64,
    },
    /// A picture that cannot be shown.
    #[error("the picture is damaged; send it again or take another")]
    Damaged,
    /// There is no such file.
    #[error("there is no file {0}")]
    Missing(Digest),
    /// The file on the disk is not the one that was kept.
    #[error("the file {0} was altered on the disk; restore it from the last backup")]
    Altered(Digest),
    /// The disk refuses.
    #[error("the folder of evidence cannot be read or written: {0}")]
    Disk(#[from] std::io::Error),
    /// The work was stopped, as when the program ends.
    #[error("the work on the file was stopped; send it again")]
    Stopped,
}

impl EvidenceError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "evidence.empty",
            Self::TooLarge { .. } => "evidence.too_large",
            Self::Executable => "evidence.executable",
            Self::Active => "evidence.active_content",
            Self::Type => "evidence.type",
            Self::Name { .. } => "evidence.name",
            Self::TooManyPixels { .. } => "evidence.too_many_pixels",
            Self::Damaged => "evidence.damaged_picture",
            Self::Missing(_) => "evidence.missing",
            Self::Altered(_) => "evidence.altered",
            Self::Disk(_) => "evidence.disk",
            Self::Stopped => "evidence.stopped",
        }
    }

    /// What to tell whoever sent the file; `None` when the failure is none of theirs.
    pub fn text(&self) -> Option<Text> {
        let chinese = match self {
            Self::Empty => "文件为空,请重新选择".to_owned(),
            Self::TooLarge { size, limit } => {
                format!("文件 {} MB,超过上限 {} MB", megabytes(*size), limit >> 20)
            }
            Self::Executable => "文件是程序,不作为证据接收".to_owned(),
            Self::Active => "文件可能带有程序(HTML、SVG、宏),请转为 PDF 或图片后上传".to_owned(),
            Self::Type => "文件内容不在接收范围内;可上传 JPEG、PNG、WebP 图片,MP4 视频,PDF、XLSX、\
                DOCX 文档或纯文本"
                .to_owned(),
            Self::Name { ending, found } => {
                format!("文件名以 .{ending} 结尾,内容却是 {found},请改用其本来的文件名")
            }
            Self::TooManyPixels { pixels, limit } => {
                format!("图片有 {pixels} 像素,超过上限 {limit}")
            }
            Self::Damaged => "图片已损坏,请重新上传或重新拍摄".to_owned(),
            Self::Missing(_) | Self::Altered(_) | Self::Disk(_) | Self::Stopped => return None,
        };
        Some(Text::new(chinese, self.to_string()))
    }

    pub(crate) fn named(ending: &str, found: MediaType) -> Self {
        Self::Name { ending: ending.to_owned(), found: found.as_str() }
    }
}

fn megabytes(bytes: usize) -> usize {
    bytes.div_ceil(1 << 20)
}
