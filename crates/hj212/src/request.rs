//! What a platform may ask of a device (上位机命令): the commands, their parameters, and a check
//! of what somebody has filled in.

use crate::tables::rows;
use crate::{Draft, Edition, tables};
use std::fmt;
use std::sync::LazyLock;

/// What a command does to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Reads a setting or a state (提取).
    Read,
    /// Changes a setting (设置).
    Set,
    /// Asks for stored data of a period (取历史数据).
    Recall,
    /// Starts the sending of data (启动上传).
    Start,
    /// Stops it (停止上传).
    Stop,
    /// Lets the device do something: calibrate, sample, rinse (反控).
    Act,
}

impl Purpose {
    /// The word of the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Set => "set",
            Self::Recall => "recall",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Act => "act",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Read, Self::Set, Self::Recall, Self::Start, Self::Stop, Self::Act]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

/// What a parameter's text must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number within bounds.
    Number(u32, u32),
    /// Fourteen digits, YYYYMMDDhhmmss in Beijing time.
    Time,
    /// Six digits, hhmmss.
    Clock,
    /// Letters and digits, so many.
    Code(usize, usize),
    /// A decimal number.
    Decimal,
    /// Any text without the signs of the protocol, at most so many bytes.
    Text(usize),
    /// One of these.
    Choice(Vec<&'static str>),
}

/// A parameter of commands (命令参数).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the packet; `*` stands for a factor's or a parameter's code.
    pub name: &'static str,
    /// What it must look like.
    pub form: Form,
    /// Whether it is a password or key, which no page and no log shows.
    pub is_secret: bool,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Where the row comes from.
    pub source: String,
}

/// A command that a platform may send (上位机命令).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Askable {
    /// CN.
    pub cn: &'static str,
    /// The editions that know it in this form.
    pub editions: Vec<Edition>,
    /// What it does.
    pub purpose: Purpose,
    /// Whether a second person has to agree: it changes what the device measures or who it obeys.
    pub needs_second_person: bool,
    /// The command with which the device ends the exchange; `any` where the sources disagree.
    pub ends_with: &'static str,
    /// Its parameters, and whether each is needed.
    pub parameters: Vec<(&'static Parameter, bool)>,
    /// Where the row comes from.
    pub source: String,
}

static PARAMETERS: LazyLock<Vec<Parameter>> = LazyLock::new(|| {
    let read = rows(include_str!("tables/parameters.csv"));
    read.into_iter()
        .filter_map(|row| {
            let name = row.text("name")?;
            let (least, most) = (row.text("least")?, row.text("most")?);
            let number = |text: &str| text.parse::<u32>().ok();
            let form = match row.text("form")? {
                "number" => Form::Number(number(least)?, number(most)?),
                "time" => Form::Time,
                "clock" => Form::Clock,
                "decimal" => Form::Decimal,
                "code" => Form::Code(least.parse().ok()?, most.parse().ok()?),
                "text" => Form::Text(most.parse().ok()?),
                "choice" => Form::Choice(least.split(' ').collect()),
                _ => return None,
            };
            let is_secret = row.text("is_secret")? == "yes";
            let (zh, en, source) = (row.owned("zh"), row.owned("en"), row.owned("source"));
            Some(Parameter { name, form, is_secret, zh, en, source })
        })
        .collect()
});

static ASKABLE: LazyLock<Vec<Askable>> = LazyLock::new(|| {
    let read = rows(include_str!("tables/requests.csv"));
    read.into_iter()
        .filter_map(|row| {
            let editions = row.text("editions")?.split(' ').filter_map(edition).collect();
            let parameters = row.text("parameters")?.split(';').filter(|part| !part.is_empty());
            let parameters = parameters.filter_map(|part| {
                let name = part.trim_end_matches('!');
                let known = PARAMETERS.iter().find(|known| known.name == name)?;
                Some((known, part.ends_with('!')))
            });
            Some(Askable {
                cn: row.text("cn")?,
                editions,
                purpose: Purpose::parse(row.text("kind")?)?,
                needs_second_person: row.text("second_person")? == "yes",
                ends_with: row.text("ends_with")?,
                parameters: parameters.collect(),
                source: row.owned("source"),
            })
        })
        .collect()
});

