//! Lines without a quotation mark: every separator ends a cell, every line end a row.
//!
//! A line as instruments write it is read in one go, its numbers while their ends are looked for.
//! Any other line is read once more, cell by cell, and what is wrong with it is said there.

use super::{Reader, Take};
use crate::column::Found;
use crate::input::{Piece, width};
use crate::micro::{self, MISSING, Read};
use crate::problem::Problem;

/// What a column of the file is to the reader.
#[derive(Clone, Copy)]
enum Role {
    /// A pollutant: its place among the values, and what brings it into the unit wanted.
    Value(usize, i32),
    /// Anything else.
    Other,
}

impl<T: Take> Reader<'_, T> {
    /// Reads the lines of a piece.
    pub(super) fn plain_lines(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        separator: u8,
    ) -> Result<(), Problem> {
        let roles = self.roles();
        let mut ends = vec![0; roles.len()];
        let mut slow_ends = Vec::with_capacity(roles.len());
        let (mut row, mut start) = (piece.first_row, 0);
        while start < bytes.len() {
            let mut values = [MISSING; 6];
            start = match quick(bytes, start, separator, &roles, &mut ends, &mut values) {
                Some(next) => {
                    let head = self.head;
                    let cell = |found: Found| {
                        let from = if found.place == 0 { start } else { ends[found.place - 1] + 1 };
                        (&bytes[from..ends[found.place]], found)
                    };
                    let at = |place: usize| head.bound[place].map(cell);
                    let seconds = self.when(row, &at)?;
                    let unit = self.place(row, &at)?;
                    self.take(row, unit, seconds, &values)?;
                    next
                }
                None => self.slow(piece, bytes, separator, (row, start), &mut slow_ends)?,
            };
            row += 1;
        }
        Ok(())
    }

    /// The columns of the file, in their order.
    fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::Other; self.head.titles.len()];
        for value in 0..6 {
            if let Some(found) = self.head.bound[self.layout.first_pollutant + value] {
                roles[found.place] = Role::Value(value, found.shift);
            }
        }
        roles
    }

    /// Reads a line cell by cell; the place of the next.
    fn slow(
        &mut self,
        piece: &Piece,
        bytes: &[u8],
        separator: u8,
        (row, start): (u64, usize),
        ends: &mut Vec<usize>,
    ) -> Result<usize, Problem> {
        ends.clear();
        let mut place = find(bytes, start, separator);
        while place < bytes.len() && bytes[place] != b'\n' {
            ends.push(place);
            place = find(bytes, place + 1, separator);
        }
        let is_cut = place > start && bytes[place - 1] == b'\r';
        ends.push(if is_cut { place - 1 } else { place });
        if ends.len() > 1 || ends[0] > start {
            width(piece, row, ends.len())?;
            self.row(row, |index| {
                let from = if index == 0 { start } else { ends[index - 1] + 1 };
                &bytes[from..ends[index]]
            })?;
        }
        Ok(place + 1)
    }
}

/// Reads a line in one go: the ends of its cells and its numbers; the place of the next line.
///
/// `None` where it has another number of cells, or a number that is not written plainly.
fn quick(
    bytes: &[u8],
    start: usize,
    separator: u8,
    roles: &[Role],
    ends: &mut [usize],
    values: &mut [i64; 6],
) -> Option<usize> {
    let mut at = start;
    let (last, before) = ends.split_last_mut()?;
    let (last_role, roles) = roles.split_last()?;
    for (role, end) in roles.iter().zip(before) {
        *end = read(bytes, at, separator, *role, values)?;
        if bytes.get(*end) != Some(&separator) {
            return None;
        }
        at = *end + 1;
    }
    *last = read(bytes, at, separator, *last_role, values)?;
    let mut next = *last;
    if matches!(last_role, Role::Other) {
        // A search goes up to the line end.
        if *last > at && bytes[*last - 1] == b'\r' {
            *last -= 1;
        }
    } else if bytes.get(next) == Some(&b'\r') {
        next += 1;
    }
    let is_whole = matches!(bytes.get(next), None | Some(b'\n')) && *last > start;
    is_whole.then_some(next + 1)
}

