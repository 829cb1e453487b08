//! A workbook is read: everything wrong is told at once, and nothing is taken from a wrong one.

use super::cells::{Basics, Book, Cells, Faults, Row, basics, rows};
use super::layout::{CONFIDENCES, head, word};
use crate::PermitDraft;
use crate::background::{ApprovedAmount, Background, EiaApproval, Quota};
use crate::check;
use crate::duty::{DueRule, Frequency, MonitoringMethod, PermitDuty, ReportCycle};
use crate::fault::{Fault, Part};
use crate::model::{
    AmountKind, ChangeReason, Condition, ManagementClass, OutletMedium, PermitAmount,
    PermitContent, PermitLimit, PermitOutlet, Season,
};
use registry::{Confidence, Snapshot};
use rulebook::{Period, Text};
use std::cell::RefCell;
use std::collections::HashMap;

/// Reads a version of a permit and checks it.
///
/// # Errors
/// Everything that is wrong, by sheet, row and column.
pub fn read(bytes: &[u8], snapshot: &Snapshot) -> Result<PermitDraft, Vec<Fault>> {
    let mut book = Book::open(bytes)?;
    let mut sheets = HashMap::new();
    for part in Part::ALL {
        if let Some(rows) = book.sheet(part) {
            sheets.insert(part, rows);
        }
    }
    let missing = |part: Part| Fault {
        part: Some(part),
        ..Fault::of_file(
            Text::fixed("缺少此表", "the sheet is missing"),
            Text::fixed("请使用完整的模板", "Use the whole template"),
        )
    };
    let wanted = [Part::Basics, Part::Outlets, Part::Limits, Part::Amounts];
    let lacking: Vec<Fault> =
        wanted.into_iter().filter(|part| !sheets.contains_key(part)).map(missing).collect();
    if !lacking.is_empty() {
        return Err(lacking);
    }
    let faults: Faults = RefCell::default();
    let none = Vec::new();
    let sheet = |part: Part| rows(part, sheets.get(&part).unwrap_or(&none), &faults, snapshot);
    let outlets = taken(sheet(Part::Outlets), outlet);
    let limits = taken(sheet(Part::Limits), limit);
    let amounts = taken(sheet(Part::Amounts), amount);
    let monitoring = taken(sheet(Part::Monitoring), monitoring);
    let reports = taken(sheet(Part::Reports), report);
    let approvals = approvals(sheet(Part::Approvals));
    let quotas = taken(sheet(Part::Quotas), quota);
    let has_background =
        sheets.contains_key(&Part::Approvals) || sheets.contains_key(&Part::Quotas);
    let first = basics(sheets.get(&Part::Basics).unwrap_or(&none), &faults, snapshot);
    let places = Places {
        basics: first.rows(),
        outlets: numbers(&outlets),
        limits: numbers(&limits),
        amounts: numbers(&amounts),
        monitoring: numbers(&monitoring),
        reports: numbers(&reports),
        approvals: numbers(&approvals),
        quotas: numbers(&quotas),
    };
    let background =
        has_background.then(|| Background { approvals: values(approvals), quotas: values(quotas) });
    let duties = values(reports).into_iter().chain(values(monitoring)).collect();
    let draft = draft(&first, values(outlets), values(limits), values(amounts), duties, background);
    let mut faults = faults.take();
    let draft = draft.map(PermitDraft::normalised);
    if let Some(draft) = &draft {
        // A row that could not be read is missing: what refers to it would be doubted in vain.
        if faults.is_empty() {
            let found = check::faults(draft, snapshot);
            faults.extend(found.into_iter().map(|fault| places.placed(fault)));
        }
    }
    match draft {
        Some(draft) if faults.is_empty() => Ok(draft),
        _ => Err(faults),
    }
}

/// Entries with the rows from which they came.
type Taken<T> = Vec<(u32, T)>;

