//! The canonical bytes of a record: one record has one form, whatever the machine.
//!
//! A byte for the form; the head; the inputs; the periods, each as a mask of the fields present
//! and these fields; at the end SHA-256 of all that comes before.

use crate::error::ValidityError;
use crate::inputs::{
    Allowance, Earlier, FactorSetup, FlowSetup, Inputs, LimitRow, MarkEffect, MarkKind, Plausible,
    ReferenceOxygen, Rules, Setup,
};
use crate::model::{
    DecisionId, Exemption, Invalidity, Layers, MarkId, MonthRecord, PeriodState, State, Steps,
};
use crate::month::Month;
use crate::varint::{Reader, Writer};
use jiff::Timestamp;
use observations::Source;
use registry::{FactorId, LimitBound, Medium, PointId};
use rulebook::Period;
use sha2::{Digest as _, Sha256};

const FORM: u8 = 3;
const DIGEST: usize = 32;

impl MonthRecord {
    /// The canonical bytes: the same record always gives the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.body();
        bytes.extend_from_slice(&self.digest);
        bytes
    }

    /// The record of canonical bytes.
    ///
    /// # Errors
    /// When they are not of the form written, or their digest is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ValidityError> {
        let cut = bytes.len().checked_sub(DIGEST);
        let parts = cut.and_then(|cut| bytes.split_at_checked(cut));
        let short = ValidityError::Damaged { offset: 0, what: "the bytes end" };
        let (body, digest) = parts.ok_or(short)?;
        let computed: [u8; DIGEST] = Sha256::digest(body).into();
        if computed != *digest {
            return Err(ValidityError::Damaged { offset: body.len(), what: "another digest" });
        }
        let mut reader = Reader::new(body);
        let record = read(&mut reader, computed)?;
        reader.end()?;
        Ok(record)
    }

    /// The same record with the digest of its bytes.
    pub(crate) fn sealed(mut self) -> Self {
        self.digest = Sha256::digest(self.body()).into();
        self
    }

    fn body(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes.reserve(512 + self.periods.len() * 40);
        writer.byte(FORM);
        writer.signed(self.point.0.into());
        writer.signed(self.month.number().into());
        writer.number(self.version.into());
        writer.instant(self.computed_at);
        write_inputs(&mut writer, &self.inputs);
        writer.number(self.periods.len() as u128);
        let mut before = Before::default();
        for state in &self.periods {
            write_state(&mut writer, state, &mut before);
        }
        writer.bytes
    }
}

fn read(reader: &mut Reader<'_>, digest: [u8; DIGEST]) -> Result<MonthRecord, ValidityError> {
    if reader.byte()? != FORM {
        return Err(reader.wrong("an unknown form"));
    }
    let point = PointId(reader.long()?);
    let month = read_month(reader)?;
    let (version, computed_at) = (reader.small()?, reader.instant()?);
    let inputs = read_inputs(reader)?;
    let mut before = Before::default();
    let periods = reader.list(|reader| read_state(reader, &mut before))?;
    Ok(MonthRecord { point, month, version, computed_at, inputs, periods, digest })
}

fn read_month(reader: &mut Reader<'_>) -> Result<Month, ValidityError> {
    let number = reader.long()?;
    Month::of_number(number).ok_or_else(|| reader.wrong("no such month"))
}

