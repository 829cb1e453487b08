//! The nouns: a kept sign, what it rests on, what an officer concluded, how often they were right.

use authority::UserId;
use detectors::{Detector, Sign, Span};
use jiff::{SignedDuration, Timestamp, civil::Date};
use registry::{FactorId, PointId};
use rulebook::Text;
use serde_json::{Value, json};

/// A sign as kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredSign {
    /// Its number.
    pub(super) id: i64,
    /// Which detector.
    pub(super) detector: Detector,
    /// Which of its questions was answered with yes.
    pub(super) finding: String,
    /// The outlet.
    pub(super) point: PointId,
    /// The factor; `None` where the whole outlet is meant.
    pub(super) factor: Option<FactorId>,
    /// Seconds from one value to the next of what was looked at.
    pub(super) step_s: i64,
    /// When.
    pub(super) span: Span,
    /// What it resembles.
    pub(super) twin: Option<StoredTwin>,
    /// How far beyond its threshold, in thousandths.
    pub(super) strength: i64,
    /// What it rests on.
    pub(super) evidence: Evidence,
    /// By which edition of formulas and parameters.
    pub(super) edition: String,
    /// When it was first found.
    pub(super) first_found_at: Timestamp,
    /// When it was last found.
    pub(super) last_found_at: Timestamp,
    /// When it was no longer found though its time was looked at: the values have changed.
    pub(super) withdrawn_at: Option<Timestamp>,
}

impl StoredSign {
    /// The outlets that it names: where it is, and whom it resembles.
    pub(super) fn points(&self) -> Vec<PointId> {
        let other = self.twin.map(|twin| twin.point).filter(|point| *point != self.point);
        [self.point].into_iter().chain(other).collect()
    }
}

/// What a kept sign resembles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredTwin {
    /// The outlet.
    pub(super) point: PointId,
    /// The factor.
    pub(super) factor: Option<FactorId>,
    /// When.
    pub(super) span: Span,
}

/// The sentence and the numbers of a sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// What was found.
    pub(super) sentence: Text,
    /// The numbers, each with its name and unit.
    pub(super) numbers: Vec<(Text, String, String)>,
}

impl Evidence {
    /// The evidence of a sign.
    pub(super) fn of(sign: &Sign) -> Self {
        let number = |input: &rulebook::Input| {
            (input.name.clone(), input.value.to_string(), input.unit.to_string())
        };
        Self {
            sentence: sign.sentence.clone(),
            numbers: sign.evidence.iter().map(number).collect(),
        }
    }

    /// The value of the number with this English name.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let found = self.numbers.iter().find(|(of, ..)| of.en == name)?;
        found.1.parse().ok()
    }

    /// As kept and as programs read it.
    pub(super) fn to_json(&self) -> Value {
        let number = |(name, value, unit): &(Text, String, String)| json!({ "zh": name.zh, "en": name.en, "value": value, "unit": unit });
        json!({
            "sentence": { "zh": self.sentence.zh, "en": self.sentence.en },
            "numbers": self.numbers.iter().map(number).collect::<Vec<_>>(),
        })
    }

    /// What [`Evidence::to_json`] wrote; what is not there is empty.
    pub(super) fn of_json(json: &Value) -> Self {
        let word = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
        let text = |of: &Value| Text::new(word(of, "zh"), word(of, "en"));
        let number = |of: &Value| (text(of), word(of, "value"), word(of, "unit"));
        Self {
            sentence: text(&json["sentence"]),
            numbers: json["numbers"].as_array().into_iter().flatten().map(number).collect(),
        }
    }
}

/// What an officer concluded (核查结论).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Conclusion {
    /// The values were falsified (属实).
    Real,
    /// The instrument or logger is to blame (设备原因).
    Device,
    /// The process explains it (工况原因).
    Process,
    /// There was nothing (不属实).
    NotReal,
}

impl Conclusion {
    /// Every conclusion, in the order in which they are offered.
    pub(super) const ALL: [Self; 4] = [Self::Real, Self::Device, Self::Process, Self::NotReal];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Device => "device",
            Self::Process => "process",
            Self::NotReal => "not_real",
        }
    }

    /// The conclusion of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|conclusion| conclusion.as_str() == word)
    }

    /// For a reader.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Real => Text::fixed("属实:数据被篡改、伪造", "real: values were falsified"),
            Self::Device => Text::fixed("设备原因", "the device is to blame"),
            Self::Process => Text::fixed("工况原因", "the process explains it"),
            Self::NotReal => Text::fixed("不属实", "not real: there was nothing"),
        }
    }
}

/// A verdict on a sign, with its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Its number: the largest of a sign holds.
    pub(super) id: i64,
    /// The sign.
    pub(super) sign: i64,
    /// What was concluded.
    pub(super) conclusion: Conclusion,
    /// The day of the visit, if there was one.
    pub(super) visited_on: Option<Date>,
    /// In the officer's words.
    pub(super) note: String,
    /// Until when the sign lasted at that time.
    pub(super) sign_ended_at: Timestamp,
    /// When.
    pub(super) given_at: Timestamp,
    /// By whom, where it is a user.
    pub(super) user: Option<UserId>,
    /// By whom, their name.
    pub(super) who: String,
}

/// A sign that goes on for longer than this after a verdict is open again.
const GOES_ON: SignedDuration = SignedDuration::from_hours(24);

impl Verdict {
    /// Whether the verdict still settles a sign: it has not gone on for long since.
    pub(super) fn settles(&self, sign: &StoredSign) -> bool {
        sign.span.to.duration_since(self.sign_ended_at) <= GOES_ON
    }
}

/// How the signs of a detector were judged: its published precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Judged signs by [`Conclusion`], in the order of [`Conclusion::ALL`].
    pub(super) counts: [i64; 4],
}

impl Record {
    /// How many were judged.
    pub(super) fn judged(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// The share that was real, in per cent; `None` before the first verdict.
    pub(super) fn precision(&self) -> Option<f64> {
        let judged = self.judged();
        (judged > 0).then(|| 100.0 * self.counts[0] as f64 / judged as f64)
    }
}

/// One computation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What was looked at.
    pub window: Span,
    /// How many outlets.
    pub outlets: i64,
    /// How many signs were found.
    pub signs: i64,
    /// By which edition of formulas and parameters.
    pub edition: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_comes_back_as_it_was_kept() {
        let evidence = Evidence {
            sentence: Text::fixed("连续 12 个值相同。", "12 values in a row are equal."),
            numbers: vec![(Text::fixed("个数", "values"), "12".into(), "h".into())],
        };
        assert_eq!(Evidence::of_json(&evidence.to_json()), evidence);
        assert_eq!(evidence.number("values"), Some(12.0));
        assert_eq!(evidence.number("hours"), None);
        assert_eq!(Evidence::of_json(&Value::Null), Evidence::default());
    }

    #[test]
    fn precision_is_known_after_the_first_verdict() {
        assert_eq!(Record::default().precision(), None);
        let record = Record { counts: [1, 2, 0, 1] };
        assert_eq!((record.judged(), record.precision()), (4, Some(25.0)));
        for conclusion in Conclusion::ALL {
            assert_eq!(Conclusion::parse(conclusion.as_str()), Some(conclusion));
        }
        assert_eq!(Conclusion::parse("maybe"), None);
    }
}
