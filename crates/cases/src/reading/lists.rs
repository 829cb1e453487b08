//! Work lists (工作台), search, counts, saved views.

use crate::clocks::{self, NEVER};
use crate::desk::File;
use crate::reading::case::state_name;
use crate::sight::{Sight, seen_as};
use crate::store::lists::{By, Order, Wanted};
use crate::{
    CaseError, CaseRow, Cases, Count, Counts, Cursor, Page, SavedView, SeenAs, WorkFilter,
    WorkList, store, words,
};
use ::store::Engine;
use authority::{Denial, Principal, Scope};
use caseflow::{CaseKind, Owner};
use jiff::Timestamp;
use rulebook::Text;

/// The longest page.
const ROWS_MAX: u16 = 1000;
/// Cases are counted no further when the shorter way into a list is looked for.
const FEW: u32 = 20_000;

impl Cases {
    /// A work list. One of open cases comes by the end of their clocks, the others the newest
    /// first; with words, the newest first.
    ///
    /// # Errors
    /// When they may read nothing, no word can be searched for, or the store fails.
    pub async fn list(
        &self,
        principal: &Principal,
        filter: &WorkFilter,
        now: Timestamp,
    ) -> Result<Page<CaseRow>, CaseError> {
        let sight = Sight::of(principal).or_denied()?;
        let Some(mut wanted) = wanted(principal, filter, &sight, now) else {
            return Ok(Page { rows: Vec::new(), next: None });
        };
        if let Some(text) = filter.text.as_deref().filter(|text| !text.trim().is_empty()) {
            let Some(words) = self.words_of(text).await? else {
                return Ok(Page { rows: Vec::new(), next: None });
            };
            wanted.only = Some(std::mem::replace(&mut wanted.by, By::Words(words)));
            wanted.order = Order::Newest;
        } else if wanted.by == By::Sight && wanted.state.is_some() {
            self.choose_way(&mut wanted).await?;
        }
        self.page(principal, &wanted, filter.limit, now).await
    }

    /// Cases that hold all of these words, the newest first, within somebody's reach.
    ///
    /// # Errors
    /// When no word can be searched for or the store fails.
    pub async fn search(
        &self,
        principal: &Principal,
        words: &str,
        filter: &WorkFilter,
        now: Timestamp,
    ) -> Result<Page<CaseRow>, CaseError> {
        let filter = WorkFilter { text: Some(words.to_owned()), ..filter.clone() };
        self.list(principal, &filter, now).await
    }

    /// The words of a question, the rarest first; `None` where one is in no case.
    async fn words_of(&self, text: &str) -> Result<Option<Vec<String>>, CaseError> {
        let asked = words::of_question(text);
        if asked.is_empty() {
            return Err(CaseError::input(
                "没有可检索的词,请输入更具体的词语",
                "there is no word to search for: be more specific",
            ));
        }
        let found = store::words::by_rarity(&self.engine.store, asked.into_iter().take(12)).await?;
        Ok((!found.is_empty()).then_some(found))
    }

    /// The way into a list of one state: its index, or the cases that the reader sees.
    async fn choose_way(&self, wanted: &mut Wanted<'_>) -> Result<(), CaseError> {
        let kinds = self
            .engine
            .kinds
            .current()
            .iter()
            .filter(|kind| wanted.kind.as_ref().is_none_or(|wanted| *wanted == kind.id));
        let state = wanted.state.clone().unwrap_or_default();
        let having: Vec<_> =
            kinds.filter_map(|kind| Some((kind, kind.state(&state)?.is_final))).collect();
        if let [(kind, _)] = having.as_slice() {
            wanted.kind = Some(kind.id.clone());
        }
        if wanted.is_open.is_none() && !having.is_empty() {
            if having.iter().all(|(_, is_final)| *is_final) {
                wanted.is_open = Some(false);
            } else if having.iter().all(|(_, is_final)| !*is_final) {
                (wanted.is_open, wanted.order) = (Some(true), Order::Due);
            }
        }
        let store = &self.engine.store;
        if store.engine() == Engine::Postgres {
            // It counts and chooses for itself.
            return Ok(());
        }
        let Scope::Within(_) = wanted.sight.officer else {
            if wanted.sight.officer == Scope::Everything {
                wanted.by = By::State;
            }
            return Ok(());
        };
        // The shorter of both is looked through.
        let of_both = wanted.is_open.filter(|is_open| *is_open);
        let order = if of_both.is_some() { Order::Due } else { Order::Newest };
        let all = Wanted { is_open: of_both, order, ..Wanted::all_of(wanted.sight) };
        let theirs = store::lists::count(store, &all, FEW).await?;
        let everything = Sight::everything();
        let of_state = Wanted {
            by: By::State,
            order: Order::Due,
            kind: wanted.kind.clone(),
            state: wanted.state.clone(),
            is_open: wanted.is_open,
            ..Wanted::all_of(&everything)
        };
        if theirs >= FEW || store::lists::count(store, &of_state, theirs).await? < theirs {
            wanted.by = By::State;
        }
        Ok(())
    }

