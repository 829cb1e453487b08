//! The example city, and a permit for its waste water plant.

use jiff::civil::date;
use permits::{
    AmountKind, ApprovedAmount, Background, ChangeReason, Condition, Cycle, DueRule, EiaApproval,
    Frequency, ManagementClass, MonitoringMethod, OutletMedium, PermitAmount, PermitContent,
    PermitDraft, PermitDuty, PermitLimit, PermitOutlet, Quota, ReportCycle, Season,
};
use registry::load::{CityFiles, read_city};
use registry::{Confidence, Snapshot};
use rulebook::{Decimal, Period};
use std::path::Path;

/// The number of a permit that nobody holds: 99 is no province.
pub(crate) const NUMBER: &str = "91990100MA00DEM03P001P";

pub(crate) fn city() -> CityFiles {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    read_city(&folder).expect("the example city is sound")
}

pub(crate) fn snapshot() -> Snapshot {
    Snapshot::of_files(&city())
}

pub(crate) fn limit(pollutant: &str, at_most: &str, condition: Option<Condition>) -> PermitLimit {
    PermitLimit {
        outlet_number: Some("DW001".to_owned()),
        pollutant: pollutant.to_owned(),
        period: Period::Day,
        at_least: None,
        at_most: at_most.parse().expect("a number"),
        unit: "mg/L".to_owned(),
        on_converted: false,
        condition,
        citation: "GB 18918-2002 table 1, grade 1A".to_owned(),
    }
}

pub(crate) fn winter() -> Condition {
    let day = |text: &str| text.parse().expect("a day of a year");
    let season = Some(Season { from: day("11-01"), to: day("03-31") });
    Condition { season, ..Condition::default() }
}

pub(crate) fn draft() -> PermitDraft {
    let content = PermitContent {
        class: ManagementClass::Key,
        holder: "（演示）东湖污水处理厂".to_owned(),
        place: "示例市".to_owned(),
        industry: "污水处理及其再生利用".to_owned(),
        issuer: "示例市生态环境局".to_owned(),
        issued_on: Some(date(2024, 6, 28)),
        valid_from: date(2024, 7, 1),
        valid_to: date(2029, 6, 30),
        in_force_from: date(2024, 7, 1),
        reason: ChangeReason::First,
        reason_note: String::new(),
        source: "invented".to_owned(),
        confidence: Confidence::Fictitious,
        outlets: vec![PermitOutlet {
            number: "DW001".to_owned(),
            name: "总排口".to_owned(),
            medium: OutletMedium::Water,
            is_main: true,
            longitude: Some(Decimal::new(-297, 1)),
            latitude: Some(Decimal::new(101, 1)),
            height_m: None,
            destination: "东湖".to_owned(),
            manner: "连续".to_owned(),
        }],
        limits: vec![
            limit("w01018", "40", None),
            limit("w21003", "5", None),
            limit("w21003", "8", Some(winter())),
        ],
        amounts: vec![
            PermitAmount {
                pollutant: "w01018".to_owned(),
                outlet: None,
                kind: AmountKind::Yearly,
                year: None,
                tonnes: Decimal::new(1825, 1),
                citation: String::new(),
            },
            PermitAmount {
                pollutant: "w01018".to_owned(),
                outlet: Some("DW001".to_owned()),
                kind: AmountKind::SpecialPeriod { from: date(2026, 1, 1), to: date(2026, 1, 9) },
                year: None,
                tonnes: Decimal::new(15, 1),
                citation: "日许可量".to_owned(),
            },
        ],
        duties: vec![
            PermitDuty::ExecutionReport {
                cycle: ReportCycle::Year,
                due: Some(DueRule::NextYearBy("01-31".parse().expect("a day"))),
                content: "全部内容".to_owned(),
            },
            PermitDuty::ExecutionReport {
                cycle: ReportCycle::Quarter,
                due: Some(DueRule::DaysAfterEnd(15)),
                content: String::new(),
            },
            PermitDuty::SelfMonitoring {
                outlet: Some("DW001".to_owned()),
                pollutant: "w01018".to_owned(),
                method: MonitoringMethod::Automatic,
                frequency: Frequency::Continuous,
                note: String::new(),
            },
            PermitDuty::SelfMonitoring {
                outlet: Some("DW001".to_owned()),
                pollutant: "w01012".to_owned(),
                method: MonitoringMethod::Manual,
                frequency: Frequency::Times { count: 1, per: Cycle::Quarter },
                note: "重量法".to_owned(),
            },
            PermitDuty::Ledger {
                content: "治理设施运行".to_owned(),
                medium: "电子".to_owned(),
                kept_years: Some(5),
            },
        ],
    };
    let background = Background {
        approvals: vec![EiaApproval {
            document: "示环评〔2019〕1号".to_owned(),
            project: "扩建".to_owned(),
            approved_by: "示例市生态环境局".to_owned(),
            approved_on: date(2019, 5, 6),
            valid_to: None,
            amounts: vec![ApprovedAmount {
                pollutant: "w01018".to_owned(),
                tonnes: Decimal::new(200, 0),
            }],
            source: "invented".to_owned(),
            confidence: Confidence::Fictitious,
        }],
        quotas: vec![Quota {
            document: "示总量〔2020〕3号".to_owned(),
            pollutant: "w01018".to_owned(),
            tonnes: Decimal::new(190, 0),
            origin: "核定".to_owned(),
            from_year: 2021,
            to_year: None,
            source: "invented".to_owned(),
            confidence: Confidence::Unverified,
        }],
    };
    PermitDraft {
        number: NUMBER.to_owned(),
        enterprise: "DEMO-9001".to_owned(),
        content,
        background: Some(background),
    }
    .normalised()
}
