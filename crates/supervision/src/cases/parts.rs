//! Parts of a case's page: clocks, timeline, files, links.

use super::lamp;
use super::people::People;
use cases::{
    ActedAs, CaseView, Clock, Event, EventKind, EvidenceView, Form, Link, SeenAs, Visibility,
};
use jiff::Timestamp;
use maud::{Markup, html};
use web::components;
use web::{Reader, local_minute};

/// The clocks: lamp, end, and how the end was counted.
pub(super) fn clocks(reader: &Reader, view: &CaseView, now: Timestamp) -> Markup {
    if view.clocks.is_empty() {
        return components::empty(
            reader.pick("没有时限", "No clock"),
            reader.pick("此事项目前没有计时。", "Nothing is timed here now."),
        );
    }
    html! {
        ul class="clocks" {
            @for clock in &view.clocks {
                li class="clock" {
                    @let declared = view.kind.clock(&clock.id);
                    @let warn = declared.map_or(&[][..], |declared| &declared.warn);
                    p class="clock-head" {
                        strong { (reader.text(&clock.name)) } " "
                        (lamp::of_clock(reader, clock, warn, now).render())
                    }
                    p {
                        @match clock.due_at {
                            Some(at) => {
                                (reader.pick("截止", "ends")) " "
                                (lamp::end_time(reader, at, clock.is_provisional))
                            }
                            None => (reader.pick("中止期间不计时", "nothing is counted meanwhile"))
                        }
                        @if let Some(declared) = declared {
                            " · " (reader.text(&declared.owner.text()))
                        }
                    }
                    (counted(reader, clock))
                }
            }
        }
    }
}

fn counted(reader: &Reader, clock: &Clock) -> Markup {
    html! {
        details class="folded" {
            summary { (reader.pick("期限怎么算的", "How the end was counted")) }
            ol class="proof" { @for line in &clock.proof { li { (reader.text(line)) } } }
            @if clock.is_provisional {
                (components::notice("warning", html! {
                    (reader.pick("期限跨入尚未公布放假安排的年份,为暂定;公布后自动重算。",
                        "The period reaches into a year whose holidays are not announced: the end is \
                         provisional and is counted anew once they are."))
                }))
            }
            p class="hint" {
                (reader.pick("依据", "By")) " " (clock.source)
                @if !clock.confidence.is_empty() { " (" (clock.confidence) ")" }
                @if clock.extensions > 0 {
                    " · " (reader.pick("已延期", "extended")) " " (clock.extensions)
                    (reader.pick(" 次", " times"))
                }
            }
        }
    }
}

/// What happened, the newest first: acts and remarks together.
pub(super) fn timeline(reader: &Reader, people: &People, view: &CaseView) -> Markup {
    let mut events: Vec<&Event> = view.timeline.iter().chain(&view.comments).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.sequence));
    html! {
        ol class="timeline case-timeline" {
            @for event in events {
                li class={ "event event-" (event.kind.as_str()) } id={ "event-" (event.sequence) } {
                    (entry(reader, people, view, event))
                }
            }
        }
    }
}

fn entry(reader: &Reader, people: &People, view: &CaseView, event: &Event) -> Markup {
    let files = view.evidence.iter().filter(|file| file.sequence == event.sequence);
    let has_files = files.clone().next().is_some();
    let state = view.kind.state(&event.state).map(|state| reader.text(&state.name));
    html! {
        p class="event-head" {
            (components::moment(event.at)) " · "
            strong { (what(reader, event)) }
            " · " (who(reader, people, event))
            @if view.seen_as == SeenAs::Officer { " " (seen_by(reader, event.visibility)) }
        }
        @if let Some(at) = event.happened_at {
            p class="hint" {
                (reader.pick("实际发生于", "done at")) " " (local_minute(at))
                (reader.pick(",联网后补报", ", sent when the network was back"))
            }
        }
        // The note of files is their names, which stand there as links.
        @if !event.note.is_empty() && (event.kind != EventKind::Attached || !has_files) {
            p class="event-note" { (event.note) }
        }
        @if let Some(reply) = &event.reply {
            blockquote class="reply" { (reader.text(reply)) }
        }
        @if !event.fields.is_empty() && event.kind != EventKind::Opened {
            dl class="changed-fields" {
                @for (id, value) in &event.fields { (changed(reader, view, id, value)) }
            }
        }
        @for file in files { p class="event-file" { (file_link(view, file)) } }
        @if event.kind == EventKind::Act && let Some(state) = state {
            p class="hint" { "→ " (state) }
        }
    }
}

fn changed(reader: &Reader, view: &CaseView, id: &str, value: &str) -> Markup {
    let field = view.kind.field(id);
    let name = field.map_or(id, |field| reader.text(&field.name));
    let choice = field.and_then(|field| field.choices.iter().find(|choice| choice.id == value));
    let shown = match (choice, value) {
        (Some(choice), _) => reader.text(&choice.name),
        (None, "yes") => reader.pick("是", "yes"),
        (None, "no") => reader.pick("否", "no"),
        (None, "") => reader.pick("(清空)", "(cleared)"),
        (None, value) => value,
    };
    html! { div { dt { (name) } dd { (shown) } } }
}

