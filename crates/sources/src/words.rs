//! The words of this area in both languages.

use evaluation::Outcome;
use evaluation::alerts::{AlertKind, Severity};
use registry::{LimitBound, MonitoringPoint, PointDetail, Snapshot};
use rulebook::{Period, Text};

/// A kind of alert.
pub(crate) fn kind(kind: AlertKind) -> Text {
    match kind {
        AlertKind::Exceedance => Text::fixed("超标", "exceedance"),
        AlertKind::MissingData => Text::fixed("数据缺失", "missing data"),
        AlertKind::DeviceOffline => Text::fixed("设备离线", "device offline"),
        AlertKind::ConstantValue => Text::fixed("恒值", "constant value"),
    }
}

/// How much an alert matters.
pub(crate) fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Notice => Text::fixed("提示", "notice"),
        Severity::Warning => Text::fixed("预警", "warning"),
        Severity::Serious => Text::fixed("严重", "serious"),
    }
}

/// How a judgement ended.
pub(crate) fn outcome(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Computed => Text::fixed("已计算", "computed"),
        Outcome::Meets => Text::fixed("达标", "within the limit"),
        Outcome::Exceeds => Text::fixed("超标", "over the limit"),
        Outcome::NotComputable => Text::fixed("不可评判", "not computable"),
    }
}

/// What happened to an alert.
pub(crate) fn event(what: &str) -> Text {
    match what {
        "opened" => Text::fixed("开启", "opened"),
        "worse" => Text::fixed("加重", "became worse"),
        "closed" => Text::fixed("关闭", "closed"),
        other => Text::plain(other),
    }
}

/// Why an alert was closed.
pub(crate) fn close_reason(reason: &str) -> Text {
    match reason {
        "value_within_limit" => Text::fixed("数值恢复达标", "the value is within its limit again"),
        "value_changed" => Text::fixed("数值恢复变化", "the value changes again"),
        "data_resumed" => Text::fixed("数据恢复上报", "data come again"),
        other => Text::plain(other),
    }
}

/// An averaging period.
pub(crate) fn period(period: Period) -> Text {
    match period {
        Period::RealTime => Text::fixed("实时", "real time"),
        Period::Minute => Text::fixed("分钟", "minutes"),
        Period::Hour => Text::fixed("小时", "hours"),
        Period::Day => Text::fixed("日", "days"),
    }
}

/// A bound as it is printed.
pub(crate) fn bound(bound: &LimitBound) -> String {
    match bound {
        LimitBound::AtMost(most) => format!("≤ {most}"),
        LimitBound::Within(least, most) => format!("{least} – {most}"),
    }
}

/// The name of a point with its enterprise before it, where it is an outlet.
pub(crate) fn point(snapshot: &Snapshot, point: &MonitoringPoint) -> Text {
    let PointDetail::Outlet(outlet) = &point.detail else {
        return Text::new(point.name.zh.clone(), point.name.en.clone());
    };
    match snapshot.enterprise(outlet.enterprise) {
        Some(enterprise) => Text::new(
            format!("{} {}", enterprise.name.zh, point.name.zh),
            format!("{} {}", enterprise.name.en, point.name.en),
        ),
        None => Text::new(point.name.zh.clone(), point.name.en.clone()),
    }
}

/// The page of a point.
pub(crate) fn path(point: &MonitoringPoint) -> String {
    match point.detail {
        PointDetail::Outlet(_) => format!("/outlets/{}", point.code),
        PointDetail::AirStation(_) => format!("/air/stations/{}", point.code),
        PointDetail::WaterSection(_) => format!("/water/sections/{}", point.code),
    }
}
