//! What a citizen takes away: the number and the code, shown once, ready to be printed.

use super::photos::{Refused, told};
use cases::Opened;
use maud::{Markup, html};
use web::{AppState, Page, Reader, components};

pub(super) fn page(
    state: &AppState,
    reader: &Reader,
    opened: &Opened,
    not_taken: &[Refused],
) -> Markup {
    let title = reader.pick("已收到您的举报", "Your report has arrived");
    let content = html! {
        (told(reader, not_taken))
        (codes(reader, opened))
        div class="row" {
            a class="button primary" href={ "/report/follow?number=" (opened.number) } {
                (reader.pick("查看进展", "Follow it"))
            }
            button class="secondary" type="button" data-action="print" hidden {
                (reader.pick("打印", "Print"))
            }
        }
    };
    Page::new(title)
        .under("/report", reader.pick("我要举报", "Report"))
        .render(state, reader, content)
}

/// The number and the code.
pub(super) fn codes(reader: &Reader, opened: &Opened) -> Markup {
    components::section(
        "receipt",
        reader.pick("请记下或打印", "Write this down or print it"),
        html! {
            dl class="receipt" {
                div {
                    dt { (reader.pick("编号", "Number")) }
                    dd id="number" { (opened.number) }
                }
                @if let Some(code) = &opened.follow_code {
                    div {
                        dt { (reader.pick("查询码", "Code to follow it")) }
                        dd id="follow-code" { (code) }
                    }
                }
            }
            p class="hint" {
                (reader.pick(
                    "查询码只显示这一次。凭编号和查询码可以查看进展、补充照片、评价和申请复查。",
                    "The code is shown this once. With number and code you see how it goes, add \
                     photos, rate the result and ask for a review."))
            }
        },
    )
}
