//! Workbooks that arrive with a form.

use crate::Problem;
use axum::extract::Multipart;

/// The workbook in the field `file` of a form whose body may have `most` bytes.
///
/// # Errors
/// 400 when it did not arrive whole, or there is none.
pub async fn workbook(mut parts: Multipart, most: usize) -> Result<Vec<u8>, Problem> {
    let megabytes = most >> 20;
    let unread = |text: String| {
        Problem::bad_request(
            format!("文件没有完整到达，或超过 {megabytes} MB；请重试"),
            format!("the file did not arrive whole, or is larger than {megabytes} MB: {text}"),
        )
    };
    while let Some(part) = parts.next_field().await.map_err(|error| unread(error.body_text()))? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|error| unread(error.body_text()))?;
            return Ok(bytes.to_vec());
        }
    }
    Err(Problem::bad_request("请选择 .xlsx 文件", "choose an .xlsx file in the field `file`"))
}
