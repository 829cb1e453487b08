//! The packed form of a row's values: scaled integers of varying length, one blob a row.
//!
//! A byte for the form, the number of factors, then for each factor its number, a mask of the
//! fields present, the decimals they share, and each field as its digits without the point.

use crate::error::PackingError;
use crate::model::{FactorValue, Marks};
use crate::varint::{Reader, put, put_signed_wide};
use registry::FactorId;
use rulebook::Decimal;

const FORM: u8 = 1;
const FLAG: u64 = 1 << 4;
const OWN_SCALES: u64 = 1 << 6;
const MARKS: u64 = 1 << 9;
/// The bit of each number, in the order of [`FactorValue::numbers`]; the usual ones fit a byte.
const NUMBERS: [u64; 7] = [1, 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 7, 1 << 8];
const KNOWN: u64 = (1 << 10) - 1;
const SCALE_MAX: u32 = 28;

/// Packs the values of one row.
pub fn pack(values: &[FactorValue]) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 + values.len() * 16);
    out.push(FORM);
    put(&mut out, values.len() as u64);
    for value in values {
        pack_factor(&mut out, value);
    }
    out
}

fn pack_factor(out: &mut Vec<u8>, value: &FactorValue) {
    let numbers = value.numbers();
    let mut mask = 0;
    let mut scale = None;
    for (number, bit) in numbers.iter().zip(NUMBERS) {
        if let Some(number) = number {
            mask |= bit;
            if *scale.get_or_insert(number.scale()) != number.scale() {
                mask |= OWN_SCALES;
            }
        }
    }
    if value.flag.is_some() {
        mask |= FLAG;
    }
    if value.marks != Marks::NONE {
        mask |= MARKS;
    }
    put(out, u64::from(value.factor.0));
    put(out, mask);
    if mask & OWN_SCALES == 0
        && let Some(scale) = scale
    {
        out.push(scale as u8);
    }
    for number in numbers.into_iter().flatten() {
        if mask & OWN_SCALES != 0 {
            out.push(number.scale() as u8);
        }
        put_signed_wide(out, number.mantissa());
    }
    out.extend(value.flag);
    if mask & MARKS != 0 {
        put(out, u64::from(value.marks.0));
    }
}

/// Unpacks what [`pack`] wrote.
///
/// # Errors
/// When the bytes are not of that form.
pub fn unpack(payload: &[u8]) -> Result<Vec<FactorValue>, PackingError> {
    let mut reader = Reader::new(payload);
    if reader.byte()? != FORM {
        return Err(reader.error("an unknown form"));
    }
    let count = reader.count()?;
    let mut values = Vec::with_capacity(count.min(1024));
    for _ in 0..count {
        values.push(unpack_factor(&mut reader)?);
    }
    reader.end()?;
    Ok(values)
}

fn unpack_factor(reader: &mut Reader<'_>) -> Result<FactorValue, PackingError> {
    let factor = reader.number()?;
    let factor = u16::try_from(factor).map_err(|_| reader.error("a factor beyond 65535"))?;
    let mask = reader.number()?;
    if mask & !KNOWN != 0 {
        return Err(reader.error("an unknown field"));
    }
    let mut value = FactorValue::empty(FactorId(factor));
    let has_numbers = NUMBERS.iter().any(|bit| mask & bit != 0);
    let shared = if has_numbers && mask & OWN_SCALES == 0 { Some(scale(reader)?) } else { None };
    for (number, bit) in value.numbers_mut().into_iter().zip(NUMBERS) {
        if mask & bit != 0 {
            let scale = shared.map_or_else(|| scale(reader), Ok)?;
            let mantissa = reader.signed_wide()?;
            *number = Some(
                Decimal::try_from_i128_with_scale(mantissa, scale)
                    .map_err(|_| reader.error("a decimal of more than 96 bits"))?,
            );
        }
    }
    if mask & FLAG != 0 {
        value.flag = Some(reader.byte()?);
    }
    if mask & MARKS != 0 {
        let marks = u32::try_from(reader.number()?);
        value.marks = Marks(marks.map_err(|_| reader.error("marks beyond 32 bits"))?);
    }
    Ok(value)
}

fn scale(reader: &mut Reader<'_>) -> Result<u32, PackingError> {
    let scale = u32::from(reader.byte()?);
    if scale > SCALE_MAX { Err(reader.error("more than 28 decimals")) } else { Ok(scale) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimals() -> impl Strategy<Value = Option<Decimal>> {
        proptest::option::of(prop_oneof![
            (any::<i32>(), 0_u32..5).prop_map(|(digits, scale)| Decimal::new(digits.into(), scale)),
            (-(1_i128 << 95)..(1_i128 << 95), 0_u32..=28)
                .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits, scale)),
        ])
    }

    fn factor_values() -> impl Strategy<Value = FactorValue> {
        (
            any::<u16>(),
            proptest::array::uniform7(decimals()),
            proptest::option::of(any::<u8>()),
            prop_oneof![Just(0), any::<u32>()],
        )
            .prop_map(|(factor, numbers, flag, marks)| {
                let mut value = FactorValue::empty(FactorId(factor));
                for (field, number) in value.numbers_mut().into_iter().zip(numbers) {
                    *field = number;
                }
                value.flag = flag;
                value.marks = Marks(marks);
                value
            })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(values in proptest::collection::vec(factor_values(), 0..20)) {
            let back = unpack(&pack(&values)).unwrap();
            prop_assert_eq!(&back, &values);
            for (left, right) in back.iter().zip(&values) {
                for (left, right) in left.numbers().iter().zip(right.numbers()) {
                    prop_assert_eq!(left.map(|number| number.scale()),
                        right.map(|number| number.scale()));
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(values) = unpack(&bytes) {
                prop_assert_eq!(unpack(&pack(&values)).unwrap(), values);
            }
        }

        #[test]
        fn a_cut_payload_is_refused(
            values in proptest::collection::vec(factor_values(), 1..5), cut in 1_usize..8,
        ) {
            let payload = pack(&values);
            let kept = payload.len().saturating_sub(cut);
            prop_assert!(unpack(&payload[..kept]).is_err());
        }
    }

    #[test]
    fn ten_usual_factors_take_few_bytes() {
        let factor = |number| FactorValue {
            value: Some(Decimal::new(4012, 2)),
            min: Some(Decimal::new(3801, 2)),
            max: Some(Decimal::new(4555, 2)),
            sum: Some(Decimal::new(1042, 2)),
            flag: Some(b'N'),
            ..FactorValue::empty(FactorId(number))
        };
        let values: Vec<_> = (1..=10).map(factor).collect();
        assert_eq!(pack(&values).len(), 2 + 10 * 12);
    }
}
