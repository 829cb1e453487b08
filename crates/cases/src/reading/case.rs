//! A case as somebody sees it: everything that they may not see is left out here, in one place.

use crate::clocks;
use crate::desk::File;
use crate::engine::Engine;
use crate::store::evidence::FileRow;
use crate::telling;
use crate::who::{Acting, Who};
use crate::{
    ActedAs, By, Case, CaseError, CaseId, CaseView, Cases, Event, EventKind, EvidenceFile,
    EvidenceId, EvidenceView, FieldShown, Form, Link, Offered, SeenAs, Viewer, sight, store,
};
use authority::{Action, Principal};
use caseflow::{CaseKind, Field, Owner, PublicView, Standing, Visibility};
use jiff::Timestamp;
use std::sync::Arc;

impl Cases {
    /// The case of a number, whoever asks: reading it is another question.
    ///
    /// # Errors
    /// When there is none or the store fails.
    pub async fn find(&self, number: &str) -> Result<CaseId, CaseError> {
        let number = number.trim().to_ascii_uppercase();
        store::files::by_number(&self.engine.store, &number).await?.ok_or(CaseError::Unknown)
    }

    /// A case as somebody sees it.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] when there is none for them.
    pub async fn case(
        &self,
        viewer: &Viewer<'_>,
        id: CaseId,
        now: Timestamp,
    ) -> Result<CaseView, CaseError> {
        let engine = &self.engine;
        let file = store::files::whole(&engine.store, id).await?.ok_or(CaseError::Unknown)?;
        let kind = Arc::clone(engine.kinds.of(file.case.declaration)?);
        let seen_as = seen_as(viewer, &file, &kind)?;
        let sight = Sight { seen_as, kind: &kind, file: &file };
        let events = store::events::of_case(&engine.store, id).await?;
        let (comments, timeline): (Vec<_>, Vec<_>) = events
            .into_iter()
            .filter_map(|event| sight.event(event))
            .partition(|event| event.kind == EventKind::Comment);
        let evidence = store::evidence::of_case(&engine.store, id).await?;
        let links = match seen_as {
            SeenAs::Officer => store::links::of_case(&engine.store, id).await?,
            _ => Vec::new(),
        };
        let (offered, is_watched) = match viewer {
            Viewer::Person(principal) => {
                engine.know_units(principal.organisation).await?;
                let offered = offered(engine, principal, &file, &kind, now);
                let watched = match principal.user {
                    Some(user) => store::links::is_watched(&engine.store, id, user).await?,
                    None => false,
                };
                (offered, watched)
            }
            _ => (Vec::new(), false),
        };
        Ok(CaseView {
            seen_as,
            state: state_name(&kind, &file.case),
            fields: sight.fields(),
            clocks: sight.clocks(now),
            timeline,
            comments,
            evidence: evidence.iter().filter_map(|row| sight.evidence(row)).collect(),
            links: self.readable(viewer, links).await?,
            offered,
            is_watched,
            case: sight.case(),
            kind,
        })
    }

    /// Of links, those whose other end the viewer may read.
    async fn readable(
        &self,
        viewer: &Viewer<'_>,
        links: Vec<Link>,
    ) -> Result<Vec<Link>, CaseError> {
        let ids: Vec<i64> = links.iter().map(|link| link.other.0).collect();
        if ids.is_empty() {
            return Ok(links);
        }
        let mut connection = self.engine.store.reader().acquire().await?;
        let files = store::files::by_ids(&mut connection, &ids).await?;
        let may_read = |id: CaseId| {
            let file = files.iter().find(|file| file.case.id == id)?;
            let kind = self.engine.kinds.of(file.case.declaration).ok()?;
            seen_as(viewer, file, kind).ok()
        };
        Ok(links.into_iter().filter(|link| may_read(link.other).is_some()).collect())
    }

    /// The transitions from the case's state, each with what hinders this person.
    pub fn may_take(&self, principal: &Principal, case: &Case) -> Vec<Offered> {
        let Ok(kind) = self.engine.kinds.of(case.declaration) else { return Vec::new() };
        let file = File {
            case: case.clone(),
            clocks: Vec::new(),
            last_act: crate::desk::LastAct::none(),
            next_at: clocks::NEVER,
            enterprise_sees: sight::enterprise_sees(case, kind),
            is_warned: false,
        };
        offered(&self.engine, principal, &file, kind, case.opened_at)
    }

