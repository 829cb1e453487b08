//! A citizen follows their report by number and code: how far it is in plain words, who has it,
//! until when; they add photos, rate the result, ask for a review.

use super::photos;
use crate::cases::lamp;
use crate::engine::{engine, refused};
use crate::form::{Entered, with_files};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::{By, CaseError, CaseId, Cases, Event, EventKind, EvidenceView, Progress, Viewer};
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, status_badge};
use web::{AppState, Page, Problem, Reader, Visitor};

/// Wrong codes of one address in a minute.
const WRONG_A_MINUTE: u32 = 20;
const WRONG: &str = "wrong follow code";
/// Small pictures shown on the page.
const PICTURES_MAX: usize = 9;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/report/follow", get(form).post(follow))
        .route("/report/follow/rate", post(rate))
        .route("/report/follow/review", post(review))
        .route("/report/follow/photo", post(photo).layer(with_files()))
}

#[derive(Deserialize)]
struct Asked {
    number: Option<String>,
}

async fn form(State(state): State<AppState>, reader: Reader, Query(asked): Query<Asked>) -> Markup {
    form_page(&state, &reader, asked.number.as_deref().unwrap_or_default(), None)
}

fn form_page(state: &AppState, reader: &Reader, number: &str, wrong: Option<&str>) -> Markup {
    let content = html! {
        form class="card narrow" method="post" action="/report/follow" {
            @if let Some(wrong) = wrong {
                p class="notice notice-error" role="alert" id="follow-error" { (wrong) }
            }
            label for="number" { (reader.pick("编号", "Number")) }
            input id="number" name="number" value=(number) required autocomplete="off"
                autocapitalize="characters" spellcheck="false" placeholder="TS-2026-000123"
                aria-describedby=[wrong.is_some().then_some("follow-error")];
            label for="code" { (reader.pick("查询码", "Code")) }
            input id="code" name="code" required autocomplete="off" autocapitalize="characters"
                spellcheck="false";
            button type="submit" { (reader.pick("查看进展", "See how it goes")) }
        }
    };
    let title = reader.pick("查看我的举报", "Follow my report");
    under(title).render(state, reader, content)
}

fn under(title: &str) -> Page {
    Page::new(title)
}

/// A number and its code, as they were entered.
struct Pair {
    number: String,
    code: String,
}

impl Pair {
    fn of(entered: &Entered) -> Self {
        let number = entered.text("number").to_uppercase();
        Self { number, code: entered.text("code").to_owned() }
    }

    fn both(&self) -> (&str, &str) {
        (&self.number, &self.code)
    }
}

/// Someone who shows a number and its code.
struct Follower<'a> {
    state: &'a AppState,
    reader: &'a Reader,
    cases: &'a Cases,
    address: &'a str,
    pair: Pair,
}

