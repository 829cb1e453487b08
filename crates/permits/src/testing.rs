//! A permit for the tests of this crate.

use crate::duty::{Cycle, DueRule, Frequency, MonitoringMethod, PermitDuty, ReportCycle};
use crate::model::{
    AmountKind, ChangeReason, ManagementClass, OutletMedium, PermitAmount, PermitContent,
    PermitLimit, PermitOutlet,
};
use jiff::civil::date;
use registry::Confidence;
use rulebook::{Decimal, Period};

pub(crate) fn content() -> PermitContent {
    PermitContent {
        class: ManagementClass::Key,
        holder: "（演示）东湖污水处理厂".to_owned(),
        place: "示例市".to_owned(),
        industry: "污水处理及其再生利用".to_owned(),
        issuer: "示例市生态环境局".to_owned(),
        issued_on: Some(date(2024, 7, 1)),
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
            longitude: None,
            latitude: None,
            height_m: None,
            destination: String::new(),
            manner: "连续".to_owned(),
        }],
        limits: vec![PermitLimit {
            outlet_number: Some("DW001".to_owned()),
            pollutant: "w01018".to_owned(),
            period: Period::Day,
            at_least: None,
            at_most: Decimal::new(50, 0),
            unit: "mg/L".to_owned(),
            on_converted: false,
            condition: None,
            citation: "GB 18918-2002 table 1, grade 1A".to_owned(),
        }],
        amounts: vec![PermitAmount {
            pollutant: "w01018".to_owned(),
            outlet: None,
            kind: AmountKind::Yearly,
            year: None,
            tonnes: Decimal::new(1825, 1),
            citation: String::new(),
        }],
        duties: vec![
            PermitDuty::ExecutionReport {
                cycle: ReportCycle::Quarter,
                due: Some(DueRule::DaysAfterEnd(15)),
                content: String::new(),
            },
            PermitDuty::ExecutionReport {
                cycle: ReportCycle::Year,
                due: "01-31".parse().ok().map(DueRule::NextYearBy),
                content: String::new(),
            },
            PermitDuty::ExecutionReport {
                cycle: ReportCycle::Month,
                due: None,
                content: String::new(),
            },
            PermitDuty::SelfMonitoring {
                outlet: Some("DW001".to_owned()),
                pollutant: "w21003".to_owned(),
                method: MonitoringMethod::Manual,
                frequency: Frequency::Times { count: 1, per: Cycle::HalfYear },
                note: String::new(),
            },
        ],
    }
}
