//! How an episode is counted: acts, decisions, and the forms by which people merge and split.

use super::super::model::{Episode, at};
use super::super::queries::Counting;
use super::super::{runs, words};
use super::PATH;
use maud::{Markup, html};
use web::components;
use web::{Reader, local_minute, local_second};

pub(super) fn part(
    reader: &Reader,
    episode: &Episode,
    counted: &Counting,
    may_decide: bool,
) -> Markup {
    let may_decide = may_decide && episode.superseded_at.is_none();
    html! {
        p class="words" {
            (reader.pick(
                "计算结果之上由人认定：相邻过程可合并为一个超标行为，一个过程也可拆分；\
                 计算结果不变，认定须写明理由，可以撤回。",
                "People decide on top of what is computed: neighbouring episodes may be one act, \
                 one may be two. What is computed stays; a decision has a reason and can be taken \
                 back."))
        }
        @for (place, event) in counted.events.iter().enumerate() {
            p {
                strong { (reader.pick("超标行为", "Act")) " " (place + 1) } " · "
                @if let (Some(first), Some(last)) = (event.over.first(), event.over.last()) {
                    (local_minute(at(first.start))) " – " (local_minute(at(last.start)))
                } " · "
                (reader.text(&words::count(episode.computed.period, event.over.len())))
                @for other in event.episodes.iter().filter(|id| **id != episode.id) {
                    " · " a href={ (PATH) "/" (other) } { "#" (other) }
                }
            }
        }
        @if !counted.decisions.is_empty() {
            ol class="timeline" {
                @for decision in &counted.decisions {
                    li {
                        (local_second(decision.made_at)) " · " (decision.who) " · "
                        strong { (reader.text(&words::choice(decision.choice))) } " "
                        (local_minute(decision.from))
                        @if decision.to != decision.from { " – " (local_minute(decision.to)) }
                        " · " (decision.reason)
                        @if let Some(withdrawn) = decision.withdrawn_at {
                            " · " span class="muted" {
                                (reader.pick("已撤回", "taken back")) " " (local_second(withdrawn))
                            }
                        } @else if may_decide {
                            form method="post" class="inline"
                                action={ (PATH) "/" (episode.id) "/decisions" } {
                                input type="hidden" name="choice" value="withdraw";
                                input type="hidden" name="decision" value=(decision.id);
                                button type="submit" { (reader.pick("撤回", "Take back")) }
                            }
                        }
                    }
                }
            }
        }
        @if may_decide { (forms(reader, episode, counted)) }
    }
}

fn forms(reader: &Reader, episode: &Episode, counted: &Counting) -> Markup {
    let seams = runs::seams(&episode.computed.over);
    let action = format!("{PATH}/{}/decisions", episode.id);
    let reason = html! {
        label {
            (reader.pick("理由", "Reason"))
            input name="reason" required maxlength="500";
        }
    };
    html! {
        @if counted.neighbours.is_empty() && seams.is_empty() {
            (components::empty(
                reader.pick("没有可合并或拆分的", "Nothing to merge or split"),
                reader.pick("三十日内没有相邻的过程，过程只有一个时段。",
                    "There is no neighbour within thirty days, and there is one period only.")))
        }
        @if !counted.neighbours.is_empty() {
            form class="filters" method="post" action=(action) {
                input type="hidden" name="choice" value="merge";
                label {
                    (reader.pick("与此过程合并", "Count as one act with"))
                    select name="with" {
                        @for other in &counted.neighbours {
                            option value=(other.id) {
                                "#" (other.id) " " (words::span(&other.computed))
                            }
                        }
                    }
                }
                (reason)
                button type="submit" { (reader.pick("合并", "Merge")) }
            }
        }
        @if !seams.is_empty() {
            form class="filters" method="post" action=(action) {
                input type="hidden" name="choice" value="split";
                label {
                    (reader.pick("自此时起为另一行为", "Another act begins at"))
                    select name="at" {
                        @for seam in &seams {
                            option value=(seam.as_millisecond()) { (local_minute(*seam)) }
                        }
                    }
                }
                (reason)
                button type="submit" { (reader.pick("拆分", "Split")) }
            }
        }
    }
}
