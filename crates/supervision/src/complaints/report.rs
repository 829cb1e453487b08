//! The citizen's report: made for a phone, whole without scripts, no name needed.

use super::{fields, kind, photos, receipt};
use crate::citizen::{citizen_fields, note_real_name};
use crate::engine::{engine, refused};
use crate::form::{Entered, once_key, with_files};
use crate::place::{division_of, in_force, place_of};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use caseflow::CaseKind;
use cases::{By, CaseError, Channel, NewCase, Reporter};
use maud::{Markup, html};
use web::{AppState, Page, Problem, Reader, Visitor};

/// Reports of one address in a minute; behind one address there may be a whole village.
const REPORTS_A_MINUTE: u32 = 20;
const REPORTS: &str = "report";
/// The longest text, in letters.
const TEXT_MAX: usize = 4000;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/report", get(form).post(taken).layer(with_files()))
}

async fn form(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let cases = engine(&state)?;
    form_page(&state, &reader, kind(&cases)?, &Entered::default(), None)
}

/// The form, with what was entered before and what was wrong with it.
fn form_page(
    state: &AppState,
    reader: &Reader,
    kind: &CaseKind,
    entered: &Entered,
    wrong: Option<&str>,
) -> Result<Markup, Problem> {
    let key = match entered.some("key") {
        Some(key) => key.to_owned(),
        None => once_key()?,
    };
    let content = html! {
        p class="words" {
            (reader.pick(
                "无需注册,可以匿名。提交后会得到编号和查询码,用来查看由谁办理、何时答复。",
                "No account, no name needed. You get a number and a code with which you see who \
                 works on it and until when you will hear."))
            " " a href="/report/follow" { (reader.pick("查看我的举报", "Follow my report")) }
        }
        @if let Some(wrong) = wrong {
            div class="notice notice-error" role="alert" {
                p { (wrong) }
                p { (reader.pick("其余内容已保留;照片请重新选择。",
                    "The rest is kept; please choose the photos again.")) }
            }
        }
        form class="report-form" method="post" action="/report" enctype="multipart/form-data" {
            input type="hidden" name="key" value=(key);
            (photo_question(reader))
            @for (field, must) in citizen_fields(kind).filter(|(_, must)| *must) {
                (fields::question(reader, field, must, entered))
            }
            (place_question(state, reader, entered))
            div class="question" {
                label for="text" { (reader.pick("说说情况", "What is it like")) " *" }
                p class="hint" { (reader.pick("例如:什么时候开始、多久一次、什么气味或颜色。",
                    "Since when, how often, what smell or colour.")) }
                textarea id="text" name="text" rows="4" required maxlength=(TEXT_MAX) {
                    (entered.text("text"))
                }
            }
            (contact_question(reader, entered))
            @for (field, must) in citizen_fields(kind).filter(|(_, must)| !*must) {
                (fields::question(reader, field, must, entered))
            }
            button type="submit" { (reader.pick("提交举报", "Send the report")) }
        }
    };
    let title = reader.pick("我要举报", "Report pollution");
    Ok(Page::new(title).render(state, reader, content))
}

fn photo_question(reader: &Reader) -> Markup {
    const PICTURES: &str = "image/jpeg,image/png,image/webp";
    html! {
        div class="question" {
            label for="camera" { (reader.pick("拍照", "Take a photo")) }
            input id="camera" type="file" name="photo" accept=(PICTURES) capture="environment"
                multiple data-preview;
        }
        div class="question" {
            label for="album" { (reader.pick("或从相册选择", "Or choose some")) }
            input id="album" type="file" name="photo" accept={ (PICTURES) ",video/mp4" } multiple
                data-preview;
            p class="hint" { (reader.pick(
                "照片中的拍摄位置只供办理人员核实,不会公开。",
                "Where a photo was taken is for the officers alone; it is never published.")) }
        }
    }
}

fn place_question(state: &AppState, reader: &Reader, entered: &Entered) -> Markup {
    let snapshot = state.snapshot();
    let chosen = entered.text("division");
    html! {
        fieldset class="question" {
            legend { (reader.pick("在哪里", "Where")) }
            div class="row" {
                button type="button" class="secondary" data-action="locate" hidden {
                    (reader.pick("用我的位置", "Use my position"))
                }
            }
            (map(reader, entered))
            label for="address" { (reader.pick("地址或标志物", "Address or landmark")) }
            input id="address" name="address" maxlength="200" autocomplete="off"
                value=(entered.text("address"));
            label for="division" { (reader.pick("县(市、区)", "County or district")) }
            select id="division" name="division" {
                option value="" { (reader.pick("按位置判断,或不清楚", "by the place, or not sure")) }
                @for row in in_force(&snapshot) {
                    @if row.parent.is_some() {
                        option value=(row.code) selected[row.code == chosen] {
                            (reader.name(&row.name))
                        }
                    }
                }
            }
        }
    }
}

