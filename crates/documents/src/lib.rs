//! Documents for people: PDF and Word in Chinese official layout.
