//! The form by which a permit is brought, and what would change before it is accepted.

use super::super::PATH;
use super::{parts, versions};
use maud::{Markup, html};
use permits::{Fault, Kept, PermitDraft, diff, words};
use registry::Snapshot;
use web::components::{self, Column, Table};
use web::{AppState, Page, Reader};

/// What is known of a draft that was read.
pub(in crate::permits) struct Preview {
    pub(in crate::permits) draft: PermitDraft,
    /// What the permit says on the draft's first day; `None` for a new permit.
    pub(in crate::permits) before: Option<permits::PermitVersion>,
    /// Whether the draft says something new.
    pub(in crate::permits) is_new: bool,
    /// Whether approvals or quotas would change.
    pub(in crate::permits) has_new_background: bool,
    /// What is worth a look.
    pub(in crate::permits) notes: Vec<Fault>,
    /// The file, to be sent again.
    pub(in crate::permits) file: String,
}

/// The form.
pub(in crate::permits) fn form(state: &AppState, reader: &Reader, faults: &[Fault]) -> Markup {
    let content = html! {
        @if !faults.is_empty() { (wrong(reader, faults)) }
        p {
            (reader.pick(
                "一个文件是一张许可证的一个版本。上传后先显示与现有版本的不同,确认后才生效;有一处错误就整体不收。",
                "A file is one version of one permit. What would change is shown first and kept \
                 only after you accept it; with a single error nothing is taken."))
        }
        form class="filters" method="post" action={ (PATH) "/import" }
            enctype="multipart/form-data"
        {
            label {
                (reader.pick("许可证文件(.xlsx)", "Workbook (.xlsx)"))
                input type="file" name="file" required
                    accept=".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            }
            button type="submit" { (reader.pick("读取并预览", "Read and preview")) }
        }
        p {
            a href={ (PATH) "/template.xlsx" } {
                (reader.pick("下载空白模板", "Download the empty form"))
            }
            " · "
            (reader.pick("现有许可证可在其页面导出,改动后再导入。",
                "A permit that is here can be exported from its page, changed, and imported."))
        }
    };
    page(reader).render(state, reader, content)
}

fn page(reader: &Reader) -> Page {
    Page::new(reader.pick("导入许可证", "Import a permit"))
        .under(PATH, reader.pick("排污许可", "Discharge permits"))
}

fn wrong(reader: &Reader, faults: &[Fault]) -> Markup {
    html! {
        (components::notice("error", html! {
            p {
                strong {
                    (reader.pick("文件未导入,有 ", "Nothing was taken: ")) (faults.len())
                    (reader.pick(" 处需要更正。", " things to mend."))
                }
            }
        }))
        (list(reader, faults, reader.pick("需要更正", "To be mended")))
    }
}

fn list(reader: &Reader, faults: &[Fault], caption: &str) -> Markup {
    let mut table = Table::new(
        caption,
        vec![
            Column::words(reader.pick("位置", "Where")),
            Column::words(reader.pick("问题", "What")),
            Column::words(reader.pick("怎么办", "What to do")),
        ],
    );
    for fault in faults {
        table.row(vec![
            html! { (fault.place(reader.language)) },
            html! { (reader.text(&fault.what)) },
            html! { (reader.text(&fault.cure)) },
        ]);
    }
    table.render()
}

/// What would change.
pub(in crate::permits) fn preview(
    state: &AppState,
    reader: &Reader,
    snapshot: &Snapshot,
    preview: &Preview,
) -> Markup {
    let draft = &preview.draft;
    let holder = snapshot.enterprise_by_code(&draft.enterprise);
    let name = holder.map_or(draft.content.holder.as_str(), |it| reader.name(&it.name));
    let content = html! {
        (parts::confidence(reader, draft.content.confidence))
        p {
            strong { (name) } " · " code { (draft.number) } " · "
            (reader.pick("生效 ", "from ")) (draft.content.in_force_from) " · "
            (reader.text(&draft.content.reason.text()))
        }
        (verdict(reader, preview))
        @if preview.is_new {
            (components::section("changes", reader.pick("将会改变", "What would change"),
                changes(reader, snapshot, preview)))
        }
        @if !preview.notes.is_empty() {
            (components::section("notes", reader.pick("请核对", "Worth a look"),
                list(reader, &preview.notes, reader.pick("提示", "Notes"))))
        }
        @if preview.is_new || preview.has_new_background { (accept(reader, preview)) }
        p { a href={ (PATH) "/import" } { (reader.pick("换一个文件", "Another file")) } }
    };
    page(reader).render(state, reader, content)
}

fn verdict(reader: &Reader, preview: &Preview) -> Markup {
    let (tone, zh, en) = match (preview.is_new, &preview.before, preview.has_new_background) {
        (true, None, _) => ("note", "这是一张新的许可证。", "This is a new permit."),
        (true, Some(_), _) => (
            "note",
            "将产生一个新版本,原有版本保留。",
            "A new version would be kept; the older ones stay.",
        ),
        (false, _, true) => (
            "note",
            "许可证内容没有变化,仅更新环评批复或总量指标。",
            "The permit says the same; approvals or quotas would be replaced.",
        ),
        (false, _, false) => (
            "note",
            "内容与现有版本相同,无需导入。",
            "It says what is here already: nothing to import.",
        ),
    };
    components::notice(tone, html! { p { (reader.pick(zh, en)) } })
}

fn changes(reader: &Reader, snapshot: &Snapshot, preview: &Preview) -> Markup {
    let name = words::names(snapshot);
    let content = &preview.draft.content;
    if let Some(before) = &preview.before {
        return versions::table(reader, &diff(&before.content, content, &name));
    }
    html! {
        ul {
            li { (reader.pick("排放口", "Outlets")) ": " (content.outlets.len()) }
            li { (reader.pick("许可限值", "Limits")) ": " (content.limits.len()) }
            li { (reader.pick("许可排放量", "Amounts")) ": " (content.amounts.len()) }
            li { (reader.pick("义务", "Duties")) ": " (content.duties.len()) }
        }
    }
}

fn accept(reader: &Reader, preview: &Preview) -> Markup {
    html! {
        form class="filters" method="post" action={ (PATH) "/import/accept" } {
            input type="hidden" name="file" value=(preview.file);
            @if !preview.notes.is_empty() {
                label {
                    input type="checkbox" name="checked" value="yes" required;
                    " " (reader.pick("以上提示已与许可证核对", "I compared the notes with the permit"))
                }
            }
            button type="submit" { (reader.pick("确认导入", "Accept")) }
        }
        p class="hint" {
            (reader.pick(
                "确认后,自生效日起的限值用于自动监测数据判定;已有判定保留其依据,不因此改写。",
                "From its first day on, values are judged by these limits; what was judged before \
                 keeps its reasons and is not rewritten."))
        }
    }
}

/// What was kept, for the message after it.
pub(in crate::permits) fn kept_path(draft: &PermitDraft, kept: &Kept) -> String {
    let path = parts::path(&draft.number);
    kept.version.map_or_else(|| path.clone(), |version| format!("{path}?version={version}"))
}
