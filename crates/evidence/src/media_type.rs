//! The types of file that count as evidence.

/// What the bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaType {
    /// A photograph.
    Jpeg,
    /// A picture.
    Png,
    /// A picture.
    Webp,
    /// A document.
    Pdf,
    /// A film, also of the kind QuickTime.
    Mp4,
    /// A workbook without macros.
    Xlsx,
    /// A text document without macros.
    Docx,
    /// Plain text, in UTF-8 or GB 18030.
    Text,
}

impl MediaType {
    /// Every type that is taken.
    pub const ALL: [Self; 8] = [
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Pdf,
        Self::Mp4,
        Self::Xlsx,
        Self::Docx,
        Self::Text,
    ];

    /// The name of the type as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Mp4 => "video/mp4",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Text => "text/plain",
        }
    }

    /// The type that [`MediaType::as_str`] names, or `None`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The endings that a file of this type may have, the usual one first.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Mp4 => &["mp4", "m4v", "mov", "3gp"],
            Self::Xlsx => &["xlsx"],
            Self::Docx => &["docx"],
            Self::Text => &["txt", "csv", "tsv", "log", "md", "json"],
        }
    }

    /// Whether it is a picture: it has a thumbnail and a copy for showing.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    #[test]
    fn names_come_back() {
        for one in MediaType::ALL {
            assert_eq!(MediaType::parse(one.as_str()), Some(one));
        }
        assert_eq!(MediaType::parse("text/html"), None);
    }

    #[test]
    fn an_ending_belongs_to_one_type() {
        let mut all: Vec<_> = MediaType::ALL.iter().flat_map(|one| one.endings()).collect();
        let many = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), many);
    }
}