    /// A file's content, by the rules of who may see it: an officer gets the original, all others
    /// a copy without hidden data, the enterprise nothing that the reporter sent.
    ///
    /// # Errors
    /// [`CaseError::Unknown`] when there is none for them.
    pub async fn evidence_file(
        &self,
        viewer: &Viewer<'_>,
        id: EvidenceId,
        form: Form,
    ) -> Result<EvidenceFile, CaseError> {
        let engine = &self.engine;
        let row = store::evidence::one(&engine.store, id).await?.ok_or(CaseError::Unknown)?;
        let file = store::files::whole(&engine.store, row.case).await?.ok_or(CaseError::Unknown)?;
        let kind = engine.kinds.of(file.case.declaration)?;
        let sight = Sight { seen_as: seen_as(viewer, &file, kind)?, kind, file: &file };
        let given = sight.given(&row).ok_or(CaseError::Unknown)?;
        let (digest, media_type) = match (form, given) {
            (Form::Thumbnail, _) => (row.thumbnail.ok_or(CaseError::Unknown)?, "image/jpeg"),
            (Form::Whole, Given::Original) => (row.digest, row.media_type.as_str()),
            (Form::Whole, Given::Copy) => {
                (row.public_copy.ok_or(CaseError::Unknown)?, "image/jpeg")
            }
        };
        let bytes = engine.evidence.read(digest).await?;
        Ok(EvidenceFile { name: row.name.clone(), media_type: media_type.to_owned(), bytes })
    }
}

/// As what a viewer sees a case.
pub(crate) fn seen_as(
    viewer: &Viewer<'_>,
    file: &File,
    kind: &CaseKind,
) -> Result<SeenAs, CaseError> {
    let is_published =
        file.case.published_at.is_some() && kind.public_view == PublicView::Anonymised;
    let seen = match viewer {
        Viewer::Person(principal) => sight::seen_as(principal, &file.case, kind),
        Viewer::Reporter(own) if *own == file.case.id => Some(SeenAs::Reporter),
        _ => None,
    };
    // What is published is seen by everybody, a stranger from another division among them.
    seen.or(is_published.then_some(SeenAs::Public)).ok_or(CaseError::Unknown)
}

/// The name of a case's state.
pub(crate) fn state_name(kind: &CaseKind, case: &Case) -> rulebook::Text {
    kind.state(&case.state)
        .map_or_else(|| rulebook::Text::plain(&case.state), |state| state.name.clone())
}

/// The transitions from the state of a case, each with what hinders a person.
fn offered(
    engine: &Engine,
    principal: &Principal,
    file: &File,
    kind: &CaseKind,
    now: Timestamp,
) -> Vec<Offered> {
    let by = By::Person { principal, address: "" };
    let who = Who::of(&by);
    let parent = |unit| engine.unit_above(Some(unit));
    let Ok(acting) = Acting::before(&who, file, kind, &|_| false, &parent) else {
        return Vec::new();
    };
    let clocks: Vec<_> = file
        .clocks
        .iter()
        .filter(|clock| clock.is_standing())
        .map(|clock| clock.standing(now))
        .collect();
    let standing = Standing {
        state: &file.case.state,
        fields: &file.case.fields,
        clocks: &clocks,
        doers: &file.case.doers,
    };
    let mut offered = Vec::new();
    for (transition, refusal) in caseflow::offered(kind, &standing, acting.actor()) {
        let is_allowed = Action::parse(&transition.by)
            .is_some_and(|action| acting.allowed(action, &file.case).is_ok());
        // Without the action in general it is no button of theirs, whatever else hinders.
        if is_allowed || refusal.is_some() {
            let refusal = refusal.map(|refusal| *refusal).or_else(|| (!is_allowed).then(no_action));
            offered.push(Offered {
                transition: transition.id.clone(),
                name: transition.name.clone(),
                refusal,
            });
        }
    }
    offered
}

