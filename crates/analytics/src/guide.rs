//! What can be asked, told to readers: by the page, the interface, and `docs/reference/sql.md`.

use crate::functions::functions;
use crate::tables::TABLES;
use operations::sql::{ColumnGuide, Example, FunctionGuide, Guide, Limits, TableGuide};
use rulebook::Text;
use std::fmt::Write as _;

/// Questions to begin with: what they ask, in Chinese and English, and how.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "各站点最近十天的日 AQI 与首要污染物",
        "index and primary pollutants of the last ten days, station by station",
        "SELECT name, day,\n  aqi_day(factor, value, observed_at) AS aqi,\n  \
         aqi_day_primary(factor, value, observed_at) AS primary_pollutant\nFROM observation\n\
         WHERE kind = 'air-station' AND period = 'hour' AND is_usable\n  \
         AND day >= beijing_day(now()) - INTERVAL '10 days'\nGROUP BY name, day\n\
         ORDER BY name, day DESC",
    ),
    (
        "各断面最近一周各类别的次数",
        "how often each class was found in the sections within a week",
        "SELECT name, surface_water_class_name(level) AS class, count(*) AS samples\n\
         FROM verdict\nWHERE rule = 'gb3838.sample' AND outcome = 'computed'\n  \
         AND day >= beijing_day(now()) - INTERVAL '7 days'\nGROUP BY name, level\n\
         ORDER BY name, level",
    ),
    (
        "各排放口本月化学需氧量的小时均值与最大值",
        "mean and largest hour of chemical oxygen demand this month, outlet by outlet",
        "SELECT code, name, count(*) AS hours, round_gbt8170(avg(value), 1) AS mean, \
         max(value) AS largest\nFROM observation\nWHERE kind = 'outlet' AND period = 'hour' \
         AND factor = 'w01018' AND is_usable\n  AND day >= date_trunc('month', beijing(now()))\n\
         GROUP BY code, name\nORDER BY mean DESC",
    ),
    (
        "排放口小时值与当日限值对照,超出者",
        "hours of outlets beside the limit in force, those above it",
        "SELECT o.code, o.factor_name, beijing(o.observed_at) AS hour, o.value, l.at_most\n\
         FROM observation o\n\
         JOIN discharge_limit l ON l.point = o.point AND l.factor = o.factor\n  \
         AND l.period = o.period AND o.day >= l.valid_from\n  \
         AND (l.valid_to IS NULL OR o.day <= l.valid_to)\nWHERE o.kind = 'outlet' \
         AND o.period = 'hour' AND o.is_usable AND NOT l.on_converted\n  \
         AND o.value > l.at_most\n  \
         AND o.day >= beijing_day(now()) - INTERVAL '7 days'\nORDER BY o.observed_at DESC",
    ),
    (
        "未结束的预警,按区划计数",
        "open alerts by division",
        "SELECT d.name AS division, a.what, count(*) AS open\nFROM alert a\n\
         JOIN division d ON d.code = a.division AND d.valid_to IS NULL\n\
         WHERE a.closed_at IS NULL\nGROUP BY d.name, a.what\nORDER BY open DESC",
    ),
    (
        "新旧标准下同一浓度的分指数",
        "the same concentration under both editions of the standard",
        "SELECT value, air_index('PM2.5', value, 'day', DATE '2026-02-28') AS hj633_2012,\n  \
         air_index('PM2.5', value, 'day', DATE '2026-03-01') AS hj633_2026\n\
         FROM (VALUES (35), (60), (75), (115), (150)) AS concentrations(value)",
    ),
];

/// All that a reader wants to know before asking.
pub(crate) fn guide(limits: Limits) -> Guide {
    let tables = TABLES.iter().map(|table| TableGuide {
        name: table.name,
        meaning: Text::fixed(table.zh, table.en),
        columns: table
            .columns
            .iter()
            .map(|column| ColumnGuide {
                name: column.name,
                kind: column.kind.name(),
                meaning: Text::fixed(column.zh, column.en),
            })
            .collect(),
    });
    let functions = functions().into_iter().map(|function| FunctionGuide {
        signature: function.signature(),
        returns: function.returns.name(),
        is_aggregate: function.is_aggregate(),
        meaning: Text::fixed(function.zh, function.en),
        example: function.example,
    });
    let examples = EXAMPLES
        .iter()
        .map(|(zh, en, text)| Example { title: Text::fixed(zh, en), text: (*text).to_owned() });
    Guide {
        tables: tables.collect(),
        functions: functions.collect(),
        examples: examples.collect(),
        limits,
    }
}

/// The tables and functions as a page of the documentation.
pub fn reference() -> String {
    let guide = guide(Limits::default());
    let mut page = String::new();
    // Writing into a text cannot fail.
    let _ = writeln!(page, "## Tables\n");
    for table in &guide.tables {
        let _ = writeln!(page, "### `{}`\n\n{}.\n", table.name, capital(&table.meaning.en));
        let _ = writeln!(page, "| column | type | meaning |\n|---|---|---|");
        for column in &table.columns {
            let meaning = column.meaning.en.replace('|', "\\|");
            let _ = writeln!(page, "| `{}` | {} | {meaning} |", column.name, column.kind);
        }
        page.push('\n');
    }
    let _ = writeln!(page, "## Functions\n");
    for function in &guide.functions {
        let kind = if function.is_aggregate { ", an aggregate" } else { "" };
        let _ = writeln!(page, "### `{}` → {}{kind}\n", function.signature, function.returns);
        let _ = writeln!(page, "{}\n", capital(&function.meaning.en));
        let _ = writeln!(page, "```sql\n{}\n```\n", function.example);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
