//! The nouns: a finding with its members, its score in three factors, what an officer concluded.

use authority::UserId;
use jiff::{SignedDuration, Timestamp};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Text};
use serde_json::{Value, json};

/// A finding (线索): alarms of one outlet that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FindingId(pub(super) i64);

/// Where a member of a finding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Origin {
    /// An alert of the automatic monitoring (告警).
    Alert,
    /// A sign of fraud (造假线索).
    FraudSign,
}

impl Origin {
    /// Every origin.
    pub(super) const ALL: [Self; 2] = [Self::Alert, Self::FraudSign];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::FraudSign => "fraud_sign",
        }
    }

    /// The origin of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// One alarm of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Where it comes from.
    pub(super) origin: Origin,
    /// Its number there.
    pub(super) reference: i64,
    /// What is wrong: the kind of an alert, the detector of a sign.
    pub(super) what: String,
    /// The outlet.
    pub(super) point: PointId,
    /// The factor, where it is about one.
    pub(super) factor: Option<FactorId>,
    /// When it began.
    pub(super) began_at: Timestamp,
    /// When it was last seen.
    pub(super) ended_at: Timestamp,
    /// When the platform first saw it.
    pub(super) found_at: Timestamp,
    /// Whether it goes on.
    pub(super) is_open: bool,
    /// The worst value over its limit, where both are known.
    pub(super) times: Option<Decimal>,
    /// How many values or looks showed it.
    pub(super) count: i64,
}

/// The word of an exceedance, as alerts name it.
pub(super) const EXCEEDANCE: &str = "exceedance";

impl Member {
    /// What tells it apart from all others.
    pub(super) fn key(&self) -> (Origin, i64) {
        (self.origin, self.reference)
    }

    /// Until when it lasts: what goes on lasts until now.
    pub(super) fn until(&self, now: Timestamp) -> Timestamp {
        if self.is_open { self.ended_at.max(now) } else { self.ended_at }
    }

    /// Whether it is a value over its limit.
    pub(super) fn is_exceedance(&self) -> bool {
        self.origin == Origin::Alert && self.what == EXCEEDANCE
    }
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// It waits for a verdict.
    Waiting,
    /// A verdict holds.
    Decided,
    /// Its alarms ended long ago and nobody judged it.
    Lapsed,
    /// It went on in another finding.
    Merged,
}

impl State {
    const ALL: [Self; 4] = [Self::Waiting, Self::Decided, Self::Lapsed, Self::Merged];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Decided => "decided",
            Self::Lapsed => "lapsed",
            Self::Merged => "merged",
        }
    }

    /// The state of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// For a reader.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Waiting => Text::fixed("待研判", "waits for a verdict"),
            Self::Decided => Text::fixed("已研判", "judged"),
            Self::Lapsed => Text::fixed("逾期未研判", "lapsed without a verdict"),
            Self::Merged => Text::fixed("已并入", "merged"),
        }
    }
}

/// A finding as kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// Its number.
    pub(super) id: FindingId,
    /// The outlet.
    pub(super) point: PointId,
    /// When the first of its alarms began.
    pub(super) opened_at: Timestamp,
    /// When one of them was last seen.
    pub(super) last_at: Timestamp,
    /// Whether one of them goes on.
    pub(super) is_active: bool,
    /// How it stands.
    pub(super) state: State,
    /// The finding in which it goes on.
    pub(super) merged_into: Option<FindingId>,
    /// When the platform first made it.
    pub(super) found_at: Timestamp,
    /// Its place in the ranking.
    pub(super) score: Score,
    /// How often the score was set.
    pub(super) version: i64,
    /// Its members, the oldest first.
    pub(super) members: Vec<Member>,
}

/// The three factors of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Factor {
    /// How likely it is real (真实可能性).
    Likely,
    /// How much harm it would do (危害).
    Harm,
    /// How little time is left (剩余时限).
    Clock,
}

impl Factor {
    /// All three.
    pub(super) const ALL: [Self; 3] = [Self::Likely, Self::Harm, Self::Clock];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Harm => "harm",
            Self::Clock => "clock",
        }
    }

    /// For a reader.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Likely => Text::fixed("真实可能性", "likely real"),
            Self::Harm => Text::fixed("危害程度", "harm"),
            Self::Clock => Text::fixed("剩余时限", "clock left"),
        }
    }
}

/// A sentence that says how a factor came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Of which factor.
    pub(super) of: Factor,
    /// The sentence.
    pub(super) text: Text,
}