fn no_action() -> caseflow::Refusal {
    let (zh, en) = authority::Denial::NoRole.texts();
    caseflow::Refusal {
        code: authority::Denial::NoRole.code(),
        what: rulebook::Text::fixed("您无权办理此步骤", "you may not take this step"),
        cure: rulebook::Text::fixed(zh, en),
        missing: Vec::new(),
    }
}

/// Which form of a file somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    Original,
    Copy,
}

/// What somebody sees of a case.
pub(crate) struct Sight<'a> {
    pub(crate) seen_as: SeenAs,
    pub(crate) kind: &'a CaseKind,
    pub(crate) file: &'a File,
}

impl Sight<'_> {
    /// The case with what they may not see left empty.
    pub(crate) fn case(&self) -> Case {
        let mut case = self.file.case.clone();
        if self.seen_as == SeenAs::Officer {
            return case;
        }
        case.fields.retain(|id, _| self.kind.field(id).is_some_and(|field| self.sees(field)));
        case.doers.clear();
        case.assignee = None;
        case.assisting.clear();
        (case.repeats, case.merged, case.is_key) = (0, 0, false);
        (case.escalation, case.was_late) = (0, false);
        (case.has_reporter, case.satisfied) = (false, None);
        if self.seen_as == SeenAs::Reporter {
            case.has_reporter = self.file.case.has_reporter;
            case.satisfied = self.file.case.satisfied;
            case.enterprise = None;
        } else {
            case.title = self.kind.name.zh.to_string();
            case.text.clear();
            case.place = None;
            case.happened_at = None;
            case.merged_into = None;
            case.channel = crate::Channel::Web;
        }
        if self.seen_as == SeenAs::Enterprise {
            // When somebody complained tells who did: only when the enterprise was asked.
            case.opened_at = case.shared_at.unwrap_or(case.opened_at);
        }
        if self.seen_as == SeenAs::Public {
            (case.enterprise, case.shared_at) = (None, None);
            case.opened_at = crate::reading::public::day(case.opened_at);
        }
        if self.seen_as != SeenAs::Reporter {
            let own = self.owner_sum();
            case.due_at = own.0;
            case.is_provisional = own.1;
            case.warn_at = None;
        }
        case
    }

    /// The end that concerns the enterprise: of its own clocks.
    fn owner_sum(&self) -> (Option<Timestamp>, bool) {
        if self.seen_as != SeenAs::Enterprise || !self.file.case.is_open() {
            return (None, false);
        }
        let sum = clocks::sum(&self.file.clocks, self.kind, Some(Owner::Enterprise));
        ((sum.due != clocks::NEVER).then(|| clocks::instant(sum.due)), sum.is_provisional)
    }

    fn sees(&self, field: &Field) -> bool {
        match self.seen_as {
            SeenAs::Officer => true,
            SeenAs::Enterprise => field.enterprise && !field.personal,
            SeenAs::Reporter => (field.reporter || field.public) && !field.personal,
            SeenAs::Public => field.public && !field.personal,
        }
    }

    /// The fields that they see, in the order of the declaration.
    pub(crate) fn fields(&self) -> Vec<FieldShown> {
        let mut shown = Vec::new();
        for field in self.kind.fields.iter().filter(|field| self.sees(field)) {
            let Some(value) = self.file.case.fields.get(&field.id) else { continue };
            shown.push(FieldShown {
                id: field.id.clone(),
                name: field.name.clone(),
                value: value.clone(),
                shown: telling::shown(self.kind, &field.id, value),
            });
        }
        shown
    }

    fn clocks(&self, now: Timestamp) -> Vec<crate::Clock> {
        let owner = |id: &str| self.kind.clock(id).map(|clock| clock.owner);
        self.file
            .clocks
            .iter()
            .filter(|clock| match self.seen_as {
                SeenAs::Officer => true,
                SeenAs::Enterprise => owner(&clock.id) == Some(Owner::Enterprise),
                SeenAs::Reporter => owner(&clock.id) == Some(Owner::Reporter),
                SeenAs::Public => false,
            })
            .filter_map(|clock| clock.shown(self.kind, now))
            .collect()
    }

    /// Whether something of a visibility, done by somebody at a time, is for them.
    fn may_see(&self, visibility: Visibility, by: ActedAs, at: Timestamp) -> bool {
        let case = &self.file.case;
        match self.seen_as {
            SeenAs::Officer => true,
            SeenAs::Reporter => by == ActedAs::Reporter || visibility >= Visibility::Parties,
            // Nothing of the reporter, and nothing from before it was let in.
            SeenAs::Enterprise => {
                let since = case.shared_at.unwrap_or(case.opened_at);
                by == ActedAs::Enterprise
                    || (by != ActedAs::Reporter && visibility >= Visibility::Parties && at >= since)
            }
            SeenAs::Public => by != ActedAs::Reporter && visibility == Visibility::Public,
        }
    }

    /// An entry as they see it, or not at all.
    pub(crate) fn event(&self, mut event: Event) -> Option<Event> {
        event.what = telling::what(self.kind, event.kind, &event.about);
        if self.seen_as == SeenAs::Officer {
            return Some(event);
        }
        if !self.may_see(event.visibility, event.as_who, event.at) {
            return None;
        }
        let is_own = match self.seen_as {
            SeenAs::Reporter => event.as_who == ActedAs::Reporter && event.who.is_empty(),
            SeenAs::Enterprise => event.as_who == ActedAs::Enterprise,
            _ => false,
        };
        if event.as_who == ActedAs::Reporter && !is_own {
            // That another reporter did something shows; what they said is theirs.
            event.note = String::new();
            event.fields.clear();
        }
        // That it was opened, merged or flagged is between reporters and the administration.
        let is_of_reporters = matches!(
            event.kind,
            EventKind::Opened | EventKind::Merged | EventKind::Rated | EventKind::ReviewAsked
        );
        if is_of_reporters && self.seen_as != SeenAs::Reporter {
            return None;
        }
        if event.kind == EventKind::Merged {
            return None;
        }
        // Replies are addressed to reporters.
        if self.seen_as != SeenAs::Reporter {
            event.reply = None;
        }
        if !is_own {
            event.who = String::new();
            event.user = None;
        }
        if self.seen_as == SeenAs::Public {
            event.at = crate::reading::public::day(event.at);
        }
        event.happened_at = event.happened_at.filter(|_| is_own);
        event.fields.retain(|id, _| self.kind.field(id).is_some_and(|field| self.sees(field)));
        Some(event)
    }

    /// In which form they get a file; `None`: not at all.
    fn given(&self, row: &FileRow) -> Option<Given> {
        if self.seen_as == SeenAs::Officer {
            return Some(Given::Original);
        }
        if !self.may_see(row.visibility, row.as_who, row.at) {
            return None;
        }
        let is_own = match self.seen_as {
            SeenAs::Enterprise => row.as_who == ActedAs::Enterprise,
            _ => false,
        };
        if is_own {
            return Some(Given::Original);
        }
        match row.public_copy {
            Some(_) => Some(Given::Copy),
            // A document that an officer released has no picture to copy; a reporter's own file
            // goes back to them only as a picture.
            None if row.as_who != ActedAs::Reporter && !is_picture(row) => Some(Given::Original),
            None => None,
        }
    }

    /// A file as they see it, or not at all.
    pub(crate) fn evidence(&self, row: &FileRow) -> Option<EvidenceView> {
        let given = match (self.given(row), self.seen_as) {
            // The reporter sees that a file of theirs came, though they do not get it back.
            (None, SeenAs::Reporter) if row.as_who == ActedAs::Reporter => None,
            (None, _) => return None,
            (given, _) => given,
        };
        let is_officer = self.seen_as == SeenAs::Officer;
        Some(EvidenceView {
            id: row.id,
            name: row.name.clone(),
            size: row.size,
            media_type: match given {
                Some(Given::Copy) => "image/jpeg".to_owned(),
                _ => row.media_type.clone(),
            },
            digest: match given {
                Some(Given::Original) => row.digest.to_string(),
                _ => String::new(),
            },
            at: row.at,
            who: if is_officer { row.who.clone() } else { String::new() },
            sequence: row.act.unwrap_or(row.sequence),
            visibility: row.visibility,
            has_thumbnail: row.thumbnail.is_some(),
            location: row.location.filter(|_| is_officer),
            taken_at: row.taken_at.filter(|_| is_officer),
        })
    }
}

fn is_picture(row: &FileRow) -> bool {
    row.media_type.starts_with("image/") || row.media_type.starts_with("video/")
}
