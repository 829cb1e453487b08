//! Why a frame is refused, with the bytes that were refused.

use crate::Quirk;

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes do not begin with `##`.
    NoFrame,
    /// Two to four digits of length must follow `##`.
    BadLengthField,
    /// The bytes end before the frame does.
    Truncated,
    /// The declared length is not the length of the data segment.
    LengthMismatch,
    /// The check is not four hexadecimal digits.
    BadCrcField,
    /// The check is that of Modbus.
    CrcModbus,
    /// The check's two bytes are swapped.
    CrcByteSwapped,
    /// The check is wrong.
    CrcMismatch,
    /// `CP=&&` is missing.
    CpNotOpened,
    /// The closing `&&` is missing.
    CpNotClosed,
    /// CN is missing or not four digits.
    BadCn,
    /// The text is neither ASCII, UTF-8 nor GBK.
    BadText,
    /// The data area is encrypted, and no key is kept for the device.
    NoKey,
    /// The data area is encrypted, and not by the device's key.
    WrongKey,
}

impl Reason {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoFrame => "no_frame",
            Self::BadLengthField => "bad_length_field",
            Self::Truncated => "truncated",
            Self::LengthMismatch => "length_mismatch",
            Self::BadCrcField => "bad_crc_field",
            Self::CrcModbus => "crc_modbus",
            Self::CrcByteSwapped => "crc_byte_swapped",
            Self::CrcMismatch => "crc_mismatch",
            Self::CpNotOpened => "cp_not_opened",
            Self::CpNotClosed => "cp_not_closed",
            Self::BadCn => "bad_CN",
            Self::BadText => "bad_text",
            Self::NoKey => "no_key",
            Self::WrongKey => "wrong_key",
        }
    }

    /// How the device's maker mends it, in Chinese and English.
    pub const fn cure(self) -> (&'static str, &'static str) {
        match self {
            Self::NoFrame => ("数据包须以 ## 开头", "begin each packet with ##"),
            Self::BadLengthField => {
                ("## 之后须为 4 位十进制长度", "write the length as four decimal digits after ##")
            }
            Self::Truncated => (
                "数据包不完整:检查网络或数采仪发送缓冲",
                "the packet is cut short: check the network and the logger's send buffer",
            ),
            Self::LengthMismatch => (
                "长度须等于数据段的字节数(不含 ##、长度、CRC 和回车换行)",
                "count the bytes of the data segment alone: not ##, length, CRC or line end",
            ),
            Self::BadCrcField => {
                ("CRC 须为 4 位十六进制数字", "write the CRC as four hexadecimal digits")
            }
            Self::CrcModbus => (
                "使用了 Modbus CRC;请按 HJ 212-2017 附录 A 计算",
                "this is the Modbus CRC; compute it by HJ 212-2017 annex A",
            ),
            Self::CrcByteSwapped => {
                ("CRC 高低字节颠倒,高字节在前", "swap the CRC's bytes: the high byte comes first")
            }
            Self::CrcMismatch => (
                "CRC 错误:线路干扰或算法错误,按附录 A 核对",
                "the CRC is wrong: noise on the line or a wrong algorithm; check annex A",
            ),
            Self::CpNotOpened => ("数据区须以 CP=&& 开头", "open the data area with CP=&&"),
            Self::CpNotClosed => ("数据区须以 && 结尾", "close the data area with &&"),
            Self::BadCn => ("CN 须为 4 位数字", "CN is four digits"),
            Self::BadText => ("文字须为 UTF-8(或 GBK)", "write text in UTF-8 (or GBK)"),
            Self::NoKey => (
                "数据区已加密,平台未登记该设备的密钥:在设备页面登记密钥",
                "the data area is encrypted and no key is kept: set the device's key on its page",
            ),
            Self::WrongKey => (
                "数据区已加密,但不是平台登记的密钥:核对设备与平台的密钥",
                "the data area is encrypted by another key: compare the device's key with ours",
            ),
        }
    }
}

/// A refused frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The length that the frame declares, if it can be read.
    pub declared_length: Option<usize>,
    /// The check that was found, and the one that the bytes have.
    pub crc: Option<(u16, u16)>,
    /// Departures in the framing noticed before the refusal.
    pub quirks: Vec<Quirk>,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.reason.code())?;
        if let Some((found, expected)) = self.crc {
            write!(formatter, ": found CRC {found:04X}, expected {expected:04X}")?;
        }
        if let Some(length) = self.declared_length {
            write!(formatter, ", declared length {length} in {} bytes", self.bytes.len())?;
        }
        write!(formatter, "; {}", self.reason.cure().1)
    }
}

impl std::error::Error for Rejection {}
