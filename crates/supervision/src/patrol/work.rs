//! Takes a piece of work of a phone: once, whoever sends it again and however late.

use super::model::{Find, PhonePlace, Step, Work};
use super::store::{self, Delivered};
use crate::engine::{engine, refused};
use crate::place::{division_of, place_of};
use authority::{Action, Scope, Subject, UserId, decide, scope};
use axum::http::StatusCode;
use cases::{
    Act, By, CaseId, Cases, Channel, EvidenceId, NewCase, Place, Upload, Viewer, Visibility,
};
use evidence::Evidence;
use jiff::Timestamp;
use web::{AppState, Problem, SignedIn};

/// The store of files of this installation.
pub(super) fn files(state: &AppState) -> Result<std::sync::Arc<Evidence>, Problem> {
    state.handle::<Evidence>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "supervision.no_files",
            "本安装不接收文件",
            "this installation takes no files; `lucid serve` does",
        )
    })
}

/// Someone whose phone sends.
pub(super) struct Sender<'a> {
    pub(super) state: &'a AppState,
    pub(super) signed_in: &'a SignedIn,
    pub(super) user: UserId,
}

impl Sender<'_> {
    fn by(&self) -> By<'_> {
        let address = &self.signed_in.origin().address;
        By::Person { principal: self.signed_in.principal(), address }
    }

    /// Takes the work and gives the number of its case.
    pub(super) async fn take(&self, key: &str, work: Work) -> Result<String, Problem> {
        if work.person != self.user.0 {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "patrol.other_person",
                "这条记录由他人在本手机上制作,须由其本人登录后上传",
                "somebody else made this on this phone; it is taken from them alone",
            ));
        }
        let cases = engine(self.state)?;
        match (&work.act, &work.open) {
            (Some(step), None) => self.act(&cases, key, step, &work).await,
            (None, Some(find)) => self.open(&cases, key, find, &work).await,
            _ => Err(Problem::bad_request(
                "记录须是一个办理步骤或一个新发现",
                "a piece of work is either a step of a case or a new find",
            )),
        }
    }

    async fn act(
        &self,
        cases: &Cases,
        key: &str,
        step: &Step,
        work: &Work,
    ) -> Result<String, Problem> {
        let (id, now) = (CaseId(step.case), self.state.now());
        let evidence = self.attach(cases, id, &work.photos).await?;
        let act = Act {
            note: note(work),
            fields: work.fields.clone(),
            evidence,
            action_key: Some(own_key(self.user, key)),
            happened_at: Some(moment(&work.happened_at, now)?),
            ..Act::new(&*step.transition, step.version)
        };
        cases.take(&self.by(), id, act, now).await.map_err(refused)?;
        let viewer = Viewer::Person(self.signed_in.principal());
        let view = cases.case(&viewer, id, now).await.map_err(refused)?;
        Ok(view.case.number)
    }

    async fn open(
        &self,
        cases: &Cases,
        key: &str,
        find: &Find,
        work: &Work,
    ) -> Result<String, Problem> {
        let now = self.state.now();
        let place = place(work.place.as_ref(), &find.address)?;
        let drawn = division_of(self.state, "", place.as_ref()).await?;
        let division = self.own_division(drawn);
        let mut new = NewCase::new(&*find.kind, division, Channel::Patrol);
        new.title.clone_from(&find.title);
        new.text = match (&place, find.address.is_empty()) {
            (None, false) => format!("{}\n地点: {}", work.text, find.address),
            _ => work.text.clone(),
        };
        new.place = place;
        new.fields.clone_from(&work.fields);
        new.origin_key = Some(own_key(self.user, key));
        new.happened_at = Some(moment(&work.happened_at, now)?);
        let opened = cases.open_case(&self.by(), new, now).await.map_err(refused)?;
        self.attach(cases, opened.id, &work.photos).await?;
        Ok(opened.number)
    }

    /// The division of a find: the one in which it lies where they may register there, else their
    /// own. Drawn borders are rough, and a phone may not know where it is.
    fn own_division(&self, drawn: String) -> String {
        let principal = self.signed_in.principal();
        let subject = Subject::installation().in_division(&*drawn);
        if decide(principal, Action::OpenCase, &subject).is_allowed() {
            return drawn;
        }
        match scope(principal, Action::OpenCase) {
            Scope::Within(limits) => limits.divisions.into_iter().next().unwrap_or(drawn),
            Scope::Everything | Scope::Nothing => drawn,
        }
    }

    /// Attaches the photos that the phone delivered; one that the case has is not attached again.
    async fn attach(
        &self,
        cases: &Cases,
        case: CaseId,
        keys: &[String],
    ) -> Result<Vec<EvidenceId>, Problem> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (now, files) = (self.state.now(), files(self.state)?);
        let viewer = Viewer::Person(self.signed_in.principal());
        let known = cases.case(&viewer, case, now).await.map_err(refused)?.evidence;
        let mut all = Vec::new();
        for key in keys {
            let photo = store::photo(&self.state.store, self.user, key).await?;
            let Delivered { digest, name } = photo.ok_or_else(|| missing(key))?;
            let text = digest.to_string();
            if let Some(one) = known.iter().find(|one| one.digest == text) {
                all.push(one.id);
                continue;
            }
            let bytes = files.read(digest).await?;
            let upload = Upload { name, bytes, visibility: Visibility::Internal };
            all.push(cases.attach(&self.by(), case, upload, now).await.map_err(refused)?);
        }
        Ok(all)
    }
}

/// A key that two phones cannot share.
fn own_key(user: UserId, key: &str) -> String {
    format!("patrol:{}:{key}", user.0)
}

fn missing(key: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "patrol.photo_missing",
        "照片尚未送达,请先上传照片",
        format!("the photo {key} has not been delivered; send it first"),
    )
}

/// When it was done, by the phone's clock; a clock that runs ahead is not believed.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let at: Timestamp = text.parse().map_err(|_| {
        Problem::bad_request("时间格式有误", format!("{text} is no time like 2026-11-29T08:00:00Z"))
    })?;
    Ok(at.min(now))
}

fn place(place: Option<&PhonePlace>, address: &str) -> Result<Option<Place>, Problem> {
    match place {
        Some(place) => place_of(&place.longitude, &place.latitude, address),
        None => Ok(None),
    }
}

/// What was seen, and where the phone was.
fn note(work: &Work) -> String {
    let Some(place) = &work.place else { return work.text.trim().to_owned() };
    let (longitude, latitude) = (&place.longitude, &place.latitude);
    let line = format!("[{longitude}, {latitude} ±{} m]", place.accuracy_m);
    format!("{}\n{line}", work.text.trim()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_whose_clock_runs_ahead_is_not_believed() {
        let now: Timestamp = "2026-11-29T08:00:00Z".parse().expect("a time");
        let earlier = moment("2026-11-29T07:00:00Z", now).expect("right");
        assert_eq!(earlier.to_string(), "2026-11-29T07:00:00Z");
        assert_eq!(moment("2027-01-01T00:00:00Z", now).expect("right"), now);
        assert!(moment("yesterday", now).is_err());
    }
}
