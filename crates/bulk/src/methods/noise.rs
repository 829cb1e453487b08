//! `noise`: levels of places and at boundaries.

use rulebook::{Judged, NotComputable};
use standards::noise::{
    DayPart, gb3096_acoustic_environment as places, gb12348_boundary_noise as boundary,
};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "noise",
    title: ("噪声评价", "noise"),
    does: (
        "每行一个等效声级：声环境按 GB 3096，厂界及室内按 GB 12348。",
        "A row is one equivalent level: places by GB 3096, boundaries and rooms by GB 12348.",
    ),
    columns: &[
        Column::optional("point", &["点位", "测点"], Holds::Text, ("测点", "the point")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::required(
            "zone",
            &["功能区", "声环境功能区"],
            Holds::Text,
            ("功能区类别 0–4、4a、4b", "the zone, 0 to 4, 4a, 4b"),
        ),
        Column::required(
            "part",
            &["时段", "昼夜"],
            Holds::Text,
            ("day 昼间或 night 夜间", "day or night"),
        ),
        Column::required(
            "level",
            &["等效声级", "Leq"],
            Holds::Number(""),
            ("等效声级 dB(A)", "the equivalent level, dB(A)"),
        ),
        Column::optional(
            "place",
            &["位置"],
            Holds::Text,
            (
                "place 环境、boundary 厂界、room_a、room_b，默认环境",
                "place, boundary, room_a, room_b; place where it is empty",
            ),
        ),
    ],
    gives: &[
        Given::new("limit", Gives::Number, ("限值 dB(A)", "the limit, dB(A)")),
        Given::new("meets", Gives::Truth, ("是否达标", "whether it is kept")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &["GB 3096-2008 table 1", "GB 12348-2008 tables 1 and 2"],
    standards: &["GB3096", "GB12348"],
    example: "point,zone,part,level,place\nN1,2,day,58.4,\nN2,3,night,56.0,boundary\n",
    work: Work::Rows(judge),
};

const PARTS: [(&str, DayPart); 4] = [
    ("day", DayPart::Day),
    ("昼间", DayPart::Day),
    ("night", DayPart::Night),
    ("夜间", DayPart::Night),
];

const PLACES: [(&str, Option<boundary::Place>); 8] = [
    ("place", None),
    ("环境", None),
    ("boundary", Some(boundary::Place::Boundary)),
    ("厂界", Some(boundary::Place::Boundary)),
    ("room_a", Some(boundary::Place::RoomA)),
    ("A类房间", Some(boundary::Place::RoomA)),
    ("room_b", Some(boundary::Place::RoomB)),
    ("B类房间", Some(boundary::Place::RoomB)),
];

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let on = row.judged_on(settings, &METHOD)?;
    let zone = row.wanted_text("zone")?;
    row.wanted_text("part")?;
    let part = row.one_of("part", &PARTS)?.unwrap_or(DayPart::Day);
    let place = row.one_of("place", &PLACES)?.flatten();
    let verdict: Result<Judged<bool>, NotComputable> = match (row.amount("level")?, place) {
        (None, _) => Err(NotComputable::Missing {
            what: rulebook::Text::fixed("等效声级", "the equivalent level"),
        }),
        (Some(level), None) => places::meets(zone, part, level, on),
        (Some(level), Some(place)) => boundary::meets(place, zone, part, level, on),
    };
    Ok(match verdict {
        Ok(judged) => vec![
            Cell::number(judged.inputs.get(1).map(|input| input.value)),
            Cell::Truth(judged.value),
            Cell::text(judged.by.to_string()),
            Cell::None,
        ],
        Err(why) => vec![Cell::None, Cell::None, Cell::None, reason(&why)],
    })
}