    async fn page(
        &self,
        principal: &Principal,
        wanted: &Wanted<'_>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page<CaseRow>, CaseError> {
        let limit = u32::from(limit.clamp(1, ROWS_MAX));
        let mut files = store::lists::page(&self.engine.store, wanted, limit + 1).await?;
        let is_more = files.len() > limit as usize;
        files.truncate(limit as usize);
        let last = files.last().map(|file| Cursor {
            key: match wanted.order {
                Order::Due => store::stored(file.case.due_at).unwrap_or(NEVER),
                Order::Newest => 0,
            },
            id: file.case.id.0,
        });
        let mut rows = Vec::with_capacity(files.len());
        for file in &files {
            let kind = self.engine.kinds.of(file.case.declaration)?;
            // The query has asked for what is in sight; this is the same rule in one place.
            let Some(seen_as) = seen_as(principal, &file.case, kind) else { continue };
            let row = row(file, kind, seen_as, now);
            // What is late for the administration need not be for the enterprise.
            let is_late = wanted.due.1.is_none() || row.is_overdue;
            let is_soon = wanted.by != By::Warned || row.is_due_soon;
            if is_late && is_soon {
                rows.push(row);
            }
        }
        Ok(Page { rows, next: last.filter(|_| is_more) })
    }

    /// How many cases stand in somebody's lists, counted no further than [`Count::MOST`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn counts(&self, principal: &Principal, now: Timestamp) -> Result<Counts, CaseError> {
        let sight = Sight::of(principal);
        let mut counts = Counts::default();
        if sight.is_empty() {
            return Ok(counts);
        }
        let open = WorkFilter { is_open: Some(true), ..WorkFilter::of(WorkList::All) };
        let asked = [
            (WorkFilter::of(WorkList::Mine), &mut counts.mine),
            (WorkFilter::of(WorkList::Unit), &mut counts.unit),
            (WorkFilter::of(WorkList::Overdue), &mut counts.overdue),
            (WorkFilter::of(WorkList::DueSoon), &mut counts.due_soon),
            (WorkFilter::of(WorkList::Escalated), &mut counts.escalated),
            (open, &mut counts.open),
        ];
        for (filter, count) in asked {
            let Some(wanted) = wanted(principal, &filter, &sight, now) else { continue };
            let found = if sight.officer == Scope::Nothing {
                // An enterprise's own few: counted by what it sees of them.
                self.page(principal, &wanted, ROWS_MAX, now).await?.rows.len() as u32
            } else {
                store::lists::count(&self.engine.store, &wanted, Count::MOST + 1).await?
            };
            *count = Count { number: found.min(Count::MOST), is_more: found > Count::MOST };
        }
        counts.unread = self.unread(principal).await?;
        Ok(counts)
    }

    /// Keeps a filter under a name; the same name is replaced.
    ///
    /// # Errors
    /// When they are no user, the name is empty, or the store fails.
    pub async fn save_view(
        &self,
        principal: &Principal,
        name: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<SavedView, CaseError> {
        let user = principal.user.ok_or(CaseError::Denied(Denial::NoRole))?;
        let (name, query) = (name.trim(), query.trim());
        if name.is_empty() || name.chars().count() > 60 || query.chars().count() > 2000 {
            return Err(CaseError::input(
                "视图名称为 1 至 60 个字符",
                "a view has a name of 1 to 60 letters",
            ));
        }
        let mut transaction = self.engine.store.begin().await?;
        let id = store::views::put(&mut transaction, user, (name, query), now).await?;
        crate::recording::record_own(&mut transaction, principal, "case_view.save", name, now)
            .await?;
        transaction.commit().await?;
        Ok(SavedView { id, name: name.to_owned(), query: query.to_owned() })
    }

    /// The filters that somebody keeps, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn views(&self, principal: &Principal) -> Result<Vec<SavedView>, CaseError> {
        let Some(user) = principal.user else { return Ok(Vec::new()) };
        store::views::of_user(&self.engine.store, user).await
    }

    /// Forgets a filter; false when it is not theirs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_view(
        &self,
        principal: &Principal,
        id: i64,
        now: Timestamp,
    ) -> Result<bool, CaseError> {
        let Some(user) = principal.user else { return Ok(false) };
        let mut transaction = self.engine.store.begin().await?;
        let Some(name) = store::views::delete(&mut transaction, user, id).await? else {
            return Ok(false);
        };
        crate::recording::record_own(&mut transaction, principal, "case_view.delete", &name, now)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// What a filter asks of the store; `None`: nothing can be in it.
fn wanted<'a>(
    principal: &Principal,
    filter: &WorkFilter,
    sight: &'a Sight,
    now: Timestamp,
) -> Option<Wanted<'a>> {
    let now = now.as_millisecond();
    let by = match filter.list {
        WorkList::Mine => By::Assignee(principal.user?),
        WorkList::Unit => By::Unit(principal.organisation?),
        WorkList::Escalated => By::Escalated,
        WorkList::Watched => By::Watcher(principal.user?),
        WorkList::DueSoon => By::Warned,
        WorkList::Overdue | WorkList::All => By::Sight,
    };
    let is_of_work = !matches!(filter.list, WorkList::All | WorkList::Watched);
    let is_open = if is_of_work { Some(true) } else { filter.is_open };
    let due = match filter.list {
        WorkList::Overdue => (None, Some(now)),
        WorkList::DueSoon => (Some(now), None),
        _ => (None, None),
    };
    let opened = (store::stored(filter.from), store::stored(filter.to));
    // An enterprise does not learn by a filter what its lists do not show.
    let is_officer = sight.officer != Scope::Nothing;
    if !is_officer && by == By::Escalated {
        return None;
    }
    Some(Wanted {
        by,
        only: None,
        order: if is_open == Some(true) { Order::Due } else { Order::Newest },
        sight,
        is_open,
        due,
        kind: filter.kind.clone(),
        state: filter.state.clone(),
        division: filter.division.clone(),
        enterprise: filter.enterprise.clone(),
        unit: filter.unit,
        assignee: filter.assignee.filter(|_| is_officer),
        is_key: filter.is_key.filter(|_| is_officer),
        opened: if is_officer { opened } else { (None, None) },
        after: filter.after.map(|cursor| (cursor.key, cursor.id)),
    })
}

