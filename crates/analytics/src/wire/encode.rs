//! Answers as rows of the protocol.

use crate::answer::Answer;
use datafusion_postgres::arrow_pg::datatypes::{arrow_schema_to_pg_fields, encode_recordbatch};
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::QueryResponse;
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::types::format::FormatOptions;
use futures_util::stream;
use std::sync::Arc;

/// The rows of an answer in the form that the client wants.
pub(super) fn rows(
    answer: Answer,
    format: &Format,
    options: FormatOptions,
) -> PgWireResult<QueryResponse> {
    let fields = arrow_schema_to_pg_fields(&answer.schema, format, Some(Arc::new(options)))?;
    let fields = Arc::new(fields);
    let each = Arc::clone(&fields);
    let rows =
        answer.batches.into_iter().flat_map(move |batch| encode_recordbatch(each.clone(), batch));
    Ok(QueryResponse::new(fields, stream::iter(rows)))
}
