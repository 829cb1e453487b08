//! Which frauds there are, how strong, and what each is called.

use detectors::Detector;

/// A way of falsifying what an outlet reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FraudKind {
    /// One value stands still.
    Stuck,
    /// The sampling tube hangs in a standard solution: a level and a little noise.
    Narrow,
    /// What would exceed the limit is written just below it.
    Clipped,
    /// Air is let into the sampling line of a stack.
    Thinned,
    /// The whole is lowered and the part forgotten.
    Part,
    /// The reference oxygen is changed.
    Conversion,
    /// The flow is scaled down.
    Load,
    /// An earlier stretch is played again.
    Repeated,
    /// The slope is changed with a calibration.
    Calibration,
    /// The line is cut when values are high.
    Silence,
    /// The device's clock is set back.
    Clock,
    /// A stretch is taken from another outlet.
    Copied,
    /// Numbers are thought out.
    Digits,
    /// The plant works better while somebody looks.
    Inspection,
}

/// How strong a fraud is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// In words, for a table.
    pub words: &'static str,
    /// How long it lasts, in hours; how often, where it is not about length.
    pub length: f64,
    /// How far it goes; what that means depends on the kind.
    pub size: f64,
    /// What is added to hide it: noise as a share of the scatter, a shift in hours.
    pub disguise: (f64, f64),
}

const fn strength(words: &'static str, length: f64, size: f64, disguise: (f64, f64)) -> Strength {
    Strength { words, length, size, disguise }
}

const PLAIN: (f64, f64) = (0.0, 0.0);

const STUCK: &[Strength] = &[
    strength("8 h", 8.0, 0.0, PLAIN),
    strength("12 h", 12.0, 0.0, PLAIN),
    strength("24 h", 24.0, 0.0, PLAIN),
    strength("72 h", 72.0, 0.0, PLAIN),
];
const NARROW: &[Strength] = &[
    strength("2 d, noise 30 % of the usual change", 48.0, 0.3, PLAIN),
    strength("2 d, noise 20 %", 48.0, 0.2, PLAIN),
    strength("2 d, noise 10 %", 48.0, 0.1, PLAIN),
    strength("7 d, noise 10 %", 168.0, 0.1, PLAIN),
];