fn write_inputs(writer: &mut Writer, inputs: &Inputs) {
    writer.signed(inputs.block.into());
    writer.instant(inputs.until);
    writer.option(inputs.heard_since, Writer::instant);
    write_setup(writer, &inputs.setup);
    writer.list(&inputs.limits, write_limit);
    write_rules(writer, &inputs.rules);
    writer.list(&inputs.kinds, |writer, kind| {
        writer.text(&kind.kind);
        writer.byte(place(&MarkEffect::ALL, kind.effect));
        for text in [&kind.phase, &kind.zh, &kind.en, &kind.citation] {
            writer.text(text);
        }
    });
    writer.list(&inputs.allowances, |writer, row| {
        for text in [&row.facility, &row.phase, &row.factors, &row.citation] {
            writer.text(text);
        }
        writer.option(row.hours, |writer, hours| writer.number(hours.into()));
        writer.option(row.at_most, Writer::decimal);
    });
    writer.list(&inputs.marks, |writer, id| writer.signed(id.0.into()));
    writer.list(&inputs.withdrawn, |writer, id| writer.signed(id.0.into()));
    writer.list(&inputs.decisions, |writer, id| writer.signed(id.0.into()));
    writer.list(&inputs.before, |writer, earlier| {
        writer.signed(earlier.month.number().into());
        writer.number(earlier.version.into());
        writer.bytes.extend_from_slice(&earlier.digest);
    });
}

fn read_inputs(reader: &mut Reader<'_>) -> Result<Inputs, ValidityError> {
    Ok(Inputs {
        block: reader.long()?,
        until: reader.instant()?,
        heard_since: reader.option(Reader::instant)?,
        setup: read_setup(reader)?,
        limits: reader.list(read_limit)?,
        rules: read_rules(reader)?,
        kinds: reader.list(|reader| {
            Ok(MarkKind {
                kind: reader.text()?,
                effect: of_place(reader, &MarkEffect::ALL)?,
                phase: reader.text()?,
                zh: reader.text()?,
                en: reader.text()?,
                citation: reader.text()?,
            })
        })?,
        allowances: reader.list(|reader| {
            let (facility, phase) = (reader.text()?, reader.text()?);
            let (factors, citation) = (reader.text()?, reader.text()?);
            let hours = reader.option(Reader::small)?;
            let at_most = reader.option(Reader::decimal)?;
            Ok(Allowance { facility, phase, factors, hours, at_most, citation })
        })?,
        marks: reader.list(|reader| Ok(MarkId(reader.long()?)))?,
        withdrawn: reader.list(|reader| Ok(MarkId(reader.long()?)))?,
        decisions: reader.list(|reader| Ok(DecisionId(reader.long()?)))?,
        before: reader.list(|reader| {
            let month = read_month(reader)?;
            let version = reader.small()?;
            let mut digest = [0; DIGEST];
            digest.copy_from_slice(reader.take(DIGEST)?);
            Ok(Earlier { month, version, digest })
        })?,
    })
}

fn write_setup(writer: &mut Writer, setup: &Setup) {
    writer.flag(setup.medium == Medium::Gas);
    writer.list(&setup.factors, |writer, factor| {
        writer.number(factor.factor.0.into());
        writer.text(&factor.code);
        writer.flag(factor.is_mass);
        writer.flag(factor.is_apart);
        writer.option(factor.plausible, |writer, may| {
            writer.option(may.at_least, Writer::decimal);
            writer.option(may.at_most, Writer::decimal);
            writer.flag(may.is_invalid_beyond);
        });
    });
    writer.option(setup.flow, |writer, flow| {
        writer.number(flow.factor.0.into());
        writer.decimal(flow.cubic_metres_an_hour);
    });
    writer.option(setup.oxygen, |writer, factor| writer.number(factor.0.into()));
    writer.option(setup.reference_oxygen.as_ref(), |writer, reference| {
        writer.decimal(reference.percent);
        writer.text(&reference.source);
    });
    for interval in [setup.minute_interval_min, setup.hour_interval_h] {
        writer.option(interval, |writer, interval| writer.number(interval.into()));
    }
    for day in [setup.valid_from, setup.valid_to] {
        writer.option(day, Writer::day);
    }
}

