//! Departures from the protocol that do not make a packet unusable.

/// A departure that an accepting receiver notices (格式偏差).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// The length has so many digits instead of four.
    LengthDigits(u8),
    /// The length counts characters where it should count bytes.
    LengthInCharacters,
    /// Nothing follows the check.
    NoTail,
    /// A line feed alone follows the check.
    LineFeedOnly,
    /// A carriage return alone follows the check.
    CarriageReturnOnly,
    /// The check is written in lower case.
    CrcLowerCase,
    /// The data segment is longer than 1024 bytes.
    Over1024,
    /// The text is GBK instead of UTF-8.
    TextGbk,
    /// A comma separates fields of the header.
    HeaderComma,
    /// Blanks stand in the header.
    HeaderSpace,
    /// No semicolon stands before `CP=`.
    NoSemicolonBeforeCp,
    /// Blanks stand in the data area.
    CpSpace,
    /// The data area ends with a semicolon.
    CpTrailingSemicolon,
    /// An item of the data area has no equals sign.
    CpItemWithoutValue,
    /// There is no QN.
    NoQn,
    /// QN is not seventeen digits.
    QnFormat,
    /// PW is not six characters.
    PasswordLength,
    /// MN is not 24 hexadecimal digits, as the editions since 2017 want it.
    MnNot24Hex,
    /// ST is not two characters.
    StFormat,
    /// There is no Flag.
    FlagMissing,
    /// Flag is not a number from 0 to 255.
    FlagFormat,
    /// Flag's bit for parts and the presence of PNUM disagree.
    FlagPnumMismatch,
}

impl Quirk {
    /// The stable code.
    pub fn code(self) -> String {
        let fixed = match self {
            Self::LengthDigits(digits) => return format!("len_digits:{digits}"),
            Self::LengthInCharacters => "len_in_characters",
            Self::NoTail => "no_tail",
            Self::LineFeedOnly => "lf_only",
            Self::CarriageReturnOnly => "cr_only",
            Self::CrcLowerCase => "crc_lower_case",
            Self::Over1024 => "over_1024",
            Self::TextGbk => "text_gbk",
            Self::HeaderComma => "header_comma",
            Self::HeaderSpace => "header_space",
            Self::NoSemicolonBeforeCp => "no_semicolon_before_cp",
            Self::CpSpace => "cp_space",
            Self::CpTrailingSemicolon => "cp_trailing_semicolon",
            Self::CpItemWithoutValue => "cp_item_without_value",
            Self::NoQn => "no_qn",
            Self::QnFormat => "qn_format",
            Self::PasswordLength => "pw_len",
            Self::MnNot24Hex => "mn_not_24hex",
            Self::StFormat => "st_format",
            Self::FlagMissing => "flag_missing",
            Self::FlagFormat => "flag_format",
            Self::FlagPnumMismatch => "flag_pnum_mismatch",
        };
        fixed.to_owned()
    }
}
