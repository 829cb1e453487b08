//! What officers and enterprises do on a case's page.

use super::act::Tried;
use super::fields;
use super::list::{own_list, with};
use super::one::{again, find};
use super::people::number;
use crate::engine::{engine, refused};
use crate::form::Entered;
use authority::{Action, OrganisationId, UserId};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cases::{
    Act, Assignment, By, CaseError, CaseId, CaseView, Cases, Correction, EvidenceId, LinkKind,
    SeenAs, Upload, Viewer, Visibility,
};
use maud::html;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Who acts, and from where.
pub(super) fn by(signed_in: &SignedIn) -> By<'_> {
    By::Person { principal: signed_in.principal(), address: &signed_in.origin().address }
}

/// Back to a case, where what was done is told.
pub(super) fn back(id: CaseId, done: &str) -> Response {
    let to = format!("/cases/{}?done={done}", id.0);
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// A request about one case, by somebody who may do something of the kind somewhere.
pub(super) struct At {
    state: AppState,
    reader: Reader,
    signed_in: SignedIn,
    engine: std::sync::Arc<Cases>,
    id: CaseId,
}

impl At {
    pub(super) async fn of(
        state: AppState,
        reader: Reader,
        signed_in: SignedIn,
        id: &str,
        action: Action,
    ) -> Result<Self, Problem> {
        signed_in.scope(action)?;
        let engine = engine(&state)?;
        let id = find(&engine, id).await?;
        Ok(Self { state, reader, signed_in, engine, id })
    }

    fn by(&self) -> By<'_> {
        by(&self.signed_in)
    }

    async fn view(&self) -> Result<CaseView, Problem> {
        let viewer = Viewer::Person(self.signed_in.principal());
        self.engine.case(&viewer, self.id, self.state.now()).await.map_err(refused)
    }

    /// The page again with the reason, where the reason is one for the reader; else the problem.
    async fn refuse(
        &self,
        what: &str,
        entered: Entered,
        error: CaseError,
    ) -> Result<Response, Problem> {
        let told = match &error {
            CaseError::Unknown | CaseError::Denied(_) => None,
            CaseError::Evidence(evidence) => {
                evidence.text().map(|text| (text.zh.into_owned(), text.en.into_owned()))
            }
            other => other.texts(),
        };
        let problem = refused(error);
        match told {
            None => Err(problem),
            Some(told) => {
                let tried = Tried { what: what.to_owned(), entered, told };
                let status = problem.status();
                again(&self.state, &self.reader, &self.signed_in, self.id, tried, status).await
            }
        }
    }

    /// Keeps the files of a form.
    async fn attach(
        &self,
        entered: &Entered,
        visibility: Visibility,
    ) -> Result<Vec<EvidenceId>, CaseError> {
        let mut kept = Vec::new();
        for file in &entered.files {
            let upload = Upload { name: file.name.clone(), bytes: file.bytes.clone(), visibility };
            let now = self.state.now();
            kept.push(self.engine.attach(&self.by(), self.id, upload, now).await?);
        }
        Ok(kept)
    }
}

/// Takes a transition with the files that came along.
pub(super) async fn act(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ReadCase).await?;
    let view = at.view().await?;
    let transition = entered.text("transition").to_owned();
    match taken(&at, &view, &transition, &entered).await {
        Ok(taken) => Ok(back(at.id, if taken { "act" } else { "already" })),
        Err(Refused::Case(error)) => at.refuse(&transition, entered, *error).await,
        Err(Refused::Problem(problem)) => Err(problem),
    }
}

/// Why an act was not taken.
enum Refused {
    Case(Box<CaseError>),
    Problem(Problem),
}

