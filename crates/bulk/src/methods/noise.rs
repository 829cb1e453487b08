//! `noise`: levels of places and at boundaries.

use rulebook::{Judged, NotComputable};
use standards::noise::{
    DayPart, gb3096_acoustic_environment as places, gb12348_boundary_noise as boundary,
    gb12523_construction_noise as construction,
};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "noise",
    title: ("噪声评价", "noise"),
    does: (
        "每行一个声级：声环境按 GB 3096，厂界及室内按 GB 12348，建筑施工场界按 GB 12523；夜间突发噪声的最大\
         声级填 noise 一列。",
        "A row is one level: places by GB 3096, boundaries and rooms by GB 12348, construction \
         sites by GB 12523; the column noise says where the level is the maximum of a noise at night.",
    ),
    columns: &[
        Column::optional("point", &["点位", "测点"], Holds::Text, ("测点", "the point")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::optional(
            "zone",
            &["功能区", "声环境功能区"],
            Holds::Text,
            (
                "功能区类别 0–4、4a、4b，施工场界不填",
                "the zone, 0 to 4, 4a, 4b; none for construction sites",
            ),
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
            Holds::Number("dB(A)"),
            ("等效声级，或夜间最大声级", "the equivalent level, or the maximum of a night"),
        ),
        Column::optional(
            "place",
            &["位置"],
            Holds::Text,
            (
                "place 环境、boundary 厂界、room_a、room_b、construction 施工场界、construction_indoors，默认环境",
                "place, boundary, room_a, room_b, construction, construction_indoors; place where \
                 it is empty",
            ),
        ),
        Column::optional(
            "noise",
            &["噪声类型"],
            Holds::Text,
            (
                "空为等效声级；夜间最大声级：sudden 突发、frequent 频发、occasional 偶发",
                "empty for an equivalent level; for a maximum at night sudden, frequent, occasional",
            ),
        ),
    ],
    gives: &[
        Given::new("limit", Gives::Number, ("限值 dB(A)", "the limit, dB(A)")),
        Given::new("meets", Gives::Truth, ("是否达标", "whether it is kept")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &[
        "GB 3096-2008 table 1, 5.4",
        "GB 12348-2008 tables 1 and 2, 4.1.2, 4.1.3",
        "GB 12523-2011: limits at the boundary; whether a revision has replaced it is not known",
    ],
    standards: &["GB3096", "GB12348", "GB12523"],
    together: Together::Nothing,
    example: "point,zone,part,level,place\nN1,2,day,58.4,\nN2,3,night,56.0,boundary\n",
    work: Work::Rows(judge),
};

const PARTS: [(&str, DayPart); 4] = [
    ("day", DayPart::Day),
    ("昼间", DayPart::Day),
    ("night", DayPart::Night),
    ("夜间", DayPart::Night),
];

/// Where a level was measured, and by which standard it is judged.
#[derive(Clone, Copy)]
enum Place {
    Zone,
    Site(boundary::Place),
    Construction(construction::Place),
}

const PLACES: [(&str, Place); 12] = [
    ("place", Place::Zone),
    ("环境", Place::Zone),
    ("boundary", Place::Site(boundary::Place::Boundary)),
    ("厂界", Place::Site(boundary::Place::Boundary)),
    ("room_a", Place::Site(boundary::Place::RoomA)),
    ("A类房间", Place::Site(boundary::Place::RoomA)),
    ("room_b", Place::Site(boundary::Place::RoomB)),
    ("B类房间", Place::Site(boundary::Place::RoomB)),
    ("construction", Place::Construction(construction::Place::Boundary)),
    ("施工场界", Place::Construction(construction::Place::Boundary)),
    ("construction_indoors", Place::Construction(construction::Place::Indoors)),
    ("施工室内", Place::Construction(construction::Place::Indoors)),
];

/// What the level is.
#[derive(Clone, Copy)]
enum Noise {
    Equivalent,
    Sudden,
    Frequent,
    Occasional,
}

const NOISES: [(&str, Noise); 8] = [
    ("equivalent", Noise::Equivalent),
    ("等效", Noise::Equivalent),
    ("sudden", Noise::Sudden),
    ("突发", Noise::Sudden),
    ("frequent", Noise::Frequent),
    ("频发", Noise::Frequent),
    ("occasional", Noise::Occasional),
    ("偶发", Noise::Occasional),
];

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let on = row.judged_on(settings, &METHOD)?;
    let place = row.one_of("place", &PLACES)?.unwrap_or(Place::Zone);
    let zone = match place {
        Place::Construction(_) => "",
        _ => row.wanted_text("zone")?,
    };
    row.wanted_text("part")?;
    let part = row.one_of("part", &PARTS)?.unwrap_or(DayPart::Day);
    let noise = row.one_of("noise", &NOISES)?.unwrap_or(Noise::Equivalent);
    if part == DayPart::Day && !matches!(noise, Noise::Equivalent) {
        let cure = "A maximum is judged at night only; leave the cell empty by day.";
        return Err(row.problem("noise", "there is no limit of a maximum by day", cure));
    }
    let verdict: Result<Judged<bool>, NotComputable> = match (row.amount("level")?, place, noise) {
        (None, ..) => {
            Err(NotComputable::Missing { what: rulebook::Text::fixed("声级", "the level") })
        }
        (Some(level), Place::Zone, Noise::Equivalent) => places::meets(zone, part, level, on),
        (Some(level), Place::Zone, _) => places::meets_night_maximum(zone, level, on),
        (Some(level), Place::Site(place), Noise::Equivalent) => {
            boundary::meets(place, zone, part, level, on)
        }
        (Some(level), Place::Site(boundary::Place::Boundary), Noise::Frequent) => {
            boundary::meets_night_maximum(zone, boundary::NightNoise::Frequent, level, on)
        }
        (Some(level), Place::Site(boundary::Place::Boundary), Noise::Occasional) => {
            boundary::meets_night_maximum(zone, boundary::NightNoise::Occasional, level, on)
        }
        (Some(_), Place::Site(_), _) => {
            let cure =
                "At a boundary write frequent or occasional; in a room leave the cell empty.";
            return Err(row.problem("noise", "GB 12348 has no such maximum", cure));
        }
        (Some(level), Place::Construction(place), Noise::Equivalent) => {
            construction::meets(place, part, level, on)
        }
        (Some(level), Place::Construction(place), _) => {
            construction::meets_night_maximum(place, level, on)
        }
    };
    Ok(match verdict {
        Ok(judged) => vec![
            Cell::number(judged.inputs.get(1).map(|input| input.value)),
            Cell::Truth(judged.value),
            Cell::Text(judged.by.text().zh),
            Cell::None,
        ],
        Err(why) => vec![Cell::None, Cell::None, Cell::None, reason(&why)],
    })
}
