//! The ways on from a case's state: a form for each that somebody may take, the reason for each
//! that they may not.

use super::fields;
use super::people::People;
use super::replies::replies;
use super::words;
use crate::form::Entered;
use caseflow::{ClockLength, Transition};
use cases::{CaseView, Offered};
use law::Length;
use maud::{Markup, html};
use rulebook::Text;
use web::components;
use web::{AppState, Reader};

/// What a field for files lets one choose; the content decides in the end.
pub(super) const ACCEPTED: &str = "image/jpeg,image/png,image/webp,video/mp4,application/pdf,\
    .docx,.xlsx,.txt,.csv";

/// What somebody tried and was refused: their words are kept, the reason stands beside them.
pub(super) struct Tried {
    /// The transition, or another form of the page.
    pub(super) what: String,
    /// What they had entered.
    pub(super) entered: Entered,
    /// Why it was refused, in Chinese and English.
    pub(super) told: (String, String),
}

/// Everything that the forms are made from.
pub(super) struct Forms<'a> {
    pub(super) state: &'a AppState,
    pub(super) reader: &'a Reader,
    pub(super) people: &'a People,
    pub(super) view: &'a CaseView,
    pub(super) tried: Option<&'a Tried>,
}

impl Forms<'_> {
    /// What may be done now, and what not, with the reasons.
    pub(super) fn render(&self) -> Markup {
        let reader = self.reader;
        let (open, refused): (Vec<_>, Vec<_>) =
            self.view.offered.iter().partition(|offered| offered.refusal.is_none());
        html! {
            @if open.is_empty() {
                p class="muted" { (self.nothing()) }
            }
            @for offered in &open { (self.act(offered, open.len() == 1)) }
            @if !refused.is_empty() {
                details class="folded" open[open.is_empty()] {
                    summary {
                        (reader.pick("现在不能办理的操作", "What cannot be done now"))
                        " (" (refused.len()) ")"
                    }
                    ul class="refused" {
                        @for offered in refused { (self.refusal(offered)) }
                    }
                }
            }
        }
    }

    fn nothing(&self) -> &str {
        if self.view.offered.is_empty() {
            return self
                .reader
                .pick("此状态没有下一步操作。", "From this state there is no further step.");
        }
        self.reader.pick(
            "下一步由他人办理,原因见下。",
            "The next step is for others; the reasons stand below.",
        )
    }

    fn refusal(&self, offered: &Offered) -> Markup {
        let reader = self.reader;
        html! {
            li {
                button class="secondary" type="button" disabled { (reader.text(&offered.name)) }
                @if let Some(refusal) = &offered.refusal {
                    " " span {
                        (reader.text(&refusal.what))
                        span class="muted" {
                            " — " (words::with_roles(reader, reader.text(&refusal.cure)))
                        }
                    }
                }
            }
        }
    }

    fn act(&self, offered: &Offered, is_alone: bool) -> Markup {
        let reader = self.reader;
        let Some(transition) = self.view.kind.transition(&offered.transition) else {
            return html! {};
        };
        let tried = self.tried.filter(|tried| tried.what == transition.id);
        html! {
            details class="act" id={ "act-" (transition.id) } open[is_alone || tried.is_some()] {
                summary { (reader.text(&offered.name)) }
                form class="act-form" method="post" enctype="multipart/form-data"
                    action={ "/cases/" (self.view.case.id.0) "/act" } {
                    @if let Some(tried) = tried {
                        (components::notice("error", html! {
                            p { (reader.pick(&tried.told.0, &tried.told.1)) }
                        }))
                    }
                    input type="hidden" name="transition" value=(transition.id);
                    input type="hidden" name="version" value=(self.view.case.version);
                    (self.entries(transition, tried))
                    (self.effects(transition))
                    button type="submit" { (reader.text(&offered.name)) }
                }
            }
        }
    }

    /// The fields, the words, the files, the unit that go with a step.
    fn entries(&self, transition: &Transition, tried: Option<&Tried>) -> Markup {
        let (reader, needs) = (self.reader, &transition.needs);
        let form = format!("act-{}", transition.id);
        let entered = |name: &str| tried.map(|tried| tried.entered.text(name));
        html! {
            div class="entries" {
                @for id in needs.fields.iter().chain(&transition.may_fill) {
                    @if let Some(field) = self.view.kind.field(id) {
                        @let known = self.view.case.fields.get(id).map_or("", String::as_str);
                        @let value = entered(&format!("field.{id}")).unwrap_or(known);
                        @let is_sealed = field.personal && value.is_empty();
                        @let is_needed = needs.fields.contains(id) && !is_sealed;
                        (fields::input(reader, self.people, field, value, is_needed, &form))
                    }
                }
            }
            @if needs.unit || needs.assignee { (self.to_whom(transition, tried)) }
            @if needs.link.is_some() { (self.link(&form, tried)) }
            (self.note(transition, entered("note").unwrap_or_default()))
            (self.files(&form, needs.evidence))
        }
    }

    fn to_whom(&self, transition: &Transition, tried: Option<&Tried>) -> Markup {
        let (reader, needs, case) = (self.reader, &transition.needs, &self.view.case);
        let form = format!("act-{}", transition.id);
        let chosen = |name: &str| tried.and_then(|tried| tried.entered.text(name).parse().ok());
        let unit = chosen("unit").map(authority::OrganisationId).or(case.responsible);
        let unit: Vec<_> = unit.into_iter().collect();
        let assignee = chosen("assignee").map(authority::UserId).or(case.assignee);
        html! {
            @if needs.unit {
                div class="entry" {
                    label for={ (form) "-unit" } {
                        (reader.pick("承办单位", "To the unit")) (fields::required(reader))
                    }
                    select id={ (form) "-unit" } name="unit" required {
                        option value="" { (reader.pick("请选择", "choose")) }
                        (self.people.unit_options(reader, &unit))
                    }
                }
            }
            @if needs.assignee {
                div class="entry" {
                    label for={ (form) "-assignee" } {
                        (reader.pick("承办人", "To the officer")) (fields::required(reader))
                    }
                    select id={ (form) "-assignee" } name="assignee" required {
                        option value="" { (reader.pick("请选择", "choose")) }
                        (self.people.user_options(reader, assignee))
                    }
                }
            }
        }
    }

    fn link(&self, form: &str, tried: Option<&Tried>) -> Markup {
        let reader = self.reader;
        html! {
            div class="entry" {
                label for={ (form) "-link" } {
                    (reader.pick("关联事项的编号", "Number of the other case"))
                    (fields::required(reader))
                }
                input id={ (form) "-link" } name="link" required maxlength="40"
                    value=(tried.map_or("", |tried| tried.entered.text("link")));
            }
        }
    }

    fn note(&self, transition: &Transition, value: &str) -> Markup {
        let reader = self.reader;
        let id = format!("act-{}-note", transition.id);
        let reply = transition.template.as_deref().and_then(|id| self.view.kind.template(id));
        let is_officer = words::is_officer(self.view.seen_as);
        // Official replies are for officers to write.
        let filled = if is_officer {
            replies(self.state, reader, self.people, self.view)
        } else {
            Vec::new()
        };
        html! {
            div class="entry" {
                label for=(id) {
                    (reader.pick("说明", "Note"))
                    @if transition.needs.note { (fields::required(reader)) }
                    " " (super::parts::seen_by(reader, transition.visibility))
                }
                @if !filled.is_empty() {
                    label hidden {
                        span class="visually-hidden" { (reader.pick("答复模板", "Reply template")) }
                        select data-island="reply" data-fills=(id) {
                            option value="" {
                                (reader.pick("套用答复模板…", "use a reply template…"))
                            }
                            @for (template, text) in &filled {
                                option value=(template.id) data-text=(text) {
                                    (reader.text(&template.name))
                                }
                            }
                        }
                    }
                }
                textarea id=(id) name="note" rows="4" required[transition.needs.note] { (value) }
                @if let Some(reply) = reply.filter(|_| is_officer) {
                    @let text = filled.iter().find(|(known, _)| known.id == reply.id);
                    details class="folded" {
                        summary {
                            (reader.pick("随此操作发出的答复:", "Goes out with it: "))
                            (reader.text(&reply.name))
                        }
                        blockquote class="reply" { (text.map_or("", |(_, text)| text.as_str())) }
                    }
                }
            }
        }
    }

    fn files(&self, form: &str, needed: u32) -> Markup {
        let reader = self.reader;
        html! {
            div class="entry" {
                label for={ (form) "-files" } {
                    (reader.pick("材料", "Files"))
                    @if needed > 0 { (fields::required(reader)) }
                }
                input id={ (form) "-files" } type="file" name="files" multiple
                    required[needed > 0] accept=(ACCEPTED);
                p class="hint" {
                    @if needed > 0 {
                        (reader.pick("至少", "at least")) " " (needed) " · "
                    }
                    (reader.pick("图片、PDF、XLSX、DOCX、MP4、文本;拍摄地点单独保存,不随图片公开",
                        "pictures, PDF, XLSX, DOCX, MP4, texts; where a picture was taken is kept apart"))
                }
            }
        }
    }

    /// What the step does beside changing the state, before it is taken.
    fn effects(&self, transition: &Transition) -> Markup {
        let (reader, kind) = (self.reader, &self.view.kind);
        let to = transition.to.as_deref().and_then(|id| kind.state(id));
        let names = |ids: &[String]| words::clocks(reader, kind, ids);
        let mut effects: Vec<String> = Vec::new();
        let mut add = |zh: &str, en: &str, what: String| {
            if !what.is_empty() {
                effects.push(format!("{}{what}", reader.pick(zh, en)));
            }
        };
        add("转为:", "becomes: ", to.map_or("", |to| reader.text(&to.name)).to_owned());
        add("开始计时:", "starts: ", names(&transition.starts));
        add("停止计时:", "stops: ", names(&transition.stops));
        add("中止计时:", "holds: ", names(&transition.suspends));
        add("恢复计时:", "resumes: ", names(&transition.resumes));
        for extension in &transition.extends {
            let clock = names(std::slice::from_ref(&extension.clock));
            let length = length(&extension.length, today(self.state));
            add("延期:", "extends: ", format!("{clock} {}", reader.text(&length)));
        }
        let told: Vec<_> = transition.tells.iter().map(|told| told.text()).collect();
        let told: Vec<_> = told.iter().map(|text| reader.text(text)).collect();
        add("通知:", "tells: ", told.join(reader.pick("、", ", ")));
        if transition.shares_with_enterprise {
            effects.push(
                reader
                    .pick("企业从此可见(不含反映人信息)", "the enterprise sees it from now on")
                    .to_owned(),
            );
        }
        if transition.publishes {
            effects.push(
                reader.pick("匿名公开办理结果", "the result is published, anonymised").to_owned(),
            );
        }
        html! {
            @if !effects.is_empty() {
                ul class="effects hint" { @for effect in &effects { li { (effect) } } }
            }
        }
    }
}

/// The day on which it is, in Beijing.
pub(super) fn today(state: &AppState) -> jiff::civil::Date {
    rulebook::beijing_offset().to_datetime(state.now()).date()
}

/// The length of a clock in words, by the law of a day.
pub(super) fn length(of: &ClockLength, on: jiff::civil::Date) -> Text {
    let stated = |length: Length| length.text();
    match of {
        ClockLength::Deadline(id) => law::deadline(id, on)
            .and_then(law::Deadline::length)
            .map_or_else(|| Text::fixed("依法规表", "by the table of deadlines"), stated),
        ClockLength::Stated { length, .. } => stated(*length),
        ClockLength::UntilField(_) => {
            Text::fixed("至事项所填日期", "until the day written in the case")
        }
    }
}
