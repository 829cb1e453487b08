//! Trouble of the engine in words for who asked: what, where, how to mend it.

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use operations::sql::{Limits, Trouble, TroubleKind};
use rulebook::Text;

/// What a failure of the engine means to who asked.
pub(crate) fn told(error: &DataFusionError, limits: Limits) -> Trouble {
    let place = placed(error);
    match error.find_root() {
        DataFusionError::SQL(parsing, _) => {
            let text = parsing.to_string();
            let (what, found) = without_place(text.trim_start_matches("sql parser error: "));
            Trouble {
                kind: TroubleKind::Wrong,
                what: Text::new(format!("语法有误:{what}"), format!("wrong syntax: {what}")),
                cure: Text::fixed(
                    "语法同 PostgreSQL;从示例改起最快",
                    "the grammar is that of PostgreSQL; an example is a good beginning",
                ),
                place: found.or(place),
            }
        }
        DataFusionError::SchemaError(missing, _) => no_such_column(missing, place),
        DataFusionError::ResourcesExhausted(_) => {
            let most = limits.memory_mib;
            too_much(
                format!("查询需要的内存超过 {most} MiB"),
                format!("the question needs more than {most} MiB of memory"),
            )
        }
        DataFusionError::External(error) => failed(error.as_ref()),
        DataFusionError::Internal(_) | DataFusionError::IoError(_) => failed(error),
        other => {
            let what = plain(other);
            let cure = if what.contains("table '") && what.contains("not found") {
                Text::fixed(
                    "表名见 SHOW TABLES 或 /sql 页",
                    "SHOW TABLES and the page /sql name the tables",
                )
            } else if what.contains("Invalid function") {
                Text::fixed(
                    "函数见 /sql 页;标准函数如 aqi_day、air_index",
                    "the page /sql names the functions of the standards, like aqi_day or air_index",
                )
            } else {
                Text::default()
            };
            Trouble { kind: TroubleKind::Wrong, what: Text::plain(what), cure, place }
        }
    }
}

/// Longer than a question may take.
pub(crate) fn too_long(limits: Limits) -> Trouble {
    let most = limits.seconds;
    too_much(
        format!("查询超过 {most} 秒,已停止"),
        format!("the question took longer than {most} seconds and was stopped"),
    )
}

/// More rows than an answer may have.
pub(crate) fn too_many(most: usize) -> Trouble {
    too_much(format!("结果超过 {most} 行"), format!("the answer has more than {most} rows"))
}

fn too_much(zh: String, en: String) -> Trouble {
    Trouble {
        kind: TroubleKind::TooMuch,
        what: Text::new(zh, en),
        cure: Text::fixed(
            "请缩小点位、因子与时间范围,或先汇总、加 LIMIT;上限见设置 sql.*",
            "narrow points, factors and time, aggregate first, or add LIMIT; the limits are the \
             settings sql.*",
        ),
        place: None,
    }
}

/// Too many ask at once.
pub(crate) fn busy(limits: Limits) -> Trouble {
    let most = limits.at_once;
    Trouble {
        kind: TroubleKind::Busy,
        what: Text::new(
            format!("已有 {most} 个查询在执行"),
            format!("{most} questions are being answered already"),
        ),
        cure: Text::fixed("请稍后再试", "try again in a moment"),
        place: None,
    }
}

/// The installation failed; the cause goes to the log.
pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Trouble {
    tracing::error!(error = store::with_causes(error), "a question in SQL failed");
    Trouble {
        kind: TroubleKind::Failed,
        what: Text::fixed("查询未能执行,原因已记入日志", "the question failed; the log says why"),
        cure: Text::fixed("请稍后再试", "try again in a moment"),
        place: None,
    }
}

fn no_such_column(missing: &SchemaError, place: Option<(u32, u32)>) -> Trouble {
    match missing {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let known: Vec<String> =
                valid_fields.iter().map(|field| field.name.clone()).take(40).collect();
            let known = known.join(", ");
            Trouble {
                kind: TroubleKind::Wrong,
                what: Text::new(
                    format!("没有列 {}", field.flat_name()),
                    format!("there is no column {}", field.flat_name()),
                ),
                cure: if known.is_empty() {
                    Text::default()
                } else {
                    Text::new(
                        format!("此处的列有:{known};文本要用单引号"),
                        format!("the columns here are {known}; texts stand in single quotes"),
                    )
                },
                place,
            }
        }
        other => Trouble {
            kind: TroubleKind::Wrong,
            what: Text::plain(other),
            cure: Text::default(),
            place,
        },
    }
}

/// The words of an error without what stands before them for programmers.
fn plain(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    let words =
        ["Error during planning: ", "Execution error: ", "This feature is not implemented: "];
    let text = words.iter().fold(text.as_str(), |text, word| text.trim_start_matches(word));
    text.replace("lucid.public.", "").replace("datafusion.public.", "")
}

fn placed(error: &DataFusionError) -> Option<(u32, u32)> {
    let start = error.diagnostic()?.span?.start;
    Some((u32::try_from(start.line).ok()?, u32::try_from(start.column).ok()?))
}

/// A message without the place at its end, and the place.
fn without_place(text: &str) -> (String, Option<(u32, u32)>) {
    let Some((what, place)) = text.rsplit_once(" at Line: ") else {
        return (text.to_owned(), None);
    };
    let numbers = place.split_once(", Column: ");
    let read = |text: &str| text.trim().parse().ok();
    let place = numbers.and_then(|(line, column)| Some((read(line)?, read(column)?)));
    (what.to_owned(), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_off_the_message() {
        let text = "Expected: an expression, found: FROM at Line: 2, Column: 8";
        let expected = ("Expected: an expression, found: FROM".to_owned(), Some((2, 8)));
        assert_eq!(without_place(text), expected);
        assert_eq!(without_place("no place"), ("no place".to_owned(), None));
    }
}