fn edition(word: &str) -> Option<Edition> {
    [Edition::Hj2005, Edition::Hj2017, Edition::Hj2025]
        .into_iter()
        .find(|edition| edition.as_str() == word)
}

/// The commands that a platform may send to a device of an edition.
pub fn askable(edition: Edition) -> impl Iterator<Item = &'static Askable> {
    ASKABLE.iter().filter(move |one| one.editions.contains(&edition))
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestProblem {
    /// The edition knows no such command.
    Command(String, Edition),
    /// A parameter is missing.
    Missing(&'static str),
    /// A parameter is not of its form.
    Form(String, &'static str),
    /// The command has no such parameter.
    Unknown(String),
    /// The period ends before it begins.
    Period,
}

impl RequestProblem {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Command(..) => "hj212.request_command",
            Self::Missing(_) => "hj212.request_missing",
            Self::Form(..) => "hj212.request_form",
            Self::Unknown(_) => "hj212.request_unknown",
            Self::Period => "hj212.request_period",
        }
    }

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Command(cn, edition) => {
                format!("{} 版没有上位机命令 {cn}", edition.as_str())
            }
            Self::Missing(name) => format!("缺少参数 {name}"),
            Self::Form(name, wanted) => format!("参数 {name} 应为 {}", form_zh(wanted)),
            Self::Unknown(name) => format!("该命令没有参数 {name}"),
            Self::Period => "截止时间早于开始时间".to_owned(),
        }
    }
}

fn form_zh(wanted: &str) -> String {
    match wanted {
        TIME => "14 位数字的时间 YYYYMMDDhhmmss".to_owned(),
        CLOCK => "6 位数字 hhmmss".to_owned(),
        DECIMAL => "小数".to_owned(),
        CODE => "规定长度的字母与数字".to_owned(),
        TEXT => "规定长度内且不含 ; , = & # 的文本".to_owned(),
        NUMBER => "规定范围内的整数".to_owned(),
        _ => "表中所列的值之一".to_owned(),
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(cn, edition) => {
                write!(formatter, "edition {} has no request {cn}", edition.as_str())
            }
            Self::Missing(name) => write!(formatter, "the parameter {name} is missing"),
            Self::Form(name, wanted) => write!(formatter, "the parameter {name} must be {wanted}"),
            Self::Unknown(name) => write!(formatter, "the command has no parameter {name}"),
            Self::Period => formatter.write_str("the period ends before it begins"),
        }
    }
}

impl std::error::Error for RequestProblem {}

const TIME: &str = "fourteen digits YYYYMMDDhhmmss";
const CLOCK: &str = "six digits hhmmss";
const DECIMAL: &str = "a decimal number";
const CODE: &str = "letters and digits of the length that the table gives";
const TEXT: &str = "a text of bounded length without ; , = & #";
const NUMBER: &str = "a whole number within the bounds of the table";
const CHOICE: &str = "one of the values of the table";

/// A request that was checked (请求).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    askable: &'static Askable,
    items: Vec<(String, String)>,
}

impl Request {
    /// Checks a command and its parameters against the tables of an edition.
    ///
    /// # Standard
    /// HJ 212-2017 table 4 (forms and bounds of parameters) and table 9 (commands); the rows of
    /// other editions as their source says.
    ///
    /// # Errors
    /// What is wrong with it, parameter by parameter, the first alone.
    pub fn new(
        cn: &str,
        edition: Edition,
        items: &[(String, String)],
    ) -> Result<Self, RequestProblem> {
        let known = askable(edition).find(|one| one.cn == cn);
        let askable = known.ok_or_else(|| RequestProblem::Command(cn.to_owned(), edition))?;
        let mut kept = Vec::with_capacity(items.len());
        for (parameter, is_needed) in &askable.parameters {
            let found = items
                .iter()
                .find(|(name, value)| stands_for(parameter.name, name) && !value.trim().is_empty());
            match found {
                None if *is_needed => return Err(RequestProblem::Missing(parameter.name)),
                None => {}
                Some((name, value)) => {
                    let value = value.trim();
                    fits(&parameter.form, value)
                        .map_err(|wanted| RequestProblem::Form(name.clone(), wanted))?;
                    kept.push((name.clone(), value.to_owned()));
                }
            }
        }
        let is_of_it = |name: &str| {
            askable.parameters.iter().any(|(parameter, _)| stands_for(parameter.name, name))
        };
        if let Some((name, _)) =
            items.iter().find(|(name, value)| !value.trim().is_empty() && !is_of_it(name))
        {
            return Err(RequestProblem::Unknown(name.clone()));
        }
        let value =
            |name: &str| kept.iter().find(|(found, _)| found == name).map(|(_, value)| value);
        if let (Some(begin), Some(end)) = (value("BeginTime"), value("EndTime"))
            && end < begin
        {
            return Err(RequestProblem::Period);
        }
        Ok(Self { askable, items: kept })
    }

