//! The page of backups.

use authority::Action;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};
use web::components::{self, Column, Table};
use web::{Allowed, AppState, Page, Problem, Reader};

use super::{Backups, Standing};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/operator/backups", get(page))
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    allowed: Allowed,
) -> Result<Markup, Problem> {
    allowed.to(Action::ReadOperations)?;
    let content = if let Some(backups) = state.handle::<Backups>() {
        shown(&reader, &backups.standing(), (state.clock)())
    } else {
        components::empty(
            reader.pick("未设置定时备份", "No backup is made by the clock"),
            reader.pick(
                "在配置文件中写明 backup.folder(最好在另一块磁盘上),服务器即按 backup.every 备份; \
                 也可由系统的定时任务运行 lucid backup。",
                "Name a folder by backup.folder, best on another disk, and the server makes a \
                 backup as often as backup.every says; or let a timer of the system run \
                 `lucid backup`.",
            ),
        )
    };
    let page = Page::new(reader.pick("备份", "Backups"))
        .under("/operator", reader.pick("运维", "Operations"));
    Ok(page.render(&state, &reader, content))
}

fn shown(reader: &Reader, standing: &Standing, now: Timestamp) -> Markup {
    let newest = standing.kept.first();
    html! {
        @if let Some((at, why)) = &standing.failure {
            (components::error_box(
                reader.pick("上次备份失败", "The last backup failed"),
                &format!("{}: {why}", web::local_minute(*at)),
            ))
        }
        (components::section("standing", reader.pick("现状", "How they stand"), html! {
            (components::definition_list(&facts(reader, standing, now)))
        }))
        (components::section("kept", reader.pick("保留的备份", "Backups that are kept"), html! {
            @if newest.is_none() {
                (components::empty(
                    reader.pick("还没有备份", "There is none yet"),
                    reader.pick("第一份正在或即将生成。", "The first one is made now or soon.")))
            } @else { (list(reader, standing).render()) }
        }))
        p class="hint" {
            (reader.pick(
                "密钥与举报人信息也在备份中,请妥善保管。恢复:lucid restore 文件 --data 新目录。",
                "Keys and who reported are in the backups as well: keep them to yourselves. To \
                 restore one: lucid restore FILE --data NEW_FOLDER.",
            ))
        }
    }
}

fn facts(reader: &Reader, standing: &Standing, now: Timestamp) -> Vec<(String, Markup)> {
    let (every, (days, weeks, months)) = (standing.every_hours, standing.keep);
    let rule = (
        format!("每 {every} 小时;保留最近 {days} 天、{weeks} 周、{months} 个月各自最新的一份"),
        format!(
            "every {every} hours; the newest of each of {days} days, {weeks} weeks and {months} \
             months is kept"
        ),
    );
    let age = match standing.kept.first() {
        Some(newest) => {
            let age = web::duration(now.duration_since(newest.made_at), reader.language);
            (format!("{age}前"), format!("{age} ago"))
        }
        None => ("无".to_owned(), "none".to_owned()),
    };
    let mut facts = vec![
        (reader.pick("目录", "Folder").to_owned(), html! { code { (standing.folder) } }),
        (reader.pick("规则", "Rule").to_owned(), html! { (reader.pick(&rule.0, &rule.1)) }),
        (
            reader.pick("最近一次成功", "Last good one").to_owned(),
            html! { (reader.pick(&age.0, &age.1)) },
        ),
    ];
    if let Some(since) = standing.running_since {
        facts.push((
            reader.pick("正在备份,开始于", "Being made since").to_owned(),
            components::moment(since),
        ));
    } else if let Some(next) = standing.next_at {
        facts.push((reader.pick("下一次", "Next").to_owned(), components::moment(next)));
    }
    facts
}

fn list(reader: &Reader, standing: &Standing) -> Table {
    let mut table = Table::new(
        reader.pick("最新的在前", "The newest first"),
        vec![
            Column::words(reader.pick("状态时刻", "State of")),
            Column::words(reader.pick("文件", "File")),
            Column::numbers(reader.pick("行", "Rows")),
            Column::numbers(reader.pick("行文件 MB", "MB of rows")),
            Column::numbers(reader.pick("其他文件", "Other files")),
            Column::numbers(reader.pick("其他文件 MB", "MB of these")),
            Column::words(reader.pick("程序版本", "Made by")),
        ],
    );
    for one in &standing.kept {
        table.row(vec![
            components::moment(one.made_at),
            html! { code { (one.name) } },
            html! { (one.rows) },
            html! { (megabytes(one.bytes)) },
            html! { (one.files) },
            html! { (megabytes(one.file_bytes)) },
            html! { "lucid " (one.program) },
        ]);
    }
    table
}

/// Megabytes with one digit.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::megabytes;

    #[test]
    fn a_size_is_never_shown_smaller_than_it_is() {
        assert_eq!(megabytes(0), "0.0");
        assert_eq!(megabytes(1), "0.1");
        assert_eq!(megabytes(15 << 20), "15.0");
        assert_eq!(megabytes((1 << 20) + 1), "1.1");
    }
}
