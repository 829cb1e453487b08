//! Bytes beside what they mean.

use maud::{Markup, html};

/// Bytes in rows of sixteen: place, hexadecimal, characters.
pub fn hex_view(bytes: &[u8], label: &str) -> Markup {
    html! {
        div class="bytes" role="region" aria-label=(label) tabindex="0" {
            pre {
                @for (row, chunk) in bytes.chunks(16).enumerate() {
                    span class="bytes-place" { (format!("{:04X}", row * 16)) }
                    "  "
                    (hexadecimal(chunk))
                    "  "
                    span class="bytes-text" { (characters(chunk)) }
                    "\n"
                }
            }
        }
    }
}

fn hexadecimal(chunk: &[u8]) -> String {
    let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{:<47}", digits.join(" "))
}

fn characters(chunk: &[u8]) -> String {
    let shown = |byte: &u8| {
        if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' }
    };
    chunk.iter().map(shown).collect()
}