const CLIPPED: &[Strength] = &[
    strength("3 % of the hours cut", 0.0, 0.03, PLAIN),
    strength("6 % of the hours cut", 0.0, 0.06, PLAIN),
    strength("10 % of the hours cut", 0.0, 0.10, PLAIN),
    strength("20 % of the hours cut", 0.0, 0.20, PLAIN),
];
const COPIED: &[Strength] = &[
    strength("3 d, as they are", 72.0, 1.0, (0.0, 0.0)),
    strength("3 d, × 0.8, noise 5 % of the scatter", 72.0, 0.8, (0.05, 0.0)),
    strength("7 d, × 0.7, 3 h later, noise 10 %", 168.0, 0.7, (0.10, 3.0)),
    strength("7 d, × 0.7, 24 h later, noise 20 %", 168.0, 0.7, (0.20, 24.0)),
];
const REPEATED: &[Strength] = &[
    strength("16 h again", 16.0, 1.0, PLAIN),
    strength("24 h again", 24.0, 1.0, PLAIN),
    strength("48 h again, noise 3 % of the scatter", 48.0, 1.0, (0.03, 0.0)),
    strength("a day, three times over", 24.0, 3.0, PLAIN),
];
const THINNED: &[Strength] = &[
    strength("24 h, oxygen + 2", 24.0, 2.0, PLAIN),
    strength("24 h, oxygen + 3", 24.0, 3.0, PLAIN),
    strength("24 h, oxygen + 5", 24.0, 5.0, PLAIN),
];
const PART: &[Strength] = &[
    strength("24 h, whole × 0.6", 24.0, 0.6, PLAIN),
    strength("24 h, whole × 0.4", 24.0, 0.4, PLAIN),
    strength("24 h, whole × 0.2", 24.0, 0.2, PLAIN),
];
const CONVERSION: &[Strength] = &[
    strength("48 h, converted × 0.9", 48.0, 0.9, PLAIN),
    strength("48 h, converted × 0.8", 48.0, 0.8, PLAIN),
    strength("48 h, converted × 0.6", 48.0, 0.6, PLAIN),
];
const LOAD: &[Strength] = &[
    strength("48 h, flow × 0.7", 48.0, 0.7, PLAIN),
    strength("48 h, flow × 0.5", 48.0, 0.5, PLAIN),
    strength("48 h, flow × 0.3", 48.0, 0.3, PLAIN),
];
const CALIBRATION: &[Strength] = &[
    strength("× 0.8 from then on", 336.0, 0.8, PLAIN),
    strength("× 0.65 from then on", 336.0, 0.65, PLAIN),
    strength("× 0.5 from then on", 336.0, 0.5, PLAIN),
];
const SILENCE: &[Strength] = &[
    strength("4 gaps of 3 h after high values", 4.0, 3.0, PLAIN),
    strength("8 gaps of 3 h", 8.0, 3.0, PLAIN),
    strength("16 gaps of 3 h", 16.0, 3.0, PLAIN),
];
const CLOCK: &[Strength] = &[
    strength("6 h, set back 15 min", 6.0, -15.0, PLAIN),
    strength("12 h, set back 60 min", 12.0, -60.0, PLAIN),
    strength("24 h, set forward 120 min", 24.0, 120.0, PLAIN),
];
const DIGITS: &[Strength] = &[
    strength("30 % of the values thought out", 0.0, 0.3, PLAIN),
    strength("60 % of the values thought out", 0.0, 0.6, PLAIN),
    strength("all values thought out", 0.0, 1.0, PLAIN),
];
const INSPECTION: &[Strength] = &[
    strength("4 visits, × 0.8", 4.0, 0.8, PLAIN),
    strength("4 visits, × 0.6", 4.0, 0.6, PLAIN),
    strength("8 visits, × 0.6", 8.0, 0.6, PLAIN),
];

impl FraudKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Stuck,
        Self::Narrow,
        Self::Clipped,
        Self::Copied,
        Self::Repeated,
        Self::Thinned,
        Self::Part,
        Self::Conversion,
        Self::Load,
        Self::Calibration,
        Self::Silence,
        Self::Clock,
        Self::Digits,
        Self::Inspection,
    ];

    /// The word that the command line takes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Narrow => "narrow",
            Self::Clipped => "clipped",
            Self::Copied => "copied",
            Self::Repeated => "repeated",
            Self::Thinned => "thinned",
            Self::Part => "part",
            Self::Conversion => "conversion",
            Self::Load => "load",
            Self::Calibration => "calibration",
            Self::Silence => "silence",
            Self::Clock => "clock",
            Self::Digits => "digits",
            Self::Inspection => "inspection",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The detector that is to find it.
    pub const fn detector(self) -> Detector {
        match self {
            Self::Stuck => Detector::Stuck,
            Self::Narrow => Detector::Narrow,
            Self::Clipped => Detector::Clipped,
            Self::Copied => Detector::Copied,
            Self::Repeated => Detector::Repeated,
            Self::Thinned | Self::Part | Self::Conversion | Self::Load => Detector::Relation,
            Self::Calibration => Detector::Calibration,
            Self::Silence => Detector::Silence,
            Self::Clock => Detector::Clock,
            Self::Digits => Detector::Digits,
            Self::Inspection => Detector::Inspection,
        }
    }

    /// The strengths at which it is measured, from weak to strong.
    pub const fn strengths(self) -> &'static [Strength] {
        match self {
            Self::Stuck => STUCK,
            Self::Narrow => NARROW,
            Self::Clipped => CLIPPED,
            Self::Copied => COPIED,
            Self::Repeated => REPEATED,
            Self::Thinned => THINNED,
            Self::Part => PART,
            Self::Conversion => CONVERSION,
            Self::Load => LOAD,
            Self::Calibration => CALIBRATION,
            Self::Silence => SILENCE,
            Self::Clock => CLOCK,
            Self::Digits => DIGITS,
            Self::Inspection => INSPECTION,
        }
    }
}
