//! Numbers in as few bytes as they need: seven bits a byte, low bits first.

use crate::PackingError;

pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn put_wide(out: &mut Vec<u8>, mut number: u128) {
    while number > u128::from(u64::MAX) {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    put(out, number as u64);
}

/// A number with its sign, small ones staying small.
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned());
}

pub(crate) fn put_signed_wide(out: &mut Vec<u8>, number: i128) {
    put_wide(out, (number.cast_unsigned() << 1) ^ (number >> 127).cast_unsigned());
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the functions above wrote.
pub(crate) struct Reader<'bytes> {
    bytes: &'bytes [u8],
    offset: usize,
}

impl<'bytes> Reader<'bytes> {
    pub(crate) const fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    pub(crate) const fn error(&self, what: &'static str) -> PackingError {
        PackingError { offset: self.offset, what }
    }

    pub(crate) const fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    pub(crate) fn byte(&mut self) -> Result<u8, PackingError> {
        let byte = *self.bytes.get(self.offset).ok_or_else(|| self.error("the bytes end"))?;
        self.offset += 1;
        Ok(byte)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'bytes [u8], PackingError> {
        if length > self.remaining() {
            return Err(self.error("fewer bytes than announced"));
        }
        let part = &self.bytes[self.offset..self.offset + length];
        self.offset += length;
        Ok(part)
    }

    pub(crate) fn wide(&mut self) -> Result<u128, PackingError> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7F);
            if shift > 121 && bits >> (128 - shift) != 0 {
                return Err(self.error("a number of more than 128 bits"));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.error("a number without end"))
    }

    pub(crate) fn number(&mut self) -> Result<u64, PackingError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift > 57 && bits >> (64 - shift) != 0 {
                return Err(self.error("a number of more than 64 bits"));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.error("a number without end"))
    }

    /// A count of things that take at least one byte each.
    pub(crate) fn count(&mut self) -> Result<usize, PackingError> {
        let count = self.number()?;
        if count > self.remaining() as u64 {
            return Err(self.error("more entries announced than bytes are left"));
        }
        Ok(count as usize)
    }

    pub(crate) fn signed(&mut self) -> Result<i64, PackingError> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn signed_wide(&mut self) -> Result<i128, PackingError> {
        let number = self.wide()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn announced(&mut self) -> Result<&'bytes [u8], PackingError> {
        let length = self.count()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'bytes str, PackingError> {
        let bytes = self.announced()?;
        std::str::from_utf8(bytes).map_err(|_| self.error("a text that is not UTF-8"))
    }

    pub(crate) const fn end(&self) -> Result<(), PackingError> {
        if self.remaining() == 0 { Ok(()) } else { Err(self.error("bytes after the end")) }
    }
}