fn taken<T>(rows: Vec<Row<'_>>, read: impl Fn(&Row<'_>) -> Option<T>) -> Taken<T> {
    rows.iter().filter_map(|row| Some((row.number, read(row)?))).collect()
}

fn numbers<T>(taken: &Taken<T>) -> Vec<u32> {
    taken.iter().map(|(number, _)| *number).collect()
}

fn values<T>(taken: Taken<T>) -> Vec<T> {
    taken.into_iter().map(|(_, value)| value).collect()
}

/// The row of each entry, for what the checks find.
struct Places {
    basics: HashMap<&'static str, u32>,
    outlets: Vec<u32>,
    limits: Vec<u32>,
    amounts: Vec<u32>,
    monitoring: Vec<u32>,
    reports: Vec<u32>,
    approvals: Vec<u32>,
    quotas: Vec<u32>,
}

impl Places {
    fn placed(&self, mut fault: Fault) -> Fault {
        let rows = match fault.part {
            Some(Part::Outlets) => &self.outlets,
            Some(Part::Limits) => &self.limits,
            Some(Part::Amounts) => &self.amounts,
            Some(Part::Monitoring) => &self.monitoring,
            Some(Part::Reports) => &self.reports,
            Some(Part::Approvals) => &self.approvals,
            Some(Part::Quotas) => &self.quotas,
            Some(Part::Basics) => {
                fault.row = self.basics.get(fault.column).copied();
                return fault;
            }
            None => return fault,
        };
        fault.row = fault.entry.and_then(|entry| rows.get(entry).copied());
        fault
    }
}

fn draft(
    row: &Basics<'_>,
    outlets: Vec<PermitOutlet>,
    limits: Vec<PermitLimit>,
    amounts: Vec<PermitAmount>,
    duties: Vec<PermitDuty>,
    background: Option<Background>,
) -> Option<PermitDraft> {
    let classes = ManagementClass::ALL.map(|class| (class, class.text().zh));
    let classes: Vec<_> = classes.iter().map(|(class, word)| (*class, word.as_ref())).collect();
    let reasons = ChangeReason::ALL.map(|reason| (reason, reason.text().zh));
    let reasons: Vec<_> = reasons.iter().map(|(reason, word)| (*reason, word.as_ref())).collect();
    let number = row.needed(head::NUMBER);
    let unit = row.needed(head::UNIT);
    let class = row.choice(head::CLASS, &classes);
    let holder = row.needed(head::HOLDER);
    let valid_from = row.needed_date(head::VALID_FROM);
    let valid_to = row.needed_date(head::VALID_TO);
    let in_force_from = row.needed_date(head::IN_FORCE_FROM);
    let reason = row.choice(head::REASON, &reasons);
    let source = row.needed(head::SOURCE);
    let confidence = row.choice(head::CONFIDENCE, &CONFIDENCES);
    let content = PermitContent {
        class: class?,
        holder: holder?,
        place: row.words(head::ADDRESS),
        industry: row.words(head::INDUSTRY),
        issuer: row.words(head::ISSUER),
        issued_on: row.date(head::ISSUED_ON),
        valid_from: valid_from?,
        valid_to: valid_to?,
        in_force_from: in_force_from?,
        reason: reason?,
        reason_note: row.words(head::REASON_NOTE),
        source: source?,
        confidence: confidence?,
        outlets,
        limits,
        amounts,
        duties,
    };
    Some(PermitDraft { number: number?, enterprise: unit?, content, background })
}

