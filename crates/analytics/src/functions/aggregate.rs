//! A function of a group of rows, as the engine calls it.
//!
//! What is kept of the rows goes from worker to worker as packed bytes; it is judged once, at the
//! end, as a whole.

use super::arguments::coerced;
use super::{Arguments, Entry, Function, Out, Work, failed};
use crate::tables::rows::units;
use crate::tables::rows::{Kind, PRECISION, SCALE, day_number};
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use rulebook::Decimal;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A function of a group of rows.
#[derive(Debug)]
pub(crate) struct Aggregate {
    function: &'static Function,
    signature: Signature,
}

impl Aggregate {
    pub(crate) fn new(function: &'static Function) -> Self {
        Self { function, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Aggregate {}

impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns.data_type())
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        coerced(self.function, given)
    }

    fn accumulator(&self, given: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if given.is_distinct {
            let what = format!("{} judges every row: leave DISTINCT out", self.function.name);
            return Err(DataFusionError::Plan(what));
        }
        Ok(Box::new(Gathered { function: self.function, entries: Vec::new() }))
    }

    fn state_fields(&self, given: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format_state_name(given.name, "entries");
        Ok(vec![Arc::new(Field::new(name, DataType::Binary, true))])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// Bytes of a packed entry.
const PACKED: usize = 32;

impl Entry {
    fn pack(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.item.to_le_bytes());
        bytes.extend(self.local.to_le_bytes());
        bytes.extend(self.value.scale().to_le_bytes());
        bytes.extend(self.value.mantissa().to_le_bytes());
    }

    fn unpack(bytes: &[u8]) -> Option<Self> {
        let (item, rest) = bytes.split_first_chunk()?;
        let (local, rest) = rest.split_first_chunk()?;
        let (scale, rest) = rest.split_first_chunk()?;
        let mantissa = i128::from_le_bytes(rest.try_into().ok()?);
        let value = Decimal::try_from_i128_with_scale(mantissa, u32::from_le_bytes(*scale)).ok()?;
        Some(Self { item: u32::from_le_bytes(*item), local: i64::from_le_bytes(*local), value })
    }
}

#[derive(Debug)]
struct Gathered {
    function: &'static Function,
    entries: Vec<Entry>,
}

impl Accumulator for Gathered {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let Work::Group { keep, .. } = &self.function.work else {
            return Err(DataFusionError::Internal("a function of rows called for a group".into()));
        };
        let count = columns.first().map_or(0, Array::len);
        let mut arguments = Arguments::new(self.function, columns)?;
        for row in 0..count {
            arguments.go_to(row);
            let kept = keep(&arguments).map_err(|what| failed(self.function, &what))?;
            self.entries.extend(kept);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Work::Group { judge, .. } = &self.function.work else {
            return Err(DataFusionError::Internal("a function of rows called for a group".into()));
        };
        let out = judge(&self.entries).map_err(|what| failed(self.function, &what))?;
        Ok(scalar(self.function.returns, &out))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.entries.capacity() * size_of::<Entry>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let mut bytes = Vec::with_capacity(self.entries.len() * PACKED);
        for entry in &self.entries {
            entry.pack(&mut bytes);
        }
        Ok(vec![ScalarValue::Binary(Some(bytes))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        let states = states.as_binary::<i32>();
        for bytes in states.iter().flatten() {
            for packed in bytes.chunks(PACKED) {
                let entry = Entry::unpack(packed).ok_or_else(|| {
                    DataFusionError::Internal("what was kept of a group is damaged".into())
                })?;
                self.entries.push(entry);
            }
        }
        Ok(())
    }
}

/// An answer as the engine holds a single one.
fn scalar(kind: Kind, out: &Out) -> ScalarValue {
    match (kind, out) {
        (Kind::Integer, Out::Integer(number)) => ScalarValue::Int64(Some(*number)),
        (Kind::Text, Out::Text(text)) => ScalarValue::Utf8(Some(text.clone())),
        (Kind::Decimal, Out::Decimal(number)) => {
            ScalarValue::Decimal128(units(*number), PRECISION, SCALE)
        }
        (Kind::Day, Out::Day(day)) => ScalarValue::Date32(Some(day_number(*day))),
        (Kind::Integer, _) => ScalarValue::Int64(None),
        (Kind::Decimal, _) => ScalarValue::Decimal128(None, PRECISION, SCALE),
        (Kind::Day, _) => ScalarValue::Date32(None),
        (Kind::Text | Kind::Time | Kind::Local | Kind::Truth, _) => ScalarValue::Utf8(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_from_their_bytes() {
        for text in ["0", "-12.340", "79228162514264337593543950335", "0.0000000001"] {
            let value = text.parse().expect("a decimal");
            let entry = Entry { item: 7, local: -5, value };
            let mut bytes = Vec::new();
            entry.pack(&mut bytes);
            assert_eq!(bytes.len(), PACKED);
            assert_eq!(Entry::unpack(&bytes), Some(entry));
        }
        assert_eq!(Entry::unpack(&[1, 2, 3]), None);
    }
}