    /// The row of the table.
    pub fn askable(&self) -> &'static Askable {
        self.askable
    }

    /// CN.
    pub fn cn(&self) -> &'static str {
        self.askable.cn
    }

    /// The parameters, in the table's order.
    pub fn items(&self) -> &[(String, String)] {
        &self.items
    }

    /// The parameters as they may be shown: passwords and keys are covered.
    pub fn shown(&self) -> Vec<(String, String)> {
        let is_secret = |name: &str| {
            let mut parameters = self.askable.parameters.iter();
            parameters.any(|(known, _)| known.is_secret && stands_for(known.name, name))
        };
        let covered = |(name, value): &(String, String)| {
            let value =
                if is_secret(name) { "••••••".to_owned() } else { value.clone() };
            (name.clone(), value)
        };
        self.items.iter().map(covered).collect()
    }

    /// The packet, with the bit by which an answer is asked for.
    pub(crate) fn draft(&self, edition: Edition) -> Draft {
        let draft = Draft::new(self.cn()).flag(edition.answer_flag() | 1);
        self.items.iter().fold(draft, |draft, (name, value)| draft.item(&[(name, value)]))
    }

    /// The command's names in Chinese and English, as the table of commands has them.
    pub fn names(&self) -> (&'static str, &'static str) {
        tables::command(self.cn())
            .map_or(("", ""), |command| (command.name_zh.as_str(), command.name_en.as_str()))
    }
}

/// Whether a name is the one of the table, where `*` stands for a code.
fn stands_for(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(ending) => name.strip_suffix(ending).is_some_and(|code| {
            !code.is_empty() && code.len() <= 8 && code.bytes().all(|b| b.is_ascii_alphanumeric())
        }),
        None => pattern == name,
    }
}

fn fits(form: &Form, value: &str) -> Result<(), &'static str> {
    let digits = |count: usize| value.len() == count && value.bytes().all(|b| b.is_ascii_digit());
    let is_right = match form {
        Form::Number(least, most) => {
            return value
                .parse::<u32>()
                .ok()
                .filter(|number| (least..=most).contains(&number))
                .map_or(Err(NUMBER), |_| Ok(()));
        }
        Form::Time => digits(14) && is_time(value),
        Form::Clock => digits(6) && is_clock(value),
        Form::Code(least, most) => {
            (*least..=*most).contains(&value.len())
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        Form::Decimal => {
            let number = value.strip_prefix('-').unwrap_or(value);
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            [whole, part].iter().all(|text| {
                !text.is_empty() && text.len() < 15 && text.bytes().all(|b| b.is_ascii_digit())
            })
        }
        Form::Text(most) => value.len() <= *most && !value.contains([';', ',', '=', '&', '#']),
        Form::Choice(values) => values.contains(&value),
    };
    if is_right { Ok(()) } else { Err(wanted(form)) }
}

/// What a form asks for, in words.
pub(crate) const fn wanted(form: &Form) -> &'static str {
    match form {
        Form::Number(..) => NUMBER,
        Form::Time => TIME,
        Form::Clock => CLOCK,
        Form::Code(..) => CODE,
        Form::Decimal => DECIMAL,
        Form::Text(_) => TEXT,
        Form::Choice(_) => CHOICE,
    }
}

fn is_time(value: &str) -> bool {
    let number = |range: std::ops::Range<usize>| value.get(range).and_then(|t| t.parse().ok());
    let within = |found: Option<u32>, least, most| {
        found.is_some_and(|found| (least..=most).contains(&found))
    };
    within(number(0..4), 2000, 2099)
        && within(number(4..6), 1, 12)
        && within(number(6..8), 1, 31)
        && value.get(8..14).is_some_and(is_clock)
}