/// Reads a cell; its end.
#[inline]
fn read(
    bytes: &[u8],
    at: usize,
    separator: u8,
    role: Role,
    values: &mut [i64; 6],
) -> Option<usize> {
    let Role::Value(value, shift) = role else { return Some(find(bytes, at, separator)) };
    let (number, end) = number(bytes, at)?;
    values[value] = if shift == 0 || number == MISSING {
        number
    } else {
        let Read::Exact(number) = micro::shifted(Read::Exact(number), shift) else { return None };
        number
    };
    Some(end)
}

/// Millionths of the digits from a place on, with at most one point among them, and their end.
/// Nothing is written where there is none: then there is no value.
#[inline]
fn number(bytes: &[u8], start: usize) -> Option<(i64, usize)> {
    const TENS: [i64; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
    let (whole, mut at, stop) = digits(bytes, start, 0);
    if at == start {
        return Some((MISSING, at));
    }
    let (mut value, mut places) = (whole, 0);
    if stop == b'.' {
        let point = at + 1;
        (value, at, _) = digits(bytes, point, whole);
        places = at - point;
        if places == 0 || places > 6 {
            return None;
        }
    }
    // Fifteen digits and a point: nothing wrapped.
    let value = (at - start <= 16).then(|| value.checked_mul(TENS[6 - places])).flatten()?;
    (value <= micro::LARGEST).then_some((value, at))
}

/// Goes on with a number through the digits from a place on: the number, their end, what ends them.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mut value: i64) -> (i64, usize, u8) {
    loop {
        let byte = bytes.get(at).copied().unwrap_or(b'\n');
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (value, at, byte);
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        at += 1;
    }
}

/// The next separator or line end from a place on, eight bytes at a time; else the end.
#[inline]
fn find(bytes: &[u8], start: usize, separator: u8) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    const LINES: u64 = u64::from_le_bytes([b'\n'; 8]);
    let separators = u64::from_le_bytes([separator; 8]);
    // The lowest of the high bits stands in the first byte that is zero.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut at = start;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let hits = zeros(word ^ separators) | zeros(word ^ LINES);
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let place = rest.iter().position(|byte| *byte == separator || *byte == b'\n');
    place.map_or(bytes.len(), |place| at + place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_next_mark_is_found(bytes in "[a-c,;\n]{0,40}", start in 0_usize..45) {
            let bytes = bytes.as_bytes();
            let rest = bytes.get(start..).unwrap_or_default();
            let place = rest.iter().position(|byte| matches!(byte, b',' | b'\n'));
            let wanted = place.map_or(bytes.len(), |place| start + place);
            prop_assert_eq!(find(bytes, start, b','), wanted);
        }

        #[test]
        fn a_number_is_read_as_it_is_elsewhere(
            cell in "[0-9]{0,18}(\\.[0-9]{0,8})?", end in "[,\n]?",
        ) {
            let line = format!("{cell}{end}");
            let found = number(line.as_bytes(), 0).filter(|(_, end)| *end == cell.len());
            if let Some((found, _)) = found {
                let wanted = match micro::parse(cell.as_bytes()) {
                    Read::Exact(value) => Some(value),
                    Read::Missing => Some(MISSING),
                    Read::Rounded(_) | Read::Wrong => None,
                };
                prop_assert_eq!(Some(found), wanted);
            } else {
                // Read cell by cell: too long, or not as instruments write.
                let places = cell.split_once('.').map_or(0, |(_, part)| part.len());
                let is_plain = !cell.starts_with('.') && !cell.ends_with('.');
                prop_assert!(!is_plain || places > 6 || cell.len() > 9, "{}", cell);
            }
        }
    }
}