fn what<'a>(reader: &Reader, event: &'a Event) -> &'a str {
    reader.text(&event.what)
}

fn who<'a>(reader: &'a Reader, people: &'a People, event: &'a Event) -> &'a str {
    let role = match event.as_who {
        ActedAs::Officer => reader.pick("办理人员", "officer"),
        ActedAs::Enterprise => reader.pick("企业", "enterprise"),
        ActedAs::Reporter => reader.pick("反映人", "reporter"),
        ActedAs::System => reader.pick("平台", "platform"),
    };
    match (event.as_who, event.who.as_str()) {
        (_, "") | (ActedAs::System | ActedAs::Reporter, _) => role,
        (_, login) => people.login(login),
    }
}

/// Who else reads an entry or a file.
pub(super) fn seen_by(reader: &Reader, visibility: Visibility) -> Markup {
    let words = match visibility {
        Visibility::Internal => reader.pick("内部", "internal"),
        Visibility::Parties => reader.pick("当事方可见", "seen by the parties"),
        Visibility::Public => reader.pick("公开", "public"),
    };
    html! { span class={ "mark mark-" (visibility.as_str()) } { (words) } }
}

fn address(view: &CaseView, file: &EvidenceView, form: Form) -> String {
    let form = if form == Form::Thumbnail { "?form=thumbnail" } else { "" };
    format!("/cases/{}/evidence/{}{form}", view.case.id.0, file.id.0)
}

fn file_link(view: &CaseView, file: &EvidenceView) -> Markup {
    html! { a href=(address(view, file, Form::Whole)) { (file.name) } }
}

/// The files, pictures as small ones.
pub(super) fn evidence(reader: &Reader, people: &People, view: &CaseView) -> Markup {
    if view.evidence.is_empty() {
        return html! {
            p class="muted" { (reader.pick("还没有材料。", "No file yet.")) }
        };
    }
    html! {
        ul class="evidence" {
            @for file in &view.evidence {
                li {
                    a href=(address(view, file, Form::Whole)) {
                        @if file.has_thumbnail {
                            img src=(address(view, file, Form::Thumbnail)) alt="" loading="lazy";
                        } @else {
                            span class="file-kind" aria-hidden="true" {
                                (file.name.rsplit_once('.').map_or("…", |(_, ending)| ending))
                            }
                        }
                        span class="file-name" { (file.name) }
                    }
                    (about(reader, people, view, file))
                }
            }
        }
    }
}

fn about(reader: &Reader, people: &People, view: &CaseView, file: &EvidenceView) -> Markup {
    let kilobytes = (file.size + 1023) / 1024;
    html! {
        p class="hint" {
            (kilobytes) " kB · " (components::moment(file.at))
            @if !file.who.is_empty() { " · " (people.login(&file.who)) }
            @if view.seen_as == SeenAs::Officer { " " (seen_by(reader, file.visibility)) }
        }
        @if let Some(at) = file.taken_at {
            p class="hint" { (reader.pick("拍摄于", "taken at")) " " (local_minute(at)) }
        }
        @if let Some((longitude, latitude)) = file.location {
            p class="hint" {
                (reader.pick("拍摄地点", "taken at"))
                " " (longitude.round_dp(5)) ", " (latitude.round_dp(5))
            }
        }
        @if !file.digest.is_empty() {
            p class="hint" { "SHA-256 " code title=(file.digest) { (start(&file.digest)) "…" } }
        }
    }
}

fn start(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// The links to other cases.
pub(super) fn links(reader: &Reader, links: &[Link]) -> Markup {
    html! {
        @if links.is_empty() {
            p class="muted" { (reader.pick("没有关联事项。", "Linked to no other case.")) }
        } @else {
            ul class="plain-list" {
                @for link in links {
                    li {
                        (link_words(reader, link)) " "
                        a class="case-number" href={ "/cases/" (link.other.0) } { (link.number) }
                        " " span class="muted" { (components::moment(link.at)) }
                    }
                }
            }
        }
    }
}

fn link_words<'a>(reader: &'a Reader, link: &Link) -> &'a str {
    use cases::LinkKind::{CausedBy, Follows, MergedInto};
    match (link.kind, link.is_from_here) {
        (MergedInto, true) => reader.pick("已并入", "merged into"),
        (MergedInto, false) => reader.pick("并入了", "into it was merged"),
        (CausedBy, true) => reader.pick("起因于", "caused by"),
        (CausedBy, false) => reader.pick("引发了", "caused"),
        (Follows, true) => reader.pick("后续于", "follows"),
        (Follows, false) => reader.pick("后续为", "is followed by"),
    }
}
