//! `lucid hj212 encode`: packets out of the JSON lines that `decode` writes.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::to_hex;
use crate::commands::files;
use crate::exit::{Exit, Failure, Outcome};

/// The fields of the header, in the standard's order.
const HEADER: [&str; 9] = ["QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"];

/// The longest segment that four digits of length can declare.
const LONGEST: usize = 9999;

pub(super) fn run(as_hex: bool, file: Option<&Path>) -> Outcome {
    let bytes = files::read(file)?;
    let text = ingest::files::text(&bytes);
    let mut out = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let frame = frame(line).map_err(|what| {
            let cure = "Write the form that `lucid hj212 decode` writes.";
            Failure::of_use("hj212.encode", format!("line {number}: {what}"), cure)
        })?;
        if as_hex {
            out.extend_from_slice(to_hex(&frame).as_bytes());
            out.push(b'\n');
        } else {
            out.extend_from_slice(&frame);
        }
    }
    files::write(None, &out)?;
    Ok(Exit::Ok)
}

fn frame(line: &str) -> Result<Vec<u8>, String> {
    let packet: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if packet["CN"].as_str().is_none() {
        return Err("CN, the command, is missing".to_owned());
    }
    let mut segment = String::new();
    for name in HEADER {
        match &packet[name] {
            Value::Null => {}
            Value::String(text) => {
                let _ = write!(segment, "{name}={};", plain(name, text, &[';', '='])?);
            }
            Value::Number(number) => {
                let _ = write!(segment, "{name}={number};");
            }
            other => return Err(format!("{name} is {other}, and a text is wanted")),
        }
    }
    let _ = write!(segment, "CP=&&{}&&", area(&packet["cp"])?);
    if segment.len() > LONGEST {
        return Err(format!("the packet has {} bytes, more than {LONGEST}", segment.len()));
    }
    Ok(hj212::encode::frame(segment.as_bytes()))
}

fn area(cp: &Value) -> Result<String, String> {
    let wrong = || "cp is a list of items, each a list of [name, value]".to_owned();
    let items = match cp {
        Value::Null => return Ok(String::new()),
        Value::Array(items) => items,
        _ => return Err(wrong()),
    };
    let mut written = Vec::with_capacity(items.len());
    for item in items {
        let mut pairs = Vec::new();
        for pair in item.as_array().ok_or_else(wrong)? {
            let (Some(name), Some(value)) = (pair[0].as_str(), pair[1].as_str()) else {
                return Err(wrong());
            };
            let name = plain("a name", name, &[';', ',', '='])?;
            // Text between slashes (log texts) may hold the separators.
            let is_text = value.starts_with("//") && value.ends_with("//") && value.len() >= 4;
            let value = if is_text { value } else { plain(name, value, &[';', ','])? };
            pairs.push(format!("{name}={value}"));
        }
        written.push(pairs.join(","));
    }
    Ok(written.join(";"))
}

/// The text, if it holds nothing that would end it early.
fn plain<'text>(name: &str, text: &'text str, ends: &[char]) -> Result<&'text str, String> {
    if text.contains(ends) || text.contains("&&") || text.contains(['\r', '\n']) {
        return Err(format!("{name} holds a separator of the protocol: {text:?}"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn a_packet_of_the_standard_is_written_byte_for_byte() {
        let line = r#"{"QN":"20160801085857223","ST":"32","CN":"1062","PW":"100000",
            "MN":"010000A8900016F000169DC0","Flag":5,"cp":[[["RtdInterval","30"]]]}"#;
        let written = frame(&line.replace('\n', "")).unwrap();
        assert!(written.starts_with(b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;"));
        assert!(written.ends_with(b"CP=&&RtdInterval=30&&1C80\r\n"));
    }

    #[test]
    fn what_would_break_the_packet_is_refused() {
        for line in [
            "{",
            "{}",
            r#"{"CN":"2011","MN":"a;b"}"#,
            r#"{"CN":"2011","cp":"x"}"#,
            r#"{"CN":"2011","cp":[["a","b"]]}"#,
            r#"{"CN":"2011","cp":[[["a","1;2"]]]}"#,
            r#"{"CN":"2011","cp":[[["a","&&"]]]}"#,
        ] {
            assert!(frame(line).is_err(), "{line}");
        }
    }
}
