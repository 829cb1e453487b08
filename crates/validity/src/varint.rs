//! Numbers in as few bytes as they need, and texts with their length before them.

use crate::error::ValidityError;
use jiff::Timestamp;
use jiff::civil::Date;
use rulebook::Decimal;

/// What writes.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(crate) fn number(&mut self, number: u128) {
        let mut rest = number;
        while rest >= 0x80 {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    pub(crate) fn signed(&mut self, number: i128) {
        self.number((number.cast_unsigned() << 1) ^ (number >> 127).cast_unsigned());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u128);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn flag(&mut self, is_set: bool) {
        self.bytes.push(u8::from(is_set));
    }

    pub(crate) fn decimal(&mut self, decimal: Decimal) {
        self.bytes.push(decimal.scale() as u8);
        self.signed(decimal.mantissa());
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u128);
        for entry in list {
            write(self, entry);
        }
    }

    pub(crate) fn instant(&mut self, instant: Timestamp) {
        self.signed(instant.as_millisecond().into());
    }

    pub(crate) fn day(&mut self, day: Date) {
        self.signed(i128::from(day.year()));
        self.byte(day.month() as u8);
        self.byte(day.day() as u8);
    }
}

/// Reads what [`Writer`] wrote, and nothing else.
pub(crate) struct Reader<'bytes> {
    bytes: &'bytes [u8],
    offset: usize,
}

type Result<T> = std::result::Result<T, ValidityError>;

impl<'bytes> Reader<'bytes> {
    pub(crate) const fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    pub(crate) const fn wrong(&self, what: &'static str) -> ValidityError {
        ValidityError::Damaged { offset: self.offset, what }
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.offset).ok_or_else(|| self.wrong("the bytes end"))?;
        self.offset += 1;
        Ok(byte)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'bytes [u8]> {
        let end = self.offset.checked_add(length);
        let part = end.and_then(|end| self.bytes.get(self.offset..end));
        let part = part.ok_or_else(|| self.wrong("fewer bytes than announced"))?;
        self.offset += length;
        Ok(part)
    }

    pub(crate) fn number(&mut self) -> Result<u128> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7F);
            if shift > 121 && bits >> (128 - shift) != 0 {
                return Err(self.wrong("a number of more than 128 bits"));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let is_shortest = byte != 0 || shift == 0;
                return if is_shortest { Ok(number) } else { Err(self.wrong("a padded number")) };
            }
        }
        Err(self.wrong("a number without end"))
    }

    pub(crate) fn small<T: TryFrom<u128>>(&mut self) -> Result<T> {
        let number = self.number()?;
        T::try_from(number).map_err(|_| self.wrong("a number that is too large"))
    }

    pub(crate) fn signed(&mut self) -> Result<i128> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn long(&mut self) -> Result<i64> {
        let number = self.signed()?;
        i64::try_from(number).map_err(|_| self.wrong("a number of more than 64 bits"))
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        let length: usize = self.small()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.wrong("a text not in UTF-8"))?;
        Ok(text.to_owned())
    }

    pub(crate) fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong("neither yes nor no")),
        }
    }

    pub(crate) fn decimal(&mut self) -> Result<Decimal> {
        let scale = u32::from(self.byte()?);
        let mantissa = self.signed()?;
        Decimal::try_from_i128_with_scale(mantissa, scale)
            .map_err(|_| self.wrong("a decimal of more than 96 bits"))
    }

    pub(crate) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let count: usize = self.small()?;
        if count > self.remaining() {
            return Err(self.wrong("more entries announced than bytes are left"));
        }
        let mut list = Vec::with_capacity(count.min(8192));
        for _ in 0..count {
            list.push(read(self)?);
        }
        Ok(list)
    }

    pub(crate) fn instant(&mut self) -> Result<Timestamp> {
        let milliseconds = self.long()?;
        Timestamp::from_millisecond(milliseconds).map_err(|_| self.wrong("a time beyond all years"))
    }

    pub(crate) fn day(&mut self) -> Result<Date> {
        let year = i16::try_from(self.signed()?).map_err(|_| self.wrong("no such year"))?;
        let (month, day) = (self.byte()?, self.byte()?);
        let (month, day) = (i8::try_from(month).unwrap_or(0), i8::try_from(day).unwrap_or(0));
        Date::new(year, month, day).map_err(|_| self.wrong("no such day"))
    }

    pub(crate) fn end(&self) -> Result<()> {
        if self.remaining() == 0 { Ok(()) } else { Err(self.wrong("bytes after the end")) }
    }
}
