//! The checks that come with the program, and those of a city beside or instead of them.

use std::sync::LazyLock;

use declaration::{Level, Problem};
use rulebook::Text;

use crate::model::Check;

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../checks/", $name)))
    };
}

/// Name and text of each file: a new check is a file and a line here.
static FILES: &[(&str, &str)] = &[
    file!("execution_report/report_unreadable.toml"),
    file!("execution_report/report_negative.toml"),
    file!("execution_report/amount_unit_slip_measured.toml"),
    file!("execution_report/amount_unit_slip_last_year.toml"),
    file!("execution_report/amount_unit_slip_last.toml"),
    file!("execution_report/amount_unit_slip_median.toml"),
    file!("execution_report/amount_differs_from_measured.toml"),
    file!("execution_report/amount_below_half_of_measured.toml"),
    file!("execution_report/amount_zero_while_measured.toml"),
    file!("execution_report/amount_zero_while_producing.toml"),
    file!("execution_report/amount_without_volume.toml"),
    file!("execution_report/amount_above_permit.toml"),
    file!("execution_report/amount_equals_permit.toml"),
    file!("execution_report/amount_equals_last_year.toml"),
    file!("execution_report/amount_tenfold_of_last_year.toml"),
    file!("execution_report/amount_tenth_of_last_year.toml"),
    file!("execution_report/amount_against_water.toml"),
    file!("execution_report/amount_against_gas.toml"),
    file!("execution_report/amount_round.toml"),
    file!("execution_report/amounts_copied_from_last_year.toml"),
    file!("execution_report/amounts_copied_from_last.toml"),
    file!("execution_report/amounts_same_across_rows.toml"),
    file!("execution_report/amount_missing.toml"),
    file!("execution_report/amount_ammonia_above_total_nitrogen.toml"),
    file!("execution_report/concentration_unit_slip_measured.toml"),
    file!("execution_report/concentration_unit_slip_last_year.toml"),
    file!("execution_report/concentration_hundredfold_of_limit.toml"),
    file!("execution_report/concentration_order.toml"),
    file!("execution_report/concentration_all_equal.toml"),
    file!("execution_report/maximum_above_limit_without_hours.toml"),
    file!("execution_report/exceedance_hours_without_maximum.toml"),
    file!("execution_report/exceedance_hours_below_measured.toml"),
    file!("execution_report/exceedance_hours_above_operating.toml"),
    file!("execution_report/exceedance_hours_above_period.toml"),
    file!("execution_report/exceedance_cause_missing.toml"),
    file!("execution_report/exceedance_cause_says_nothing.toml"),
    file!("execution_report/exceedance_cause_short.toml"),
    file!("execution_report/mean_differs_from_measured.toml"),
    file!("execution_report/maximum_below_measured.toml"),
    file!("execution_report/concentration_decimals.toml"),
    file!("execution_report/concentration_beyond_water.toml"),
    file!("execution_report/ph_outside_scale.toml"),
    file!("execution_report/oxygen_above_air.toml"),
    file!("execution_report/ammonia_above_total_nitrogen.toml"),
    file!("execution_report/permanganate_above_cod.toml"),
    file!("execution_report/mean_missing.toml"),
    file!("execution_report/production_hours_above_period.toml"),
    file!("execution_report/operating_hours_above_period.toml"),
    file!("execution_report/abnormal_hours_above_period.toml"),
    file!("execution_report/discharge_longer_than_production.toml"),
    file!("execution_report/product_without_hours.toml"),
    file!("execution_report/hours_without_product.toml"),
    file!("execution_report/product_unit_slip_last_year.toml"),
    file!("execution_report/product_fivefold_of_last_year.toml"),
    file!("execution_report/product_unit_missing.toml"),
    file!("execution_report/production_hours_missing.toml"),
    file!("execution_report/abnormal_hours_missing.toml"),
    file!("execution_report/abnormal_notes_missing.toml"),
    file!("execution_report/abnormal_notes_say_nothing.toml"),
    file!("execution_report/abnormal_hours_without_abnormality.toml"),
    file!("execution_report/exceedance_without_abnormality.toml"),
    file!("execution_report/ledger_not_kept.toml"),
    file!("execution_report/self_monitoring_not_done.toml"),
    file!("execution_report/answers_missing.toml"),
    file!("execution_report/filed_before_end.toml"),
    file!("execution_report/yearly_item_missing.toml"),
    file!("execution_report/flow_unit_slip_last_year.toml"),
    file!("execution_report/flow_differs_from_measured.toml"),
    file!("execution_report/discharge_hours_without_volume.toml"),
    file!("execution_report/volume_without_discharge_hours.toml"),
    file!("ledger/ledger_unreadable.toml"),
    file!("ledger/ledger_negative.toml"),
    file!("ledger/ledger_hours_above_period.toml"),
    file!("ledger/facility_stopped_while_producing.toml"),
    file!("ledger/facility_shorter_than_production.toml"),
    file!("ledger/stop_reason_missing.toml"),
    file!("ledger/electricity_zero_while_running.toml"),
    file!("ledger/electricity_while_stopped.toml"),
    file!("ledger/electricity_far_below_usual.toml"),
    file!("ledger/electricity_unit_slip.toml"),
    file!("ledger/reagent_zero_while_running.toml"),
    file!("ledger/reagent_tenfold_of_usual.toml"),
    file!("ledger/water_out_above_in.toml"),
    file!("ledger/water_reused_above_in.toml"),
    file!("ledger/waste_balance.toml"),
    file!("ledger/waste_opening_differs.toml"),
    file!("ledger/outlet_above_inlet.toml"),
    file!("ledger/outlet_same_as_last.toml"),
    file!("ledger/recorded_outside_period.toml"),
    file!("ledger/recorder_missing.toml"),
    file!("permit_limit/limit_unreadable.toml"),
    file!("permit_limit/limit_negative.toml"),
    file!("permit_limit/limit_zero.toml"),
    file!("permit_limit/limit_missing.toml"),
    file!("permit_limit/limit_unit_slip_last.toml"),
    file!("permit_limit/limit_unit_slip_standard.toml"),
    file!("permit_limit/limit_looser_than_standard.toml"),
    file!("permit_limit/limit_looser_than_before.toml"),
    file!("permit_limit/limit_order.toml"),
    file!("permit_limit/limit_ph_range.toml"),
    file!("permit_limit/limit_ph_without_lower.toml"),
    file!("permit_limit/limit_beyond_water.toml"),
    file!("permit_limit/limit_citation_missing.toml"),
    file!("permit_limit/outlet_number_shape.toml"),
    file!("permit_limit/limits_permit_number_shape.toml"),
    file!("permit_limit/limits_validity_order.toml"),
    file!("permit_limit/limits_validity_longer_than_five_years.toml"),
    file!("permit_amount/amounts_permit_number_shape.toml"),
    file!("permit_amount/amounts_validity_order.toml"),
    file!("permit_amount/amounts_validity_longer_than_five_years.toml"),
    file!("permit_amount/permitted_unreadable.toml"),
    file!("permit_amount/permitted_negative.toml"),
    file!("permit_amount/permitted_zero.toml"),
    file!("permit_amount/permitted_unit_slip_last.toml"),
    file!("permit_amount/permitted_unit_slip_approved.toml"),
    file!("permit_amount/permitted_above_approved.toml"),
    file!("permit_amount/permitted_above_quota.toml"),
    file!("permit_amount/permitted_sum_of_outlets.toml"),
    file!("permit_amount/permitted_more_than_before.toml"),
    file!("permit_amount/permitted_ammonia_above_nitrogen.toml"),
];

