//! The little HTML that publishers put into cells: text within tags, and a tooltip.

/// A cell taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What a reader sees.
    pub text: String,
    /// What the tooltip (`title`) says, empty without one.
    pub title: String,
}

/// Takes a cell apart; one without tags is all text.
pub fn cell(markup: &str) -> Cell {
    if !markup.contains(['<', '&']) {
        return Cell { text: markup.trim().to_owned(), title: String::new() };
    }
    let mut text = String::new();
    let mut title = String::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let Some(length) = end_of_tag(&rest[start..]) else {
            rest = &rest[start..];
            break;
        };
        let tag = &rest[start..start + length];
        if title.is_empty() {
            title = attribute(tag, "title").unwrap_or_default();
        }
        if tag.starts_with("<br") {
            text.push(' ');
        }
        rest = &rest[start + length..];
    }
    text.push_str(rest);
    Cell { text: unescape(&text).trim().to_owned(), title }
}

/// The length of the tag at the start of `markup`, with its `>`; quoted ones do not count.
fn end_of_tag(markup: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in markup.char_indices() {
        match (quote, character) {
            (None, '>') => return Some(at + 1),
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}="))? + name.len() + 1;
    let quote = tag[at..].chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let value = &tag[at + 1..];
    Some(unescape(&value[..value.find(quote)?]))
}

/// Resolves the references that publishers use; an unknown one stays as it is.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let name = rest[1..].find(';').filter(|end| *end <= 8).map(|end| &rest[1..=end]);
        if let Some(character) = name.and_then(reference) {
            plain.push(character);
            rest = &rest[name.map_or(1, str::len) + 2..];
        } else {
            plain.push('&');
            rest = &rest[1..];
        }
    }
    plain.push_str(rest);
    plain
}

/// The character that a reference names: `mdash`, `#10`, `#x2014`.
pub fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "mdash" => '—',
        "ndash" => '–',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "deg" => '°',
        "mu" | "micro" => 'μ',
        "middot" => '·',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_apart() {
        let markup = "<span data-toggle='tooltip' title='原始值：11.15'>11.2</span>";
        assert_eq!(cell(markup), Cell { text: "11.2".into(), title: "原始值：11.15".into() });
        let markup = "<span title='所在地市:房山区&#10;所属河流:小清河'>八间房&nbsp;桥</span>";
        let found = cell(markup);
        assert_eq!(found.text, "八间房 桥");
        assert_eq!(found.title, "所在地市:房山区\n所属河流:小清河");
        assert_eq!(cell("水温<br/><span class='unit'>(℃)</span>").text, "水温 (℃)");
        assert_eq!(cell("*").text, "*");
    }

    #[test]
    fn what_is_broken_stays_text() {
        for markup in ["<span title='a", "a < b", "&bogus; &", "&#xD800;", "&#;", "<", "<>"] {
            assert!(cell(markup).title.is_empty(), "{markup}");
        }
        assert_eq!(unescape("&bogus; & &amp;"), "&bogus; & &");
        assert_eq!(unescape("&中文;"), "&中文;");
    }
}