impl From<CaseError> for Refused {
    fn from(error: CaseError) -> Self {
        Self::Case(Box::new(error))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn taken(
    at: &At,
    view: &CaseView,
    transition: &str,
    entered: &Entered,
) -> Result<bool, Refused> {
    let version = number("version", entered.text("version"))?.unwrap_or(view.case.version);
    let mut act = Act::new(transition, version);
    entered.text("note").clone_into(&mut act.note);
    act.unit = number("unit", entered.text("unit"))?.map(OrganisationId);
    act.assignee = number("assignee", entered.text("assignee"))?.map(UserId);
    if let Some(declared) = view.kind.transition(transition) {
        let takes = |id: &str| declared.takes_field(id);
        act.fields = fields::entered(&view.kind, entered, takes, &view.case.fields);
    }
    if let Some(other) = entered.some("link") {
        act.link = Some(at.engine.find(other).await?);
    }
    let who = at.signed_in.principal().user.map_or(0, |user| user.0);
    act.action_key = Some(format!("desk:{who}:{transition}:{version}"));
    // Nothing is kept for an act that cannot be taken any more.
    let is_current = version == view.case.version;
    let offered = view.offered.iter().find(|offered| offered.transition == transition);
    let may = is_current && offered.is_some_and(|offered| offered.refusal.is_none());
    if may {
        let visibility = declared_visibility(view, transition);
        act.evidence = at.attach(entered, visibility).await?;
    }
    Ok(at.engine.take(&at.by(), at.id, act, at.state.now()).await?.is_new)
}

/// Files that come with an act are seen by whoever sees the act.
fn declared_visibility(view: &CaseView, transition: &str) -> Visibility {
    let declared = view.kind.transition(transition);
    declared.map_or(Visibility::Internal, |declared| declared.visibility)
}

pub(super) async fn attach(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::CommentOnCase).await?;
    let view = at.view().await?;
    let visibility = match view.seen_as {
        SeenAs::Officer => {
            Visibility::parse(entered.text("visibility")).unwrap_or(Visibility::Internal)
        }
        _ => Visibility::Parties,
    };
    if entered.files.is_empty() {
        let (zh, en) = ("请选择文件", "choose a file");
        return Err(Problem::bad_request(zh, en));
    }
    match at.attach(&entered, visibility).await {
        Ok(_) => Ok(back(at.id, "attach")),
        Err(error) => at.refuse("attach", entered, error).await,
    }
}

pub(super) async fn comment(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::CommentOnCase).await?;
    let (text, is_public) = (entered.text("text").to_owned(), entered.is_ticked("public"));
    match at.engine.comment(&at.by(), at.id, &text, is_public, at.state.now()).await {
        Ok(()) => Ok(back(at.id, "comment")),
        Err(error) => at.refuse("comment", entered, error).await,
    }
}

/// What a form says of a unit, helping units and an officer.
fn assignment(pairs: &[(String, String)]) -> Result<Assignment, Problem> {
    let all = |name: &'static str| {
        pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    };
    let one = |name| all(name).next().unwrap_or_default();
    let assisting = all("assisting").map(|text| number("assisting", text));
    let assisting = assisting.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
    let assignee = match one("assignee") {
        "nobody" => Some(None),
        text => number("assignee", text)?.map(|id| Some(UserId(id))),
    };
    Ok(Assignment {
        unit: number("unit", one("unit"))?.map(OrganisationId),
        assisting: (one("has_assisting") == "yes" || !assisting.is_empty())
            .then(|| assisting.into_iter().map(OrganisationId).collect()),
        assignee,
    })
}

pub(super) async fn assign(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::AssignCase).await?;
    let to = assignment(&pairs)?;
    match at.engine.assign(&at.by(), at.id, to, at.state.now()).await {
        Ok(()) => Ok(back(at.id, "assign")),
        Err(error) => at.refuse("assign", Entered::default(), error).await,
    }
}

/// Says where a case lies and which enterprise it concerns.
pub(super) async fn correct(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ActOnCase).await?;
    let enterprise = entered.some("enterprise").map(str::to_owned);
    let snapshot = at.state.snapshot();
    let is_known = |code: &String| snapshot.enterprise_by_code(code).is_some();
    if enterprise.as_ref().is_some_and(|code| !is_known(code)) {
        return Err(Problem::bad_request(
            "没有这个企业编码,请从列表中选择",
            "there is no enterprise with this code; choose one of the list",
        ));
    }
    let to = Correction {
        division: entered.some("division").map(str::to_owned),
        enterprise: Some(enterprise),
    };
    match at.engine.correct(&at.by(), at.id, to, at.state.now()).await {
        Ok(()) => Ok(back(at.id, "correct")),
        Err(error) => at.refuse("correct", entered, error).await,
    }
}