static SHIPPED: LazyLock<Result<Vec<Check>, Vec<Problem>>> = LazyLock::new(|| read(FILES));

/// The checks that come with the program.
///
/// # Errors
/// What is wrong with their files; a test sees to it that nothing is.
pub fn shipped() -> Result<&'static [Check], &'static [Problem]> {
    SHIPPED.as_deref().map_err(Vec::as_slice)
}

/// The checks that come with the program and those of a city, given as names and texts: one with
/// the id of another replaces it.
///
/// # Errors
/// Everything that is wrong with the files.
pub fn all(own: &[(String, String)]) -> Result<Vec<Check>, Vec<Problem>> {
    let mut checks = shipped().map_err(<[Problem]>::to_vec)?.to_vec();
    let own: Vec<(&str, &str)> =
        own.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    for check in read(&own)? {
        match checks.iter_mut().find(|known| known.id == check.id) {
            Some(known) => *known = check,
            None => checks.push(check),
        }
    }
    let problems: Vec<Problem> = checks.iter().flat_map(|check| unknown(check, &checks)).collect();
    if problems.is_empty() { Ok(checks) } else { Err(problems) }
}

fn read(files: &[(&str, &str)]) -> Result<Vec<Check>, Vec<Problem>> {
    let (mut checks, mut problems) = (Vec::<Check>::new(), Vec::new());
    for (name, text) in files {
        match Check::load(name, text) {
            Ok(check) if checks.iter().any(|known| known.id == check.id) => {
                problems.push(twice(name, &check.id));
            }
            Ok(check) => checks.push(check),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(checks) } else { Err(problems) }
}

/// Checks that one names in `unless` and that are not there.
fn unknown(check: &Check, all: &[Check]) -> Vec<Problem> {
    let missing = check.unless.iter().filter(|id| !all.iter().any(|known| known.id == **id));
    missing
        .map(|id| Problem {
            level: Level::Wrong,
            code: "check.not_there",
            file: check.file.clone(),
            line: None,
            place: "unless".to_owned(),
            what: Text::new(format!("没有规则“{id}”"), format!("there is no check {id:?}")),
            cure: Text::fixed("改正编号，或删去", "mend the id, or take it out"),
        })
        .collect()
}

fn twice(file: &str, id: &str) -> Problem {
    Problem {
        level: Level::Wrong,
        code: "check.twice",
        file: file.to_owned(),
        line: None,
        place: "id".to_owned(),
        what: Text::new(format!("编号 {id} 已被使用"), format!("the id {id} is taken")),
        cure: Text::fixed("换一个编号", "give it another id"),
    }
}