impl Follower<'_> {
    /// Counts wrong codes, so that nobody tries them all.
    fn check(&self) -> Result<(), Problem> {
        let now = self.state.now();
        self.state.throttle.check(WRONG, self.address, WRONG_A_MINUTE, now)
    }

    /// What the engine refused: the form again for a wrong code, else the page with the reason.
    async fn turned_down(&self, error: CaseError) -> Result<Response, Problem> {
        let reader = self.reader;
        if matches!(error, CaseError::WrongCode | CaseError::Unknown) {
            self.state.throttle.count(WRONG, self.address, self.state.now());
            let wrong = reader.pick(
                "编号与查询码不符,请核对后再试。",
                "The number and the code do not belong together; compare them with your receipt.",
            );
            let page = form_page(self.state, reader, &self.pair.number, Some(wrong));
            return Ok(private((StatusCode::FORBIDDEN, page).into_response()));
        }
        let Some((zh, en)) = error.texts() else { return Err(refused(error)) };
        let told = components::notice("error", html! { p { (reader.pick(&zh, &en)) } });
        let page = self.page(told).await?;
        Ok(private((StatusCode::BAD_REQUEST, page).into_response()))
    }

    /// The page, with a word about what was just done.
    async fn page(&self, told: Markup) -> Result<Markup, Problem> {
        let (number, code) = self.pair.both();
        let progress = self.cases.track(number, code, self.state.now()).await.map_err(refused)?;
        let pictures = pictures(self.cases, &progress).await;
        let unit = self.unit(&progress).await?;
        let reader = self.reader;
        let content = html! {
            (told)
            (standing(reader, &progress, unit.as_deref()))
            (components::section("steps", reader.pick("办理过程", "What happened"),
                steps(reader, &progress.steps)))
            (rating(reader, &self.pair, &progress))
            (review_form(reader, &self.pair, &progress))
            (components::section("own", reader.pick("您反映的内容", "What you reported"), html! {
                p class="reply-text" { (progress.text) }
                (picture_list(&pictures))
                (photo_form(reader, &self.pair, &progress))
            }))
            (reward(reader, &progress))
        };
        let title = reader.pick("举报进展", "How your report goes");
        Ok(Page::new(title)
            .under("/report/follow", reader.pick("查看我的举报", "Follow my report"))
            .render(self.state, reader, content))
    }

    /// Who has it now.
    async fn unit(&self, progress: &Progress) -> Result<Option<String>, Problem> {
        let read = async |id: CaseId| {
            let view = self.cases.case(&Viewer::Reporter(id), id, self.state.now()).await;
            view.map(|view| view.case).map_err(refused)
        };
        let mut case = read(progress.id).await?;
        if let Some(main) = case.merged_into {
            case = read(main).await?;
        }
        let Some(unit) = case.responsible else { return Ok(None) };
        let all = self.state.authority.organisations().await?;
        let found = all.into_iter().find(|one| one.id == unit);
        Ok(found.map(|one| match self.reader.pick("zh", "en") {
            "en" if !one.name_en.is_empty() => one.name_en,
            _ => one.name_zh,
        }))
    }
}

/// Nobody keeps a page that a code has opened.
fn private(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

async fn follow(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    entered: Entered,
) -> Result<Response, Problem> {
    let cases = engine(&state)?;
    let follower = follower(&state, &reader, &cases, &visitor, &entered);
    follower.check()?;
    let (number, code) = follower.pair.both();
    match cases.track(number, code, state.now()).await {
        Ok(_) => Ok(private(follower.page(html! {}).await?.into_response())),
        Err(error) => follower.turned_down(error).await,
    }
}

fn follower<'a>(
    state: &'a AppState,
    reader: &'a Reader,
    cases: &'a Cases,
    visitor: &'a Visitor,
    entered: &Entered,
) -> Follower<'a> {
    let address = visitor.origin.address.as_str();
    Follower { state, reader, cases, address, pair: Pair::of(entered) }
}

fn thanks(reader: &Reader, zh: &str, en: &str) -> Markup {
    components::notice("good", html! { p { (reader.pick(zh, en)) } })
}

async fn rate(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    entered: Entered,
) -> Result<Response, Problem> {
    let cases = engine(&state)?;
    let follower = follower(&state, &reader, &cases, &visitor, &entered);
    follower.check()?;
    let is_satisfied = match entered.text("satisfied") {
        "yes" => true,
        "no" => false,
        _ => return Err(Problem::bad_request("请选择满意或不满意", "choose satisfied or not")),
    };
    let (pair, words) = (follower.pair.both(), entered.text("words"));
    match cases.rate(pair, is_satisfied, words, follower.address, state.now()).await {
        Ok(()) => {
            let told = thanks(&reader, "感谢您的评价。", "Thank you for saying so.");
            Ok(private(follower.page(told).await?.into_response()))
        }
        Err(error) => follower.turned_down(error).await,
    }
}