fn is_clock(value: &str) -> bool {
    let number = |range: std::ops::Range<usize>| value.get(range).and_then(|t| t.parse().ok());
    let below = |found: Option<u32>, most| found.is_some_and(|found| found < most);
    below(number(0..2), 24) && below(number(2..4), 60) && below(number(4..6), 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn items(text: &str) -> Vec<(String, String)> {
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        let lines = |text: &str| text.lines().count() - 1;
        assert_eq!(ASKABLE.len(), lines(include_str!("tables/requests.csv")));
        assert_eq!(PARAMETERS.len(), lines(include_str!("tables/parameters.csv")));
        for one in ASKABLE.iter() {
            assert!(!one.editions.is_empty() && !one.source.is_empty(), "{}", one.cn);
            let known = tables::command(one.cn);
            let editions = known.map(|command| command.editions.clone()).unwrap_or_default();
            for edition in &one.editions {
                assert!(editions.contains(edition.as_str()), "{} in {edition:?}", one.cn);
            }
            let written = include_str!("tables/requests.csv");
            let named: usize = one.parameters.len();
            assert!(written.contains(one.cn) && named <= 4, "{}", one.cn);
        }
    }

    #[test]
    fn every_request_of_the_commands_table_can_be_asked() {
        for cn in 1000..4000_u16 {
            let cn = cn.to_string();
            let Some(command) = tables::command(&cn) else { continue };
            let is_sent_by_platforms = !command.direction.starts_with("field");
            let is_askable = ASKABLE.iter().any(|one| one.cn == cn);
            assert_eq!(is_askable, is_sent_by_platforms, "{cn} {}", command.direction);
        }
    }

    #[test]
    fn parameters_are_held_against_their_form() {
        let table = [
            ("1062", "RtdInterval=30", ""),
            ("1062", "RtdInterval=29", "hj212.request_form"),
            ("1062", "", "hj212.request_missing"),
            ("1062", "RtdInterval=30;PolId=a21026", "hj212.request_unknown"),
            ("1064", "MinInterval=7", "hj212.request_form"),
            ("1064", "MinInterval=10", ""),
            ("1012", "SystemTime=20261129080000", ""),
            ("1012", "SystemTime=20261329080000", "hj212.request_form"),
            ("2061", "BeginTime=20261129080000;EndTime=20261129080000", ""),
            ("2061", "BeginTime=20261129080000;EndTime=20261129070000", "hj212.request_period"),
            ("1072", "NewPW=654321", ""),
            ("1072", "NewPW=65432&", "hj212.request_form"),
            ("3021", "PolId=a21026;InfoId=i13004;i13004-Info=1.5", ""),
            ("3021", "PolId=a21026;InfoId=i13004;i13004-Info=1;CN=9014", "hj212.request_unknown"),
            ("1021", "PolId=a21026", "hj212.request_command"),
            ("9011", "", "hj212.request_command"),
        ];
        for (cn, text, wanted) in table {
            let found = Request::new(cn, Edition::Hj2017, &items(text));
            let code = found.err().map_or("", |problem| problem.code());
            assert_eq!(code, wanted, "{cn} {text}");
        }
    }

    #[test]
    fn passwords_are_covered_where_they_are_shown() {
        let request = Request::new("1072", Edition::Hj2017, &items("NewPW=654321"));
        let request = request.expect("a right request");
        assert_eq!(request.shown(), [("NewPW".to_owned(), "••••••".to_owned())]);
    }

    proptest! {
        #[test]
        fn whatever_is_filled_in_makes_one_packet_that_says_the_same(
            value in "\\PC{0,40}",
            cn in prop::sample::select(vec!["1012", "1062", "1072", "2061", "3021", "3016"]),
        ) {
            let filled: Vec<_> = ["SystemTime", "RtdInterval", "NewPW", "BeginTime", "EndTime",
                "PolId", "InfoId", "i13004-Info", "CstartTime", "Ctime"]
                .iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            if let Ok(request) = Request::new(cn, Edition::Hj2017, &filled) {
                let bytes = request.draft(Edition::Hj2017)
                    .qn("20261129080000000").st("32").pw("123456").mn("M").build();
                let frame = crate::decode_whole(&bytes).expect("it holds together");
                for (name, value) in request.items() {
                    prop_assert_eq!(frame.packet.value(name), Some(value.as_str()));
                }
            }
        }
    }
}