fn outlet(row: &Row<'_>) -> Option<PermitOutlet> {
    let media = OutletMedium::ALL.map(|medium| (medium, medium.text().zh));
    let media: Vec<_> = media.iter().map(|(medium, word)| (*medium, word.as_ref())).collect();
    let number = row.needed(head::OUTLET);
    let medium = row.choice(head::MEDIUM, &media);
    let is_main = row.choice(head::RANK, &[(true, word::MAIN), (false, word::GENERAL)]);
    Some(PermitOutlet {
        number: number?,
        name: row.words(head::OUTLET_NAME),
        medium: medium?,
        is_main: is_main?,
        longitude: row.decimal(head::LONGITUDE),
        latitude: row.decimal(head::LATITUDE),
        height_m: row.decimal(head::HEIGHT),
        destination: row.words(head::DESTINATION),
        manner: row.words(head::MANNER),
    })
}

fn limit(row: &Row<'_>) -> Option<PermitLimit> {
    let pollutant = row.pollutant();
    let periods = [(Period::Hour, word::HOUR), (Period::Day, word::DAY)];
    let period = row.choice(head::PERIOD, &periods);
    let at_most = row.needed_decimal(head::AT_MOST);
    let converted = [(false, word::MEASURED), (true, word::CONVERTED)];
    let on_converted = row.choice(head::CONVERTED, &converted);
    let season = match (row.month_day(head::SEASON_FROM), row.month_day(head::SEASON_TO)) {
        (Some(from), Some(to)) => Some(Season { from, to }),
        (None, None) => None,
        _ => {
            row.complain(
                head::SEASON_FROM,
                Text::fixed("适用时段的起止应同时填写", "a season has a first and a last day"),
                Text::fixed("请补全,或都留空", "Fill in both, or none"),
            );
            None
        }
    };
    Some(PermitLimit {
        outlet_number: row.some_words(head::OUTLET),
        pollutant: pollutant?,
        period: period?,
        at_least: row.decimal(head::AT_LEAST),
        at_most: at_most?,
        unit: row.words(head::MEASURE),
        on_converted: on_converted?,
        condition: Some(Condition {
            fuel: row.some_words(head::FUEL),
            season,
            averaging: row.some_words(head::AVERAGING),
        }),
        citation: row.needed(head::STANDARD)?,
    })
}

fn amount(row: &Row<'_>) -> Option<PermitAmount> {
    let pollutant = row.pollutant();
    let is_yearly = row.choice(head::KIND, &[(true, word::YEARLY), (false, word::SPECIAL)]);
    let tonnes = row.needed_decimal(head::TONNES);
    let kind = if is_yearly? {
        AmountKind::Yearly
    } else {
        let (from, to) = (row.needed_date(head::FROM), row.needed_date(head::TO));
        AmountKind::SpecialPeriod { from: from?, to: to? }
    };
    Some(PermitAmount {
        pollutant: pollutant?,
        outlet: row.some_words(head::OUTLET),
        kind,
        year: row.whole(head::YEAR),
        tonnes: tonnes?,
        citation: row.words(head::BASIS),
    })
}

fn monitoring(row: &Row<'_>) -> Option<PermitDuty> {
    let pollutant = row.pollutant();
    let methods = MonitoringMethod::ALL.map(|method| (method, method.text().zh));
    let methods: Vec<_> = methods.iter().map(|(method, word)| (*method, word.as_ref())).collect();
    let method = row.choice(head::METHOD, &methods);
    let words = row.needed(head::FREQUENCY)?;
    let frequency = Frequency::parse(&words);
    if frequency.is_none() {
        row.complain(
            head::FREQUENCY,
            Text::new(format!("“{words}”不是监测频次"), format!("{words:?} is no frequency")),
            Text::fixed("请写成 连续 或 1次/季度", "Write 连续 or 1次/季度"),
        );
    }
    Some(PermitDuty::SelfMonitoring {
        outlet: row.some_words(head::OUTLET),
        pollutant: pollutant?,
        method: method?,
        frequency: frequency?,
        note: row.words(head::NOTE),
    })
}

/// What a line of the sheet of reports is about.
#[derive(Clone, Copy)]
enum Line {
    Report(ReportCycle),
    Ledger,
    Disclosure,
}