fn read_setup(reader: &mut Reader<'_>) -> Result<Setup, ValidityError> {
    let factor = |reader: &mut Reader<'_>| Ok(FactorId(reader.small()?));
    Ok(Setup {
        medium: if reader.flag()? { Medium::Gas } else { Medium::Water },
        factors: reader.list(|reader| {
            Ok(FactorSetup {
                factor: factor(reader)?,
                code: reader.text()?,
                is_mass: reader.flag()?,
                is_apart: reader.flag()?,
                plausible: reader.option(|reader| {
                    Ok(Plausible {
                        at_least: reader.option(Reader::decimal)?,
                        at_most: reader.option(Reader::decimal)?,
                        is_invalid_beyond: reader.flag()?,
                    })
                })?,
            })
        })?,
        flow: reader.option(|reader| {
            Ok(FlowSetup { factor: factor(reader)?, cubic_metres_an_hour: reader.decimal()? })
        })?,
        oxygen: reader.option(factor)?,
        reference_oxygen: reader.option(|reader| {
            Ok(ReferenceOxygen { percent: reader.decimal()?, source: reader.text()? })
        })?,
        minute_interval_min: reader.option(Reader::small)?,
        hour_interval_h: reader.option(Reader::small)?,
        valid_from: reader.option(Reader::day)?,
        valid_to: reader.option(Reader::day)?,
    })
}

fn write_limit(writer: &mut Writer, limit: &LimitRow) {
    writer.number(limit.factor.0.into());
    writer.byte(limit.period.code() as u8);
    match &limit.bound {
        LimitBound::AtMost(most) => {
            writer.flag(false);
            writer.decimal(*most);
        }
        LimitBound::Within(least, most) => {
            writer.flag(true);
            writer.decimal(*least);
            writer.decimal(*most);
        }
    }
    writer.flag(limit.on_converted);
    writer.day(limit.valid_from);
    writer.option(limit.valid_to, Writer::day);
    writer.text(&limit.source);
}

fn read_limit(reader: &mut Reader<'_>) -> Result<LimitRow, ValidityError> {
    Ok(LimitRow {
        factor: FactorId(reader.small()?),
        period: read_period(reader)?,
        bound: if reader.flag()? {
            LimitBound::Within(reader.decimal()?, reader.decimal()?)
        } else {
            LimitBound::AtMost(reader.decimal()?)
        },
        on_converted: reader.flag()?,
        valid_from: reader.day()?,
        valid_to: reader.option(Reader::day)?,
        source: reader.text()?,
    })
}

fn read_period(reader: &mut Reader<'_>) -> Result<Period, ValidityError> {
    let code = i64::from(reader.byte()?);
    Period::from_code(code).ok_or_else(|| reader.wrong("an unknown period"))
}

fn write_rules(writer: &mut Writer, rules: &Rules) {
    for number in [
        rules.minutes_of_an_hour,
        rules.hours_of_a_day,
        rules.water_day_percent,
        rules.capture_percent,
        rules.good_capture_percent,
        rules.short_outage_hours,
        rules.window_good_short,
        rules.window_good_long,
        rules.window_fair,
        rules.water_days_looked_back,
    ] {
        writer.number(number.into());
    }
    writer.decimal(rules.oxygen_meaningful_below);
    writer.decimal(rules.conversion_percent);
    writer.text(&rules.tables);
}

fn read_rules(reader: &mut Reader<'_>) -> Result<Rules, ValidityError> {
    Ok(Rules {
        minutes_of_an_hour: reader.small()?,
        hours_of_a_day: reader.small()?,
        water_day_percent: reader.small()?,
        capture_percent: reader.small()?,
        good_capture_percent: reader.small()?,
        short_outage_hours: reader.small()?,
        window_good_short: reader.small()?,
        window_good_long: reader.small()?,
        window_fair: reader.small()?,
        water_days_looked_back: reader.small()?,
        oxygen_meaningful_below: reader.decimal()?,
        conversion_percent: reader.decimal()?,
        tables: reader.text()?,
    })
}

fn place<T: PartialEq>(all: &[T], one: T) -> u8 {
    all.iter().position(|entry| *entry == one).unwrap_or(0) as u8
}

fn of_place<T: Copy>(reader: &mut Reader<'_>, all: &[T]) -> Result<T, ValidityError> {
    let place = usize::from(reader.byte()?);
    all.get(place).copied().ok_or_else(|| reader.wrong("an unknown word"))
}