async fn review(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    entered: Entered,
) -> Result<Response, Problem> {
    let cases = engine(&state)?;
    let follower = follower(&state, &reader, &cases, &visitor, &entered);
    follower.check()?;
    let (pair, words) = (follower.pair.both(), entered.text("words"));
    match cases.ask_review(pair, words, follower.address, state.now()).await {
        Ok(()) => {
            let told = thanks(
                &reader,
                "已提出复查申请,进展会显示在这里。",
                "The review is asked for; you see here how it goes.",
            );
            Ok(private(follower.page(told).await?.into_response()))
        }
        Err(error) => follower.turned_down(error).await,
    }
}

async fn photo(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    mut entered: Entered,
) -> Result<Response, Problem> {
    let cases = engine(&state)?;
    let follower = follower(&state, &reader, &cases, &visitor, &entered);
    follower.check()?;
    let (number, code) = follower.pair.both();
    let case = match cases.prove(number, code).await {
        Ok(case) => case,
        Err(error) => return follower.turned_down(error).await,
    };
    let by = By::Reporter { case, address: follower.address };
    let files = std::mem::take(&mut entered.files);
    let (count, now) = (files.len(), state.now());
    let not_taken = photos::attach(&cases, &by, case, files, now).await;
    let told = html! {
        (photos::told(&reader, &not_taken))
        @if count > not_taken.len() {
            (thanks(&reader, "已补充,办理人员会看到。", "Added; the officers see it."))
        }
    };
    Ok(private(follower.page(told).await?.into_response()))
}

fn standing(reader: &Reader, progress: &Progress, unit: Option<&str>) -> Markup {
    let tone = if progress.is_closed { "good" } else { "quiet" };
    let state = reader.text(&progress.state);
    let mut facts = vec![
        (reader.pick("编号", "Number").to_owned(), html! { code { (progress.number) } }),
        (reader.pick("收到时间", "Arrived").to_owned(), components::moment(progress.opened_at)),
    ];
    if let Some(unit) = unit {
        facts.push((reader.pick("现由谁办理", "Who has it now").to_owned(), html! { (unit) }));
    }
    if let Some(due) = progress.due_at {
        let words = reader.pick("最迟答复时间", "You hear until").to_owned();
        facts.push((words, html! { time datetime=(due.to_string()) { (lamp::end(due)) } }));
    }
    components::section(
        "standing",
        reader.text(&progress.kind),
        html! {
            p id="state" { (status_badge(tone, state)) }
            p { (reader.text(&progress.meaning)) }
            @if progress.is_merged {
                p { (reader.pick("与反映同一问题的其他举报一并办理,结果同样答复您。",
                    "It goes on together with others that tell of the same; you hear the result \
                     as they do.")) }
            }
            (components::definition_list(&facts))
        },
    )
}

fn steps(reader: &Reader, steps: &[Event]) -> Markup {
    html! {
        ol class="progress" {
            @for step in steps {
                li {
                    p { strong { (reader.text(&step.what)) } " " span class="muted" {
                        (components::moment(step.at))
                    } }
                    @if let Some(reply) = &step.reply {
                        p class="reply-text" { (reader.text(reply)) }
                    }
                    @if !step.note.is_empty() && step.kind != EventKind::Opened {
                        p class="reply-text" { (step.note) }
                    }
                }
            }
        }
    }
}

fn hidden(pair: &Pair) -> Markup {
    html! {
        input type="hidden" name="number" value=(pair.number);
        input type="hidden" name="code" value=(pair.code);
    }
}