/// Gives the ticked cases of a work list to somebody.
pub(super) async fn assign_many(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::AssignCase)?;
    let list = pairs.iter().find(|(name, _)| name == "back");
    let list = own_list(list.map_or("", |(_, value)| value));
    let ticked = pairs.iter().filter(|(name, _)| name == "case");
    let ids = ticked.map(|(_, value)| number("case", value));
    let ids = ids.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
    let to = assignment(&pairs)?;
    if ids.is_empty() || to == Assignment::default() {
        return Err(Problem::bad_request(
            "请先勾选事项,并选择单位或承办人",
            "tick cases first, and choose a unit or an officer",
        ));
    }
    let ids: Vec<_> = ids.into_iter().map(CaseId).collect();
    let engine = engine(&state)?;
    let done = engine.bulk_assign(&by(&signed_in), &ids, to, state.now()).await;
    let given = done.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    if given == done.len() {
        let to = with(&list, "assigned", &given.to_string());
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
    }
    Ok(partly(&state, &reader, &list, given, done).into_response())
}

/// Says which cases were not given, each with its reason.
fn partly(
    state: &AppState,
    reader: &Reader,
    list: &str,
    given: usize,
    done: Vec<(CaseId, Result<(), CaseError>)>,
) -> (StatusCode, maud::Markup) {
    let failed = done.into_iter().filter_map(|(id, outcome)| Some((id, outcome.err()?)));
    let failed: Vec<_> = failed.map(|(id, error)| (id, refused(error))).collect();
    let content = html! {
        (components::notice("warning", html! {
            p {
                @match reader.language {
                    web::Language::Chinese => {
                        "已派办 " (given) " 件," (failed.len()) " 件没有派办:"
                    }
                    web::Language::English => {
                        (given) " were given, " (failed.len()) " were not:"
                    }
                }
            }
        }))
        ul {
            @for (id, problem) in &failed {
                @let (zh, en) = problem.texts();
                li {
                    a href={ "/cases/" (id.0) } { "#" (id.0) } " — "
                    (reader.pick(zh, en))
                }
            }
        }
        p { a class="button" href=(list) { (reader.pick("回到清单", "Back to the list")) } }
    };
    let page = Page::new(reader.pick("批量派办", "Giving cases"))
        .under("/cases", reader.pick("事项", "Cases"));
    (StatusCode::CONFLICT, page.render(state, reader, content))
}

pub(super) async fn link(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ActOnCase).await?;
    let kind = LinkKind::parse(entered.text("kind"));
    let Some(kind) = kind.filter(|kind| *kind != LinkKind::MergedInto) else {
        return Err(Problem::bad_request(
            "请选择关系:起因于、后续于;合并在“疑似重复件”里办理",
            "choose caused_by or follows; merging is done beside the duplicates",
        ));
    };
    let linked = async {
        let other = at.engine.find(entered.text("other")).await?;
        at.engine.link(&at.by(), at.id, kind, other, at.state.now()).await
    };
    match linked.await {
        Ok(()) => Ok(back(at.id, "link")),
        // A number that is not there is the reader's to mend.
        Err(CaseError::Unknown) => {
            let told = (
                "没有这个编号的事项,或您无权查看".to_owned(),
                "there is no case with that number for you".to_owned(),
            );
            let tried = Tried { what: "link".into(), entered, told };
            let (state, reader, signed_in) = (&at.state, &at.reader, &at.signed_in);
            again(state, reader, signed_in, at.id, tried, StatusCode::BAD_REQUEST).await
        }
        Err(error) => at.refuse("link", entered, error).await,
    }
}

/// Merges this case into another, or another into this one.
pub(super) async fn merge(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ActOnCase).await?;
    let other = find(&at.engine, entered.text("other")).await?;
    let (duplicate, into) = match entered.text("direction") {
        "into_other" => (at.id, other),
        "into_this" => (other, at.id),
        _ => return Err(Problem::bad_request("请选择合并方向", "say which goes into which")),
    };
    match at.engine.merge(&at.by(), duplicate, into, at.state.now()).await {
        Ok(()) => Ok(back(into, "merge")),
        Err(error) => at.refuse("merge", entered, error).await,
    }
}

pub(super) async fn watch(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ReadCase).await?;
    let is_watched = entered.text("watch") != "no";
    let principal = at.signed_in.principal();
    at.engine.watch(principal, at.id, is_watched, at.state.now()).await.map_err(refused)?;
    Ok(back(at.id, if is_watched { "watch" } else { "unwatch" }))
}

pub(super) async fn claim(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<Response, Problem> {
    let at = At::of(state, reader, signed_in, &id, Action::ActOnCase).await?;
    match at.engine.claim(&at.by(), at.id, entered.text("code"), at.state.now()).await {
        Ok(()) => Ok(back(at.id, "claim")),
        // The code itself is not shown again.
        Err(error) => at.refuse("claim", Entered::default(), error).await,
    }
}
