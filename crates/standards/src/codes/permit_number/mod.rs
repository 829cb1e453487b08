//! Number of a discharge permit (排污许可证编号): the holder's unified social credit code, three
//! digits for the place of production, one letter as check.
//!
//! Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::fmt;

use super::social_credit_code::{SocialCreditCode, SocialCreditCodeError};

/// The number of a discharge permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PermitNumber {
    holder: SocialCreditCode,
    place: u16,
    letter: char,
}

/// Why a text is no number of a permit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermitNumberError {
    /// It has another length than 22.
    Length(usize),
    /// Its first 18 characters are no unified social credit code.
    Holder(SocialCreditCodeError),
    /// Characters 19 to 21 are not three digits.
    Place(String),
    /// The last character is no capital letter.
    Letter(char),
}

impl PermitNumberError {
    /// The stable code of the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length(_) => "permit_number.length",
            Self::Holder(_) => "permit_number.holder",
            Self::Place(_) => "permit_number.place",
            Self::Letter(_) => "permit_number.letter",
        }
    }
}

impl fmt::Display for PermitNumberError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(formatter, "{length} characters instead of 22"),
            Self::Holder(_) => formatter.write_str("the holder's code is wrong"),
            Self::Place(text) => write!(formatter, "{text:?} is no place number of three digits"),
            Self::Letter(letter) => write!(formatter, "the last character {letter:?} is no letter"),
        }
    }
}

impl std::error::Error for PermitNumberError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Holder(error) => Some(error),
            _ => None,
        }
    }
}

impl PermitNumber {
    /// Reads a number and checks its structure.
    ///
    /// # Standard
    /// Structure as seen in a public register: 18 characters, three digits, one letter.
    ///
    /// # Errors
    /// What is wrong first.
    ///
    /// # Note
    /// How the last letter is computed was not found, so it is not checked. Units without a social
    /// credit code have numbers of another structure, which are not known here.
    ///
    /// # Example
    /// ```
    /// use standards::codes::permit_number::PermitNumber;
    /// let number = PermitNumber::parse("91350600MA00DEM01J001W").unwrap();
    /// assert_eq!((number.holder().as_str(), number.place()), ("91350600MA00DEM01J", 1));
    /// ```
    pub fn parse(text: &str) -> Result<Self, PermitNumberError> {
        let characters: Vec<char> = text.trim().chars().collect();
        let &[ref code @ .., first, second, third, letter] = characters.as_slice() else {
            return Err(PermitNumberError::Length(characters.len()));
        };
        if characters.len() != 22 {
            return Err(PermitNumberError::Length(characters.len()));
        }
        let holder = SocialCreditCode::parse(&code.iter().collect::<String>())
            .map_err(PermitNumberError::Holder)?;
        let digits = [first, second, third];
        let place = digits.iter().try_fold(0_u16, |number, digit| {
            let digit = digit.to_digit(10)?;
            Some(number * 10 + digit as u16)
        });
        let place = place.ok_or_else(|| PermitNumberError::Place(digits.iter().collect()))?;
        if !letter.is_ascii_uppercase() {
            return Err(PermitNumberError::Letter(letter));
        }
        Ok(Self { holder, place, letter })
    }

    /// The holder's unified social credit code.
    ///
    /// # Standard
    /// Characters 1 to 18, as in [`PermitNumber::parse`].
    ///
    /// # Example
    /// ```
    /// use standards::codes::permit_number::PermitNumber;
    /// let number = PermitNumber::parse("91350600MA00DEM01J001W").unwrap();
    /// assert_eq!(number.holder().division(), "350600");
    /// ```
    pub const fn holder(&self) -> SocialCreditCode {
        self.holder
    }

    /// The number of the place of production.
    ///
    /// # Standard
    /// Characters 19 to 21, as in [`PermitNumber::parse`].
    ///
    /// # Example
    /// ```
    /// use standards::codes::permit_number::PermitNumber;
    /// assert_eq!(PermitNumber::parse("91350600MA00DEM01J001W").unwrap().place(), 1);
    /// ```
    pub const fn place(&self) -> u16 {
        self.place
    }
}

impl fmt::Display for PermitNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{:03}{}", self.holder, self.place, self.letter)
    }
}
