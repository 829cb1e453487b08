//! The registry's nouns as tables.

use super::points::{POINT_COLUMNS, point_cell};
use super::rows::{Cell, Column, Kind, Rows, column};
use super::{Ground, Small, Table};
use datafusion::catalog::TableProvider;
use registry::{LimitBound, PointDetail, PointKind};
use rulebook::Decimal;
use std::sync::Arc;

const KEPT_FROM: Column = column("valid_from", Kind::Day, "起始日", "first day; null = open");
const KEPT_TO: Column = column("valid_to", Kind::Day, "截止日", "last day; null = open");

/// The columns of a point with these behind them.
const fn with_point<const OWN: usize, const ALL: usize>(own: [Column; OWN]) -> [Column; ALL] {
    let mut all = [POINT_COLUMNS[0]; ALL];
    let mut place = 0;
    while place < ALL {
        let first = POINT_COLUMNS.len();
        all[place] = if place < first { POINT_COLUMNS[place] } else { own[place - first] };
        place += 1;
    }
    all
}

fn small(
    table: &'static Table,
    ground: &Ground,
    fill: fn(&Ground, &mut Rows),
) -> Arc<dyn TableProvider> {
    Arc::new(Small { table, ground: ground.clone(), fill })
}

/// A place in degrees as a decimal.
fn degrees(degrees: f64) -> Cell<'static> {
    Cell::decimal(Decimal::try_from(degrees).ok())
}

/// The points with their places.
pub(crate) const POINT: Table = Table {
    name: "point",
    zh: "监测点位:空气站、断面、排放口",
    en: "monitoring points: air stations, water sections, outlets",
    columns: &with_point::<6, 12>([
        column("longitude", Kind::Decimal, "经度", "degrees east"),
        column("latitude", Kind::Decimal, "纬度", "degrees north"),
        column("source", Kind::Text, "资料来源", "where its facts come from"),
        column("confidence", Kind::Text, "可信度", "how far they can be trusted"),
        KEPT_FROM,
        KEPT_TO,
    ]),
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for point in ground.snapshot.every_point() {
                rows.push(|place| match place {
                    6 => point.position.map_or(Cell::Null, |at| degrees(at.longitude)),
                    7 => point.position.map_or(Cell::Null, |at| degrees(at.latitude)),
                    8 => Cell::Text(&point.source),
                    9 => Cell::Text(point.confidence.as_str()),
                    10 => Cell::day(point.valid_from),
                    11 => Cell::day(point.valid_to),
                    other => point_cell(point, other),
                });
            }
        })
    },
};

/// The air stations.
pub(crate) const AIR_STATION: Table = Table {
    name: "air_station",
    zh: "空气站",
    en: "air quality stations",
    columns: &with_point::<2, 8>([
        column("network", Kind::Text, "级别:national、provincial、municipal", "national, …"),
        column(
            "is_control_point",
            Kind::Truth,
            "对照点,不参与全市评价",
            "a control point takes no part in the city's mean",
        ),
    ]),
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for point in ground.snapshot.points_of(PointKind::AirStation) {
                let PointDetail::AirStation(station) = &point.detail else { continue };
                rows.push(|place| match place {
                    6 => Cell::Text(&station.network),
                    7 => Cell::Truth(station.is_control_point),
                    other => point_cell(point, other),
                });
            }
        })
    },
};

/// The water sections.
pub(crate) const WATER_SECTION: Table = Table {
    name: "water_section",
    zh: "地表水断面",
    en: "surface water sections",
    columns: &with_point::<4, 10>([
        column("network", Kind::Text, "级别:national、provincial", "national or provincial"),
        column("water", Kind::Text, "所在河流或湖库", "the river or lake"),
        column("body", Kind::Text, "river 或 lake", "river or lake: limits differ"),
        column("target_class", Kind::Integer, "水质目标,1 至 5", "class to be reached, 1 to 5"),
    ]),
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for point in ground.snapshot.points_of(PointKind::WaterSection) {
                let PointDetail::WaterSection(section) = &point.detail else { continue };
                rows.push(|place| match place {
                    6 => Cell::Text(&section.network),
                    7 => Cell::Text(&section.water),
                    8 => Cell::Text(section.body.as_str()),
                    9 => section.target_class.map_or(Cell::Null, |c| Cell::Integer(c.into())),
                    other => point_cell(point, other),
                });
            }
        })
    },
};

/// The outlets.
pub(crate) const OUTLET: Table = Table {
    name: "outlet",
    zh: "排放口",
    en: "discharge outlets",
    columns: &with_point::<4, 10>([
        column("enterprise", Kind::Text, "企业编码", "code of the enterprise"),
        column("enterprise_name", Kind::Text, "企业名称", "name of the enterprise in Chinese"),
        column("medium", Kind::Text, "water 废水、gas 废气", "water or gas"),
        column("permit_number", Kind::Text, "许可证上的编号,如 DW001", "number in the permit"),
    ]),
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for point in ground.snapshot.points_of(PointKind::Outlet) {
                let PointDetail::Outlet(outlet) = &point.detail else { continue };
                let enterprise = ground.snapshot.enterprise(outlet.enterprise);
                rows.push(|place| match place {
                    6 => Cell::text(enterprise.map(|one| one.code.as_str())),
                    7 => Cell::text(enterprise.map(|one| one.name.zh.as_str())),
                    8 => Cell::Text(outlet.medium.as_str()),
                    9 => Cell::Text(&outlet.permit_outlet_number),
                    other => point_cell(point, other),
                });
            }
        })
    },
};

