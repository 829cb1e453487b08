//! Fonts: where they come from, what they hold, how wide a character is.

use crate::DocumentError;
use krilla::Data;
use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::{FileRef, TableProvider as _};
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where Debian's fonts-noto-cjk and its like in other systems put their files: regular, bold.
const PLACES: [(&str, &str); 4] = [
    (
        "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    ),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSerifCJK-Bold.ttc",
    ),
    (
        "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
    ),
    (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    ),
];
/// A character that every Chinese font has.
const SAMPLE: char = '环';
/// Characters of names and places that fonts of the common ones lack.
const RARE: &str = "垵珺喆";

/// A font with its bytes.
pub(crate) struct Face {
    bytes: Arc<Vec<u8>>,
    index: u32,
    /// For the PDF.
    pub(crate) font: Font,
    name: String,
}

/// A character as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawn {
    /// Which face, [`Fonts::face`].
    pub(crate) face: usize,
    /// Which glyph.
    pub(crate) glyph: u32,
    /// How wide, as a part of the size.
    pub(crate) advance: f32,
}

impl Face {
    fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let index = chosen(&bytes)?;
        let bytes = Arc::new(bytes);
        let name = {
            let font = FontRef::from_index(&bytes, index).map_err(|error| error.to_string())?;
            let names = font.localized_strings(StringId::FULL_NAME);
            names.english_or_first().map_or_else(String::new, |name| name.to_string())
        };
        let font = Font::new(Data::from(bytes.clone()), index).ok_or("it has no outlines")?;
        Ok(Self { bytes, index, font, name })
    }

    fn look_up(&self, character: char) -> Option<(u32, f32)> {
        let font = FontRef::from_index(&self.bytes, self.index).ok()?;
        let glyph = font.charmap().map(character)?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units = f32::from(font.head().ok()?.units_per_em());
        Some((glyph.to_u32(), metrics.advance_width(glyph)? / units))
    }
}

/// Which font of a collection is the one of mainland China; 0 of a single font.
fn chosen(bytes: &[u8]) -> Result<u32, String> {
    match FileRef::new(bytes).map_err(|error| error.to_string())? {
        FileRef::Font(_) => Ok(0),
        FileRef::Collection(collection) => {
            let is_mainland = |index: &u32| {
                collection.get(*index).is_ok_and(|font| {
                    let names = font.localized_strings(StringId::FAMILY_NAME);
                    names.english_or_first().is_some_and(|name| name.to_string().contains(" SC"))
                })
            };
            Ok((0..collection.len()).find(is_mainland).unwrap_or(0))
        }
    }
}

/// The fonts of documents: the first that has a character draws it.
pub struct Fonts {
    faces: Vec<Face>,
    /// So many at the beginning are bold.
    bold: usize,
}

impl Fonts {
    /// Fonts of bytes: those of the plain text in the order in which they are asked, and one that
    /// is bold, where there is one.
    ///
    /// # Errors
    /// When bytes are no font, or no font has Chinese characters.
    pub fn of(regular: Vec<Vec<u8>>, bold: Option<Vec<u8>>) -> Result<Self, DocumentError> {
        let wrong = |why| DocumentError::Font { path: PathBuf::from("font"), why };
        let mut faces = Vec::new();
        if let Some(bytes) = bold {
            faces.push(Face::read(bytes).map_err(wrong)?);
        }
        let bold = faces.len();
        for bytes in regular {
            faces.push(Face::read(bytes).map_err(wrong)?);
        }
        let fonts = Self { faces, bold };
        fonts.draw(SAMPLE, false).ok_or(DocumentError::NoFont)?;
        Ok(fonts)
    }

    /// The fonts of an installation: the file that the setting names, else what the system has,
    /// then what the program ships.
    ///
    /// # Errors
    /// When the named file is no font, or there is none anywhere.
    pub fn find(setting: Option<&Path>, shipped: &Shipped) -> Result<Self, DocumentError> {
        let mut faces = Vec::new();
        let mut bold = 0;
        if let Some(path) = setting {
            let wrong = |why| DocumentError::Font { path: path.to_owned(), why };
            let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
            faces.push(Face::read(bytes).map_err(wrong)?);
        } else if let Some((regular, strong)) = of_the_system() {
            if let Some(face) = strong {
                faces.push(face);
                bold = 1;
            }
            faces.push(regular);
        }
        for bytes in shipped() {
            let read = Face::read(bytes);
            faces.push(read.map_err(|why| DocumentError::Font { path: "shipped".into(), why })?);
        }
        let fonts = Self { faces, bold };
        fonts.draw(SAMPLE, false).ok_or(DocumentError::NoFont)?;
        Ok(fonts)
    }

    /// The names of the fonts, the first asked first.
    pub fn names(&self) -> Vec<&str> {
        self.faces.iter().skip(self.bold).map(|face| face.name.as_str()).collect()
    }

    /// Whether rare characters of names and places can be drawn as well.
    pub fn has_rare_characters(&self) -> bool {
        self.has(RARE)
    }

    /// Whether every character of a text can be drawn.
    pub fn has(&self, text: &str) -> bool {
        text.chars().all(|character| self.draw(character, false).is_some())
    }

    pub(crate) fn face(&self, at: usize) -> Option<&Face> {
        self.faces.get(at)
    }

    /// Whether a face is bold by itself; others are thickened.
    pub(crate) fn is_bold(&self, face: usize) -> bool {
        face < self.bold
    }

    /// The glyph of a character; `None` where no font has it.
    pub(crate) fn draw(&self, character: char, is_bold: bool) -> Option<Drawn> {
        let first = if is_bold { 0 } else { self.bold };
        let mut faces = self.faces.iter().enumerate().skip(first);
        faces.find_map(|(at, face)| {
            let (glyph, advance) = face.look_up(character)?;
            Some(Drawn { face: at, glyph, advance })
        })
    }
}

fn of_the_system() -> Option<(Face, Option<Face>)> {
    let read = |path: &str| std::fs::read(path).ok().and_then(|bytes| Face::read(bytes).ok());
    PLACES.iter().find_map(|(regular, bold)| Some((read(regular)?, read(bold))))
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Fonts").field(&self.names()).finish()
    }
}

/// What brings the fonts that the program ships, the one with Chinese characters first.
pub type Shipped = dyn Fn() -> Vec<Vec<u8>> + Send + Sync;

/// The fonts of an installation, read when a document is first made (字库).
pub struct FontShelf {
    setting: Option<PathBuf>,
    shipped: Box<Shipped>,
    read: Mutex<Option<Arc<Fonts>>>,
}

impl FontShelf {
    /// A shelf of the file that a setting names, else of the system, and of what is shipped.
    pub fn new(setting: Option<PathBuf>, shipped: Box<Shipped>) -> Self {
        Self { setting, shipped, read: Mutex::new(None) }
    }

    /// The fonts. Reads files: not on a thread that serves others.
    ///
    /// # Errors
    /// As [`Fonts::find`].
    pub fn fonts(&self) -> Result<Arc<Fonts>, DocumentError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fonts) = read.as_ref() {
            return Ok(fonts.clone());
        }
        let fonts = Arc::new(Fonts::find(self.setting.as_deref(), &*self.shipped)?);
        *read = Some(fonts.clone());
        Ok(fonts)
    }
}