fn rating(reader: &Reader, pair: &Pair, progress: &Progress) -> Markup {
    if let Some(is_satisfied) = progress.satisfied {
        let said = if is_satisfied {
            reader.pick("您评价:满意", "You said: satisfied")
        } else {
            reader.pick("您评价:不满意", "You said: not satisfied")
        };
        return components::section(
            "rating",
            reader.pick("评价", "Rating"),
            html! { p { (said) } },
        );
    }
    if !progress.may_rate {
        return html! {};
    }
    components::section(
        "rating",
        reader.pick("您对办理结果满意吗?", "Are you satisfied with the result?"),
        html! {
            form method="post" action="/report/follow/rate" {
                (hidden(pair))
                fieldset class="question" {
                    legend class="visually-hidden" { (reader.pick("评价", "Rating")) }
                    div class="big-choices" {
                        label class="big-choice" {
                            input type="radio" name="satisfied" value="yes" required;
                            span { (reader.pick("满意", "Satisfied")) }
                        }
                        label class="big-choice" {
                            input type="radio" name="satisfied" value="no" required;
                            span { (reader.pick("不满意", "Not satisfied")) }
                        }
                    }
                }
                div class="question" {
                    label for="rate-words" { (reader.pick("想说的话(可不填)", "In your words (may stay empty)")) }
                    textarea id="rate-words" name="words" rows="2" maxlength="1000" {}
                }
                button type="submit" { (reader.pick("提交评价", "Send")) }
            }
        },
    )
}

fn review_form(reader: &Reader, pair: &Pair, progress: &Progress) -> Markup {
    if !progress.may_ask_review {
        return html! {};
    }
    components::section(
        "review",
        reader.pick("申请复查", "Ask for a review"),
        html! {
            form method="post" action="/report/follow/review" {
                (hidden(pair))
                div class="question" {
                    label for="review-words" { (reader.pick("理由", "Why")) " *" }
                    textarea id="review-words" name="words" rows="3" required maxlength="1000" {}
                }
                button type="submit" class="secondary" { (reader.pick("申请复查", "Ask for a review")) }
            }
        },
    )
}

fn photo_form(reader: &Reader, pair: &Pair, progress: &Progress) -> Markup {
    html! {
        @if !progress.is_closed {
            form method="post" action="/report/follow/photo" enctype="multipart/form-data" {
                (hidden(pair))
                div class="question" {
                    label for="more" { (reader.pick("补充照片", "Add photos")) }
                    input id="more" type="file" name="photo" required multiple data-preview
                        accept="image/jpeg,image/png,image/webp,video/mp4";
                }
                button type="submit" class="secondary" { (reader.pick("补充", "Add")) }
            }
        }
    }
}

/// The code by which a reward is claimed without a name.
fn reward(reader: &Reader, progress: &Progress) -> Markup {
    let Some(code) = &progress.claim_code else { return html! {} };
    components::section(
        "reward",
        reader.pick("有奖举报", "Reward"),
        html! {
            @if progress.is_claimed {
                p { (reader.pick("领奖码已使用。", "The claim code has been used.")) }
            } @else {
                dl class="receipt" {
                    div {
                        dt { (reader.pick("领奖码", "Code to claim the reward")) }
                        dd id="claim-code" { (code) }
                    }
                }
                p class="hint" { (reader.pick(
                    "凭码领取,不需要姓名;不要把它告诉别人。",
                    "The code claims it without a name; tell nobody.")) }
            }
        },
    )
}

/// Small pictures within the page: nobody gets them by an address.
async fn pictures(cases: &Cases, progress: &Progress) -> Vec<(String, Option<String>)> {
    let viewer = Viewer::Reporter(progress.id);
    let mut all = Vec::new();
    for one in progress.evidence.iter().take(PICTURES_MAX) {
        all.push((one.name.clone(), picture(cases, &viewer, one).await));
    }
    all
}

async fn picture(cases: &Cases, viewer: &Viewer<'_>, one: &EvidenceView) -> Option<String> {
    if !one.has_thumbnail {
        return None;
    }
    let file = cases.evidence_file(viewer, one.id, cases::Form::Thumbnail).await.ok()?;
    Some(format!("data:{};base64,{}", file.media_type, STANDARD.encode(file.bytes)))
}

fn picture_list(pictures: &[(String, Option<String>)]) -> Markup {
    html! {
        @if !pictures.is_empty() {
            ul class="photo-strip" {
                @for (name, picture) in pictures {
                    li {
                        @if let Some(picture) = picture { img src=(picture) alt=(name); }
                        @else { (name) }
                    }
                }
            }
        }
    }
}