/// What a period is told relative to.
#[derive(Default)]
struct Before {
    factor: u16,
    second: i64,
    mark: i64,
    decision: i64,
    block: i64,
}

/// The fields of a state that may be absent, one bit each.
mod field {
    pub(super) const INSTRUMENT: u32 = 1;
    pub(super) const ENTERPRISE: u32 = 1 << 1;
    pub(super) const BUREAU: u32 = 1 << 2;
    pub(super) const PARTS: u32 = 1 << 3;
    pub(super) const CONCENTRATION: u32 = 1 << 4;
    pub(super) const RANGE: u32 = 1 << 5;
    pub(super) const CONVERTED: u32 = 1 << 6;
    pub(super) const RECOMPUTED: u32 = 1 << 7;
    pub(super) const FLOW: u32 = 1 << 8;
    pub(super) const AMOUNT: u32 = 1 << 9;
    pub(super) const SUBSTITUTED: u32 = 1 << 10;
    pub(super) const LIMIT: u32 = 1 << 11;
    pub(super) const COMPARED: u32 = 1 << 12;
    pub(super) const EXCESS: u32 = 1 << 13;
    pub(super) const EXEMPTION: u32 = 1 << 14;
    pub(super) const SOURCE: u32 = 1 << 15;
    pub(super) const ALL: u32 = (1 << 16) - 1;
}

fn fields_of(state: &PeriodState) -> u32 {
    let bit = |is_there: bool, bit: u32| if is_there { bit } else { 0 };
    bit(state.layers.instrument.is_some(), field::INSTRUMENT)
        | bit(state.layers.enterprise.is_some(), field::ENTERPRISE)
        | bit(state.layers.bureau.is_some(), field::BUREAU)
        | bit(state.parts > 0, field::PARTS)
        | bit(state.concentration.is_some(), field::CONCENTRATION)
        | bit(state.range.is_some(), field::RANGE)
        | bit(state.converted.is_some(), field::CONVERTED)
        | bit(state.recomputed.is_some(), field::RECOMPUTED)
        | bit(state.flow.is_some(), field::FLOW)
        | bit(state.amount_kg.is_some(), field::AMOUNT)
        | bit(state.substituted_kg.is_some(), field::SUBSTITUTED)
        | bit(state.limit.is_some(), field::LIMIT)
        | bit(state.compared.is_some(), field::COMPARED)
        | bit(state.excess.is_some(), field::EXCESS)
        | bit(state.exemption.is_some(), field::EXEMPTION)
        | bit(state.source.is_some(), field::SOURCE)
}

fn write_state(writer: &mut Writer, state: &PeriodState, before: &mut Before) {
    writer.number(fields_of(state).into());
    writer.signed(i128::from(state.factor.0) - i128::from(before.factor));
    writer.byte(state.period.code() as u8);
    let second = state.start.as_second();
    writer.signed(i128::from(second - before.second));
    (before.factor, before.second) = (state.factor.0, second);
    match state.state {
        State::Valid => writer.byte(0),
        State::Missing => writer.byte(1),
        State::Stopped => writer.byte(2),
        State::Invalid(why) => writer.byte(3 + place(&Invalidity::ALL, why)),
    }
    writer.number(state.steps.0.into());
    if let Some(letter) = state.layers.instrument {
        writer.byte(letter);
    }
    if let Some(mark) = state.layers.enterprise {
        writer.signed(i128::from(mark.0) - i128::from(before.mark));
        before.mark = mark.0;
    }
    if let Some(decision) = state.layers.bureau {
        writer.signed(i128::from(decision.0) - i128::from(before.decision));
        before.decision = decision.0;
    }
    if state.parts > 0 {
        writer.number(state.parts.into());
    }
    let (low, high) = state.range.unzip();
    for decimal in [
        state.concentration,
        low,
        high,
        state.converted,
        state.recomputed,
        state.flow,
        state.amount_kg,
        state.substituted_kg,
        state.compared,
        state.excess,
    ]
    .into_iter()
    .flatten()
    {
        writer.decimal(decimal);
    }
    if let Some(limit) = state.limit {
        writer.number(limit.into());
    }
    if let Some(exemption) = state.exemption {
        writer.signed(i128::from(exemption.mark.0) - i128::from(before.mark));
        writer.number(exemption.allowance.into());
    }
    if let Some(source) = state.source {
        writer.signed(i128::from(source.block) - i128::from(before.block));
        writer.number(source.index.into());
        before.block = source.block;
    }
}

