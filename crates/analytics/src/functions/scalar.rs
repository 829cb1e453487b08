//! A function of each row, as the engine calls it.

use super::arguments::coerced;
use super::{Arguments, Function, Work, failed};
use crate::tables::rows::{Column, PRECISION, Rows, column};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A function of each row.
#[derive(Debug)]
pub(crate) struct Scalar {
    function: &'static Function,
    signature: Signature,
}

impl Scalar {
    pub(crate) fn new(function: &'static Function) -> Self {
        Self { function, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

/// The places of a rounded number, where they are written as a number.
fn places(given: Option<&ScalarValue>) -> Option<i8> {
    let number = given?.cast_to(&DataType::Int64).ok()?;
    match number {
        ScalarValue::Int64(Some(places)) => i8::try_from(places).ok().filter(|p| *p >= 0),
        _ => None,
    }
}

impl ScalarUDFImpl for Scalar {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns.data_type())
    }

    fn return_field_from_args(&self, given: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let mut kind = self.function.returns.data_type();
        // A rounded number is shown with its places: 0.30, not 0.3000000000.
        if self.function.name == super::plain::ROUND.name
            && let Some(places) = places(given.scalar_arguments.get(1).copied().flatten())
        {
            kind = DataType::Decimal128(PRECISION, places.min(super::plain::PLACES_MAX));
        }
        Ok(Arc::new(Field::new(self.function.name, kind, true)))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        coerced(self.function, given)
    }

    fn invoke_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Work::EachRow(work) = &self.function.work else {
            return Err(DataFusionError::Internal("an aggregate called for each row".into()));
        };
        let columns = given
            .args
            .iter()
            .map(|argument| argument.to_array(given.number_rows))
            .collect::<Result<Vec<_>>>()?;
        let mut arguments = Arguments::new(self.function, &columns)?;
        let answer: [Column; 1] = [column("answer", self.function.returns, "", "")];
        let mut rows = Rows::new(&answer, &[0]);
        for row in 0..given.number_rows {
            arguments.go_to(row);
            let out = work(&arguments).map_err(|what| failed(self.function, &what))?;
            rows.push(|_| out.cell());
        }
        let found = Arc::clone(rows.finish()?.column(0));
        let is_as_promised = found.data_type() == given.return_field.data_type();
        let found =
            if is_as_promised { found } else { cast(&found, given.return_field.data_type())? };
        Ok(ColumnarValue::Array(found))
    }
}