/// The map on which a place is tapped, with the fields that it fills.
pub(super) fn map(reader: &Reader, entered: &Entered) -> Markup {
    html! {
        figure class="island island-map" data-island="place"
            data-label=(reader.pick("点选位置的地图", "Map to tap the place on")) {
            p class="island-loading" {
                (reader.pick("可在地图上点选位置;没有地图时请填写地址。",
                    "Tap the place on the map; without one, type the address."))
            }
        }
        input type="hidden" name="longitude" value=(entered.text("longitude"));
        input type="hidden" name="latitude" value=(entered.text("latitude"));
    }
}

fn contact_question(reader: &Reader, entered: &Entered) -> Markup {
    html! {
        fieldset class="question" {
            legend { (reader.pick("联系方式(可不填)", "How to reach you (may stay empty)")) }
            p class="hint" { (reader.pick(
                "不填即为匿名。填写的内容加密保存,被举报单位看不到。",
                "Empty means anonymous. What you write is sealed; the enterprise never sees it.")) }
            label for="name" { (reader.pick("称呼", "Name")) }
            input id="name" name="name" maxlength="80" autocomplete="name"
                value=(entered.text("name"));
            label for="phone" { (reader.pick("电话", "Phone")) }
            input id="phone" name="phone" type="tel" maxlength="40" autocomplete="tel"
                value=(entered.text("phone"));
        }
    }
}

async fn taken(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    mut entered: Entered,
) -> Result<Response, Problem> {
    let cases = engine(&state)?;
    let (now, address) = (state.now(), visitor.origin.address.as_str());
    state.throttle.check(REPORTS, address, REPORTS_A_MINUTE, now)?;
    let kind = kind(&cases)?;
    let again = |wrong: &str| {
        let page = form_page(&state, &reader, kind, &entered, Some(wrong))?;
        Ok((StatusCode::BAD_REQUEST, page).into_response())
    };
    if entered.text("text").is_empty() {
        return again(reader.pick("请说说情况。", "Please say what it is like."));
    }
    let is_phone = visitor.origin.agent.contains("Mobi");
    let channel = if is_phone { Channel::Phone } else { Channel::Web };
    let new = new_case(&state, kind, &entered, channel).await?;
    let opened = match cases.open_case(&By::Anonymous { address }, new, now).await {
        Ok(opened) => opened,
        Err(CaseError::Refused(refusal)) => return again(reader.text(&refusal.what)),
        Err(CaseError::Input(text)) => return again(reader.text(&text)),
        Err(error) => return Err(refused(error)),
    };
    state.throttle.count(REPORTS, address, now);
    let by = By::Reporter { case: opened.id, address };
    let files = std::mem::take(&mut entered.files);
    let not_taken = photos::attach(&cases, &by, opened.id, files, now).await;
    let page = receipt::page(&state, &reader, &opened, &not_taken);
    Ok((StatusCode::CREATED, page).into_response())
}

/// The case that was entered.
pub(super) async fn new_case(
    state: &AppState,
    kind: &CaseKind,
    entered: &Entered,
    channel: Channel,
) -> Result<NewCase, Problem> {
    let text: String = entered.text("text").chars().take(TEXT_MAX).collect();
    let address: String = entered.text("address").chars().take(200).collect();
    let place = place_of(entered.text("longitude"), entered.text("latitude"), &address)?;
    let division = division_of(state, entered.text("division"), place.as_ref()).await?;
    let mut new = NewCase::new(&*kind.id, division, channel);
    new.title = entered.text("title").to_owned();
    // An address without a point on the map is kept with the words.
    new.text = match (&place, address.is_empty()) {
        (None, false) => format!("{text}\n地点: {address}"),
        _ => text,
    };
    new.place = place;
    new.fields = fields::values(kind, entered);
    let short = |name: &str| entered.text(name).chars().take(80).collect::<String>();
    new.reporter = Some(Reporter {
        name: short("name"),
        phone: short("phone"),
        email: short("email"),
        address: short("reporter_address"),
    })
    .filter(|reporter| !reporter.is_empty());
    note_real_name(kind, &mut new.fields, new.reporter.as_ref());
    // A key of somebody's own choosing opens nothing of others: it must be long to be taken.
    new.origin_key = entered.some("key").filter(|key| key.len() >= 32).map(str::to_owned);
    Ok(new)
}
