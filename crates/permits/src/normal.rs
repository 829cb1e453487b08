//! The one form in which contents are kept and compared: files that say the same are the same.

use crate::PermitDraft;
use crate::background::Background;
use crate::duty::PermitDuty;
use crate::model::{Condition, PermitContent};
use rulebook::Decimal;

impl PermitDraft {
    /// The same, in the form in which it is kept: texts without outer spaces, decimals without
    /// trailing zeros, duties by kind, no condition where nothing is asked.
    pub fn normalised(mut self) -> Self {
        trim(&mut self.number);
        trim(&mut self.enterprise);
        content(&mut self.content);
        self.background.iter_mut().for_each(background);
        self
    }
}

fn trim(text: &mut String) {
    let inner = text.trim();
    if inner.len() != text.len() {
        *text = inner.to_owned();
    }
}

fn shorten(text: &mut Option<String>) {
    if let Some(inner) = text {
        trim(inner);
    }
    if text.as_deref() == Some("") {
        *text = None;
    }
}

fn strip(number: &mut Decimal) {
    *number = number.normalize();
}

fn content(content: &mut PermitContent) {
    let PermitContent { holder, place, industry, issuer, reason_note, source, .. } = content;
    [holder, place, industry, issuer, reason_note, source].into_iter().for_each(trim);
    for outlet in &mut content.outlets {
        [&mut outlet.number, &mut outlet.name, &mut outlet.destination, &mut outlet.manner]
            .into_iter()
            .for_each(trim);
        for number in [&mut outlet.longitude, &mut outlet.latitude, &mut outlet.height_m] {
            number.iter_mut().for_each(strip);
        }
    }
    for limit in &mut content.limits {
        shorten(&mut limit.outlet_number);
        [&mut limit.pollutant, &mut limit.unit, &mut limit.citation].into_iter().for_each(trim);
        strip(&mut limit.at_most);
        limit.at_least.iter_mut().for_each(strip);
        limit.condition.iter_mut().for_each(|condition| {
            shorten(&mut condition.fuel);
            shorten(&mut condition.averaging);
        });
        if limit.condition == Some(Condition::default()) {
            limit.condition = None;
        }
    }
    for amount in &mut content.amounts {
        shorten(&mut amount.outlet);
        [&mut amount.pollutant, &mut amount.citation].into_iter().for_each(trim);
        strip(&mut amount.tonnes);
    }
    content.duties.iter_mut().for_each(duty);
    content.duties.sort_by_key(|duty| match duty {
        PermitDuty::ExecutionReport { .. } => 0,
        PermitDuty::SelfMonitoring { .. } => 1,
        PermitDuty::Ledger { .. } => 2,
        PermitDuty::Disclosure { .. } => 3,
    });
}

fn duty(duty: &mut PermitDuty) {
    match duty {
        PermitDuty::ExecutionReport { content, .. } => trim(content),
        PermitDuty::SelfMonitoring { outlet, pollutant, note, .. } => {
            shorten(outlet);
            [pollutant, note].into_iter().for_each(trim);
        }
        PermitDuty::Ledger { content, medium, .. } => {
            [content, medium].into_iter().for_each(trim);
        }
        PermitDuty::Disclosure { content, way, when } => {
            [content, way, when].into_iter().for_each(trim);
        }
    }
}

fn background(background: &mut Background) {
    for approval in &mut background.approvals {
        let texts = [
            &mut approval.document,
            &mut approval.project,
            &mut approval.approved_by,
            &mut approval.source,
        ];
        texts.into_iter().for_each(trim);
        for amount in &mut approval.amounts {
            trim(&mut amount.pollutant);
            strip(&mut amount.tonnes);
        }
    }
    for quota in &mut background.quotas {
        let texts =
            [&mut quota.document, &mut quota.pollutant, &mut quota.origin, &mut quota.source];
        texts.into_iter().for_each(trim);
        strip(&mut quota.tonnes);
    }
}