/// A score: whole numbers alone, the same for the same inputs on every machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    /// How likely it is real, in millionths.
    pub(super) likely: i64,
    /// Harm, in thousandths of the neutral.
    pub(super) harm: i64,
    /// Urgency by the clock, in thousandths of the neutral.
    pub(super) clock: i64,
    /// The sentences.
    pub(super) reasons: Vec<Reason>,
}

impl Score {
    /// The product, in millionths.
    pub(super) fn value(&self) -> i64 {
        let product = i128::from(self.likely) * i128::from(self.harm) * i128::from(self.clock);
        i64::try_from(product / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Whether the numbers are those of another.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        (self.likely, self.harm, self.clock) == (other.likely, other.harm, other.clock)
    }

    /// The sentences of a factor.
    pub(super) fn reasons_of(&self, factor: Factor) -> impl Iterator<Item = &Text> {
        self.reasons.iter().filter(move |reason| reason.of == factor).map(|reason| &reason.text)
    }

    /// The sentences as kept and as programs read them.
    pub(super) fn reasons_json(&self) -> Value {
        let one = |reason: &Reason| json!({ "of": reason.of.as_str(), "zh": reason.text.zh, "en": reason.text.en });
        self.reasons.iter().map(one).collect()
    }

    /// What [`Score::reasons_json`] wrote; what is not there is left out.
    pub(super) fn reasons_of_json(json: &Value) -> Vec<Reason> {
        let one = |value: &Value| {
            let word = value["of"].as_str()?;
            let of = Factor::ALL.into_iter().find(|factor| factor.as_str() == word)?;
            let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            Some(Reason { of, text: Text::new(text("zh"), text("en")) })
        };
        json.as_array().into_iter().flatten().filter_map(one).collect()
    }
}

/// What an officer concluded (研判结论).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Conclusion {
    /// The device (设备).
    Device,
    /// The process (工况).
    Process,
    /// Really over the limit, or really falsified (真实).
    Real,
    /// Something else, with the reason.
    Other,
}

impl Conclusion {
    /// Every conclusion, in the order in which they are offered.
    pub(super) const ALL: [Self; 4] = [Self::Device, Self::Process, Self::Real, Self::Other];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Process => "process",
            Self::Real => "real",
            Self::Other => "other",
        }
    }

    /// The conclusion of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|conclusion| conclusion.as_str() == word)
    }

    /// For a reader.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Device => Text::fixed("设备原因", "the device"),
            Self::Process => Text::fixed("工况原因", "the process"),
            Self::Real => Text::fixed("真实超标或真实违法", "real"),
            Self::Other => Text::fixed("其他", "something else"),
        }
    }
}

/// A verdict on a finding, with its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Its number: the largest of a finding holds.
    pub(super) id: i64,
    /// The finding.
    pub(super) finding: FindingId,
    /// What was concluded.
    pub(super) conclusion: Conclusion,
    /// Why, in the officer's words.
    pub(super) reason: String,
    /// At which place of the queue the finding stood; `None` where it did not wait any more.
    pub(super) rank: Option<i64>,
    /// The score at that time, in millionths.
    pub(super) score: i64,
    /// When.
    pub(super) given_at: Timestamp,
    /// By whom, where it is a user.
    pub(super) user: Option<UserId>,
    /// By whom, their name.
    pub(super) who: String,
}

/// A finding whose alarms go on for longer than this after a verdict waits again.
const GOES_ON: SignedDuration = SignedDuration::from_hours(24);

impl Verdict {
    /// Whether the verdict still settles a finding: no alarm came since, and none goes on for more
    /// than a day.
    pub(super) fn settles(&self, members: &[Member], now: Timestamp) -> bool {
        members.iter().all(|member| {
            member.found_at <= self.given_at
                && member.until(now).duration_since(self.given_at) <= GOES_ON
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sentences_come_back_as_they_were_kept() {
        for conclusion in Conclusion::ALL {
            assert_eq!(Conclusion::parse(conclusion.as_str()), Some(conclusion));
        }
        for origin in Origin::ALL {
            assert_eq!(Origin::parse(origin.as_str()), Some(origin));
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        let reasons = vec![Reason { of: Factor::Harm, text: Text::fixed("危害", "harm") }];
        let score = Score { likely: 8188, harm: 2000, clock: 1500, reasons: reasons.clone() };
        assert_eq!(score.value(), 24_564);
        assert_eq!(Score::reasons_of_json(&score.reasons_json()), reasons);
        assert_eq!(Score::reasons_of_json(&Value::Null), []);
    }
}
