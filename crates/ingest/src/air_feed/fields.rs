//! The names of the fields in all their spellings.

use crate::files::records::RawRecord;

/// A field of a record, whatever the form of the file calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Field {
    Time,
    Station,
    Name,
    Area,
    Latitude,
    Longitude,
    Index,
    Level,
    Primary,
    Value(usize),
}

/// The names of the measured columns, in the order of `Field::Value`.
pub(crate) const VALUES: [&str; 14] = [
    "so2",
    "so2_24h",
    "no2",
    "no2_24h",
    "co",
    "co_24h",
    "o3",
    "o3_24h",
    "o3_8h",
    "o3_8h_24h",
    "pm10",
    "pm10_24h",
    "pm2_5",
    "pm2_5_24h",
];

/// The field that a name means; case, `_`, `.`, `-` and blanks do not count.
pub(crate) fn field(name: &str) -> Option<Field> {
    let bare = bare(name);
    Some(match bare.as_str() {
        "timepoint" | "time" | "datetime" | "时间" | "发布时间" | "监测时间" => {
            Field::Time
        }
        "stationcode" | "station" | "code" | "站点编码" | "站点编号" | "监测点编码" => {
            Field::Station
        }
        "positionname" | "stationname" | "name" | "站点名称" | "监测点名称" => Field::Name,
        "area" | "city" | "城市" => Field::Area,
        "latitude" | "lat" | "纬度" => Field::Latitude,
        "longitude" | "lon" | "lng" | "经度" => Field::Longitude,
        "aqi" => Field::Index,
        "quality" | "level" | "空气质量指数类别" | "空气质量级别" => Field::Level,
        "primarypollutant" | "首要污染物" => Field::Primary,
        other => Field::Value(VALUES.iter().position(|value| self::bare(value) == other)?),
    })
}

fn bare(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '.' | '-' | ' ' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A record with the meanings of its names.
pub(crate) struct Fields<'a> {
    /// The line of a table or the number of the record, from one.
    pub(crate) line: u64,
    known: Vec<(Field, &'a str)>,
}

impl<'a> Fields<'a> {
    /// The known fields of a record.
    pub(crate) fn of(record: &'a RawRecord) -> Self {
        let known = record.fields.iter();
        let known = known.filter_map(|(name, text)| Some((field(name)?, text.trim()))).collect();
        Self { line: record.line, known }
    }

    /// The content of a field; of one that occurs twice, the last.
    pub(crate) fn get(&self, field: Field) -> &'a str {
        let found = self.known.iter().rev().find(|(known, _)| *known == field);
        found.map_or("", |(_, content)| content)
    }

    fn has(&self, field: Field) -> bool {
        self.known.iter().any(|(known, _)| *known == field)
    }
}

/// Whether this can be a record of the publication at all.
pub(crate) fn is_record(record: &RawRecord) -> bool {
    let fields = Fields::of(record);
    fields.has(Field::Station) && fields.has(Field::Time)
}