/// A case in a list as somebody sees it.
pub(crate) fn row(file: &File, kind: &CaseKind, seen_as: SeenAs, now: Timestamp) -> CaseRow {
    let case = &file.case;
    let is_officer = seen_as == SeenAs::Officer;
    let (due_at, warn_at, is_provisional) = if is_officer {
        (case.due_at, case.warn_at, case.is_provisional)
    } else {
        let sum = clocks::sum(&file.clocks, kind, Some(Owner::Enterprise));
        let time = |at: i64| (case.is_open() && at != NEVER).then(|| clocks::instant(at));
        (time(sum.due), time(sum.warn), sum.is_provisional)
    };
    let is_overdue = due_at.is_some_and(|due| due <= now);
    CaseRow {
        id: case.id,
        number: case.number.clone(),
        kind: case.kind.clone(),
        kind_name: kind.name.clone(),
        state: case.state.clone(),
        state_name: state_name(kind, case),
        title: if is_officer { Text::plain(&case.title) } else { kind.name.clone() },
        division: case.division.clone(),
        enterprise: case.enterprise.clone(),
        responsible: case.responsible,
        assignee: case.assignee.filter(|_| is_officer),
        opened_at: if is_officer {
            case.opened_at
        } else {
            case.shared_at.unwrap_or(case.opened_at)
        },
        closed_at: case.closed_at,
        due_at,
        is_provisional,
        is_overdue,
        is_due_soon: !is_overdue && due_at.is_some() && warn_at.is_some_and(|at| at <= now),
        escalation: if is_officer { case.escalation } else { 0 },
        is_key: is_officer && case.is_key,
        merged: if is_officer { case.merged } else { 0 },
        version: case.version,
        seen_as,
    }
}