fn read_state(reader: &mut Reader<'_>, before: &mut Before) -> Result<PeriodState, ValidityError> {
    let fields: u32 = reader.small()?;
    if fields & !field::ALL != 0 {
        return Err(reader.wrong("an unknown field"));
    }
    let has = |bit: u32| fields & bit != 0;
    let factor = u16::try_from(i128::from(before.factor) + reader.signed()?);
    before.factor = factor.map_err(|_| reader.wrong("a factor beyond 65535"))?;
    let period = read_period(reader)?;
    before.second = following(reader, before.second)?;
    let start = Timestamp::from_second(before.second);
    let start = start.map_err(|_| reader.wrong("a time beyond all years"))?;
    let mut state = PeriodState::missing(start, period, FactorId(before.factor));
    state.state = match reader.byte()? {
        0 => State::Valid,
        1 => State::Missing,
        2 => State::Stopped,
        code => {
            let why = Invalidity::ALL.get(usize::from(code) - 3).copied();
            State::Invalid(why.ok_or_else(|| reader.wrong("an unknown state"))?)
        }
    };
    state.steps = Steps(reader.small()?);
    state.layers = read_layers(reader, before, fields)?;
    if has(field::PARTS) {
        state.parts = reader.small()?;
    }
    let mut decimal = |bit: u32| if has(bit) { reader.decimal().map(Some) } else { Ok(None) };
    state.concentration = decimal(field::CONCENTRATION)?;
    let low = decimal(field::RANGE)?;
    state.range = low.zip(decimal(field::RANGE)?);
    state.converted = decimal(field::CONVERTED)?;
    state.recomputed = decimal(field::RECOMPUTED)?;
    state.flow = decimal(field::FLOW)?;
    state.amount_kg = decimal(field::AMOUNT)?;
    state.substituted_kg = decimal(field::SUBSTITUTED)?;
    state.compared = decimal(field::COMPARED)?;
    state.excess = decimal(field::EXCESS)?;
    if has(field::LIMIT) {
        state.limit = Some(reader.small()?);
    }
    if has(field::EXEMPTION) {
        let mark = MarkId(following(reader, before.mark)?);
        state.exemption = Some(Exemption { mark, allowance: reader.small()? });
    }
    if has(field::SOURCE) {
        before.block = following(reader, before.block)?;
        state.source = Some(Source { block: before.block, index: reader.small()? });
    }
    Ok(state)
}

fn read_layers(
    reader: &mut Reader<'_>,
    before: &mut Before,
    fields: u32,
) -> Result<Layers, ValidityError> {
    let mut layers = Layers::default();
    if fields & field::INSTRUMENT != 0 {
        layers.instrument = Some(reader.byte()?);
    }
    if fields & field::ENTERPRISE != 0 {
        before.mark = following(reader, before.mark)?;
        layers.enterprise = Some(MarkId(before.mark));
    }
    if fields & field::BUREAU != 0 {
        before.decision = following(reader, before.decision)?;
        layers.bureau = Some(DecisionId(before.decision));
    }
    Ok(layers)
}

fn following(reader: &mut Reader<'_>, before: i64) -> Result<i64, ValidityError> {
    let step = reader.long()?;
    before.checked_add(step).ok_or_else(|| reader.wrong("a number of more than 64 bits"))
}