fn report(row: &Row<'_>) -> Option<PermitDuty> {
    let cycles = ReportCycle::ALL.map(|cycle| (Line::Report(cycle), cycle.text().zh));
    let lines: Vec<(Line, &str)> = cycles
        .iter()
        .map(|(line, word)| (*line, word.as_ref()))
        .chain([(Line::Ledger, word::LEDGER), (Line::Disclosure, word::DISCLOSURE)])
        .collect();
    let content = row.words(head::CONTENT);
    let due = row.cell(head::DUE);
    Some(match row.choice(head::KIND, &lines)? {
        Line::Report(cycle) => {
            let rule = DueRule::parse(due);
            if rule.is_none() && !due.is_empty() {
                row.complain(
                    head::DUE,
                    Text::new(format!("“{due}”无法识别"), format!("{due:?} cannot be read")),
                    Text::fixed(
                        "请写成 期满后15日内 或 次年1月31日前,许可证未载明时留空",
                        "Write 期满后15日内 or 次年1月31日前; leave it empty where the permit is \
                         silent",
                    ),
                );
            }
            PermitDuty::ExecutionReport { cycle, due: rule, content }
        }
        Line::Ledger => PermitDuty::Ledger {
            content,
            medium: row.words(head::FORM),
            kept_years: row.whole(head::KEPT),
        },
        Line::Disclosure => {
            PermitDuty::Disclosure { content, way: row.words(head::FORM), when: due.to_owned() }
        }
    })
}

/// How far a line can be trusted: nobody has checked it, unless it says so.
fn trusted(row: &Row<'_>) -> Confidence {
    if row.cell(head::CONFIDENCE).is_empty() {
        return Confidence::Unverified;
    }
    row.choice(head::CONFIDENCE, &CONFIDENCES).unwrap_or(Confidence::Unverified)
}

/// Lines of the same document are one approval.
fn approvals(rows: Vec<Row<'_>>) -> Taken<EiaApproval> {
    let mut found: Taken<EiaApproval> = Vec::new();
    for row in &rows {
        let Some(document) = row.needed(head::APPROVAL) else { continue };
        let has_amount = !row.cell(head::POLLUTANT).is_empty()
            || !row.cell(head::POLLUTANT_NAME).is_empty()
            || !row.cell(head::APPROVED).is_empty();
        let amount = has_amount
            .then(|| {
                let (pollutant, tonnes) = (row.pollutant(), row.needed_decimal(head::APPROVED));
                Some(ApprovedAmount { pollutant: pollutant?, tonnes: tonnes? })
            })
            .flatten();
        if let Some((_, known)) = found.iter_mut().find(|(_, it)| it.document == document) {
            known.amounts.extend(amount);
            continue;
        }
        let approved_on = row.needed_date(head::APPROVED_ON);
        let source = row.needed(head::SOURCE);
        let (Some(approved_on), Some(source)) = (approved_on, source) else { continue };
        let approval = EiaApproval {
            document,
            project: row.words(head::PROJECT),
            approved_by: row.words(head::APPROVED_BY),
            approved_on,
            valid_to: row.date(head::APPROVAL_TO),
            amounts: amount.into_iter().collect(),
            source,
            confidence: trusted(row),
        };
        found.push((row.number, approval));
    }
    found
}

fn quota(row: &Row<'_>) -> Option<Quota> {
    let document = row.needed(head::QUOTA);
    let pollutant = row.pollutant();
    let tonnes = row.needed_decimal(head::QUOTA_TONNES);
    let from_year = row.needed(head::FROM_YEAR).and_then(|_| row.whole(head::FROM_YEAR));
    let source = row.needed(head::SOURCE);
    Some(Quota {
        document: document?,
        pollutant: pollutant?,
        tonnes: tonnes?,
        origin: row.words(head::ORIGIN),
        from_year: from_year?,
        to_year: row.whole(head::TO_YEAR),
        source: source?,
        confidence: trusted(row),
    })
}