/// The limits that bind outlets.
pub(crate) const DISCHARGE_LIMIT: Table = Table {
    name: "discharge_limit",
    zh: "排放口的限值,按日期",
    en: "limits that bind outlets, dated",
    columns: &with_point::<8, 14>([
        column("factor", Kind::Text, "因子编码", "code of the factor"),
        column("period", Kind::Text, "所判时段:hour、day", "the mean judged: hour or day"),
        column("at_least", Kind::Decimal, "下限(仅 pH)", "lower bound (pH alone)"),
        column("at_most", Kind::Decimal, "上限", "upper bound"),
        column(
            "on_converted",
            Kind::Truth,
            "是否按折算值判",
            "whether the value converted to the reference oxygen content is judged",
        ),
        column("source", Kind::Text, "标准或许可证", "the standard or permit that sets it"),
        KEPT_FROM,
        KEPT_TO,
    ]),
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            let snapshot = &ground.snapshot;
            for point in snapshot.points_of(PointKind::Outlet) {
                for limit in snapshot.limits_of(point.id) {
                    let (least, most) = match &limit.bound {
                        LimitBound::AtMost(most) => (None, *most),
                        LimitBound::Within(least, most) => (Some(*least), *most),
                    };
                    let factor = snapshot.factor(limit.factor);
                    rows.push(|place| match place {
                        6 => Cell::text(factor.map(|factor| factor.code.as_str())),
                        7 => Cell::Text(limit.period.as_str()),
                        8 => Cell::decimal(least),
                        9 => Cell::Decimal(most),
                        10 => Cell::Truth(limit.on_converted),
                        11 => Cell::Text(&limit.source),
                        12 => Cell::Day(limit.valid_from),
                        13 => Cell::day(limit.valid_to),
                        other => point_cell(point, other),
                    });
                }
            }
        })
    },
};

/// The enterprises.
pub(crate) const ENTERPRISE: Table = Table {
    name: "enterprise",
    zh: "企业",
    en: "enterprises",
    columns: &[
        column("code", Kind::Text, "统一社会信用代码或演示编码", "unified social credit code"),
        column("name", Kind::Text, "名称(中文)", "name in Chinese"),
        column("name_en", Kind::Text, "名称(英文)", "name in English"),
        column("division", Kind::Text, "所在区划代码", "code of its division"),
        column("industry", Kind::Text, "行业,GB/T 4754", "industry, GB/T 4754"),
        column("is_fictitious", Kind::Truth, "演示用虚构企业", "invented for demonstration"),
    ],
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for enterprise in ground.snapshot.enterprises() {
                rows.push(|place| match place {
                    0 => Cell::Text(&enterprise.code),
                    1 => Cell::Text(&enterprise.name.zh),
                    2 => Cell::Text(&enterprise.name.en),
                    3 => Cell::Text(&enterprise.division),
                    4 => Cell::Text(&enterprise.industry),
                    _ => Cell::Truth(enterprise.is_fictitious),
                });
            }
        })
    },
};

/// The divisions.
pub(crate) const DIVISION: Table = Table {
    name: "division",
    zh: "行政区划与开发区,按日期",
    en: "divisions and zones, dated",
    columns: &[
        column("code", Kind::Text, "区划代码", "code, GB/T 2260"),
        column("name", Kind::Text, "名称(中文)", "name in Chinese"),
        column("name_en", Kind::Text, "名称(英文)", "name in English"),
        column("kind", Kind::Text, "city、county、zone", "city, county or zone"),
        column("parent", Kind::Text, "上级代码", "code of the one above"),
        KEPT_FROM,
        KEPT_TO,
    ],
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for division in &ground.snapshot.divisions {
                rows.push(|place| match place {
                    0 => Cell::Text(&division.code),
                    1 => Cell::Text(&division.name.zh),
                    2 => Cell::Text(&division.name.en),
                    3 => Cell::Text(division.kind.as_str()),
                    4 => Cell::text(division.parent.as_deref()),
                    5 => Cell::day(division.valid_from),
                    _ => Cell::day(division.valid_to),
                });
            }
        })
    },
};

/// The factors.
pub(crate) const FACTOR: Table = Table {
    name: "factor",
    zh: "监测因子",
    en: "factors: what is measured",
    columns: &[
        column("code", Kind::Text, "HJ 212 编码", "code in HJ 212"),
        column("name", Kind::Text, "名称(中文)", "name in Chinese"),
        column("name_en", Kind::Text, "名称(英文)", "name in English"),
        column("unit", Kind::Text, "单位", "unit"),
        column("decimals", Kind::Integer, "显示小数位", "decimals shown"),
        column("air_unit", Kind::Text, "空气站的单位", "unit at air stations, where another"),
        column("is_listed", Kind::Truth, "城市文件中有", "named in the city's files"),
    ],
    open: |table, ground| {
        small(table, ground, |ground, rows| {
            for factor in ground.snapshot.factors() {
                rows.push(|place| match place {
                    0 => Cell::Text(&factor.code),
                    1 => Cell::Text(&factor.name.zh),
                    2 => Cell::Text(&factor.name.en),
                    3 => Cell::Text(&factor.unit),
                    4 => Cell::Integer(factor.decimals.into()),
                    5 => Cell::text(factor.air_unit.as_deref()),
                    _ => Cell::Truth(factor.is_listed),
                });
            }
        })
    },
};
