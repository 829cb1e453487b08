//! The lines that show how a clock was counted (计算过程), for the officer and for the court.

use jiff::Timestamp;
use jiff::civil::Date;
use rulebook::{Text, beijing_offset};

use crate::clock::Running;
use crate::{Calendar, Length, Unit};

fn shown(at: Timestamp) -> String {
    beijing_offset().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

pub(crate) fn started(running: &Running) -> Text {
    let at = shown(running.started_at);
    if running.length.unit == Unit::Hour {
        return Text::new(
            format!("{at} 起算，昼夜连续计算，节假日不停（民法典第二百零一条）"),
            format!("starts {at} and runs through nights and holidays (Civil Code, article 201)"),
        );
    }
    Text::new(
        format!("{at} 起算，当日不计入（民法典第二百零一条）"),
        format!("starts {at}; that day is not counted (Civil Code, article 201)"),
    )
}

pub(crate) fn set(day: Date) -> Text {
    Text::new(format!("指定期限 {day}"), format!("the day set is {day}"))
}

/// The days counted: from the day after the first up to the second.
fn days((from, to): (Date, Date)) -> (String, String) {
    let first = from.tomorrow().unwrap_or(to).min(to);
    (format!("{first} 至 {to}"), format!("{first} to {to}"))
}

pub(crate) fn period(length: Length, counted: (Date, Date)) -> Text {
    let text = length.text();
    if length.unit == Unit::Hour {
        return Text::new(format!("期限 {}", text.zh), format!("period of {}", text.en));
    }
    let (zh, en) = days(counted);
    Text::new(format!("期限 {}：{zh}", text.zh), format!("period of {}: {en}", text.en))
}

pub(crate) fn extended(length: Length, counted: (Date, Date)) -> Text {
    let text = length.text();
    if length.unit == Unit::Hour {
        return Text::new(format!("延期 {}", text.zh), format!("extended by {}", text.en));
    }
    let (zh, en) = days(counted);
    Text::new(format!("延期 {}：{zh}", text.zh), format!("extended by {}: {en}", text.en))
}

pub(crate) fn paused(since: Timestamp, until: Timestamp, unit: Unit) -> Text {
    let (from, to) = (shown(since), shown(until));
    let (zh, en) = if unit == Unit::Hour {
        ("该段时间不计入", "that time is not counted")
    } else {
        ("自中止之日起至恢复前一日不计入", "the days up to the one before it went on do not count")
    };
    Text::new(format!("中止 {from} 至 {to}：{zh}"), format!("suspended from {from} to {to}: {en}"))
}

pub(crate) fn rolled(last: Date, to: Date) -> Text {
    Text::new(
        format!("最后一日 {last} 是休假日，顺延至 {to}（民法典第二百零三条）"),
        format!("the last day, {last}, is a day off: moved to {to} (Civil Code, article 203)"),
    )
}

pub(crate) fn ended(at: Timestamp, last_day: Date, unit: Unit) -> Text {
    if unit == Unit::Hour {
        let at = shown(at);
        return Text::new(format!("{at} 届满（北京时间）"), format!("ends {at}, Beijing time"));
    }
    Text::new(
        format!("{last_day} 24:00 届满（北京时间）"),
        format!("ends {last_day} at 24:00, Beijing time"),
    )
}

pub(crate) fn provisional() -> Text {
    Text::fixed(
        "暂定：所计日期所在年份的放假安排尚未公布，先按周末推算，公布后重算",
        "provisional: the year's notice of holidays is not out; counted by weekends until it is",
    )
}

/// The festivals and the days made working after one day up to another, one line each.
pub(crate) fn notices(calendar: &Calendar, from: Date, to: Date) -> Vec<Text> {
    let mut lines: Vec<(String, bool, Date, Date)> = Vec::new();
    for (day, notice) in calendar.named_between(from, to) {
        match lines.last_mut() {
            Some((festival, is_off, _, last))
                if *festival == notice.festival
                    && *is_off == notice.is_off
                    && last.tomorrow().is_ok_and(|next| next == day) =>
            {
                *last = day;
            }
            _ => lines.push((notice.festival.clone(), notice.is_off, day, day)),
        }
    }
    lines
        .into_iter()
        .map(|(festival, is_off, from, to)| notice(&festival, is_off, from, to))
        .collect()
}

fn notice(festival: &str, is_off: bool, from: Date, to: Date) -> Text {
    let (zh, en) = if from == to {
        (from.to_string(), from.to_string())
    } else {
        (format!("{from} 至 {to}"), format!("{from} to {to}"))
    };
    if is_off {
        Text::new(
            format!("{festival}放假 {zh}，不计入"),
            format!("{en} is a holiday ({festival}) and does not count"),
        )
    } else {
        Text::new(
            format!("{zh} 因{festival}调休上班，计入"),
            format!("{en} was made working ({festival}) and counts"),
        )
    }
}
