//! Records out of XML, as it comes out of a binary service: prefixed names, empty elements, and
//! entities that no one declared (`&mdash;`, `&nbsp;`, `&mdash` without its semicolon).

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{IsRecord, RawRecord};
use crate::files::{Problem, html};

/// Deeper nesting is no publication.
const DEEPEST: usize = 64;

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    has_children: bool,
    record: RawRecord,
}

pub(super) fn read(
    text: &str,
    is_record: IsRecord<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<RawRecord> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut open: Vec<Element> = Vec::new();
    let mut records = Vec::new();
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let place = reader.error_position();
                problems.push(broken(&format!("{error} at byte {place}")));
                break;
            }
        };
        match event {
            Event::Start(start) if open.len() >= DEEPEST => {
                let name = local(start.name().as_ref());
                problems.push(broken(&format!("element {name} lies too deep")));
                break;
            }
            Event::Start(start) => {
                open.push(Element { name: local(start.name().as_ref()), ..Element::default() });
            }
            Event::Empty(empty) => {
                let name = local(empty.name().as_ref());
                close(Element { name, ..Element::default() }, &mut open, is_record, &mut records);
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, is_record, &mut records);
                }
            }
            Event::Text(text) => append(&mut open, &text),
            Event::CData(data) => append(&mut open, &data),
            Event::GeneralRef(entity) => append(&mut open, &meaning(&entity)),
            Event::Eof => break,
            _ => {}
        }
    }
    records
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// A closed element is a field of the one around it, or a record of the publication.
fn close(
    mut element: Element,
    open: &mut [Element],
    is_record: IsRecord<'_>,
    records: &mut Vec<RawRecord>,
) {
    if element.has_children {
        if is_record(&element.record) {
            element.record.line = records.len() as u64 + 1;
            records.push(element.record);
        }
    } else if let Some(parent) = open.last_mut() {
        parent.record.push(&element.name, element.text);
    }
    if let Some(parent) = open.last_mut() {
        parent.has_children = true;
    }
}

/// What a reference stands for: a declared one, a number, a dash or blank of HTML, else itself.
fn meaning(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    html::reference(entity).map_or_else(|| format!("&{};", &**entity), String::from)
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

fn broken(what: &str) -> Problem {
    Problem::of_file(
        "feed.xml",
        format!("the XML cannot be read further: {what}"),
        "Fetch the publication again; records before this place were read.",
    )
}
