//! Checks what a declaration means: that its words are its own, that every state is reached and
//! left, that every clock is started and stopped, that nobody sees what is not for them.

mod flow;
mod names;
mod times;
mod views;

use rulebook::Text;

use crate::model::CaseKind;
use declaration::{Level, Problem, nearest};

impl CaseKind {
    /// What is wrong with the declaration; nothing when it is sound.
    pub fn check(&self) -> Vec<Problem> {
        let mut checker = Checker { kind: self, problems: Vec::new() };
        names::check(&mut checker);
        times::check(&mut checker);
        views::check(&mut checker);
        if checker.problems.is_empty() {
            flow::check(&mut checker);
        }
        checker.problems.sort_by_key(|problem| problem.line);
        checker.problems
    }

    /// The words of actions and roles that are not among those known.
    pub fn check_words(&self, actions: &[&str], roles: &[&str]) -> Vec<Problem> {
        let mut checker = Checker { kind: self, problems: Vec::new() };
        let mut used = vec![("opens".to_owned(), &self.opens.by, &self.opens.roles)];
        used.extend(self.transitions.iter().map(|it| (at_transition(&it.id), &it.by, &it.roles)));
        for (place, action, held) in used {
            if !action.is_empty() && !actions.contains(&action.as_str()) {
                checker.unknown(&format!("{place}.by"), action, ("操作", "action"), actions);
            }
            for role in held.iter().filter(|role| !roles.contains(&role.as_str())) {
                checker.unknown(&format!("{place}.roles"), role, ("角色", "role"), roles);
            }
        }
        checker.problems
    }

    /// The roles that are named where they may not do what is asked: `may` knows of a role and
    /// an action whether one brings the other.
    pub fn check_duties(&self, may: impl Fn(&str, &str) -> bool) -> Vec<Problem> {
        let mut checker = Checker { kind: self, problems: Vec::new() };
        let mut used = vec![("opens".to_owned(), &self.opens.by, &self.opens.roles)];
        used.extend(self.transitions.iter().map(|it| (at_transition(&it.id), &it.by, &it.roles)));
        for (place, action, held) in used {
            for role in held.iter().filter(|role| !may(role, action)) {
                checker.report(
                    "case_kind.nobody",
                    &format!("{place}.roles"),
                    Text::new(
                        format!("角色 {role} 没有操作权限 {action}"),
                        format!("the role {role} does not bring the action {action}"),
                    ),
                    Text::fixed("换一个角色，或改 by", "name another role, or change `by`"),
                );
            }
        }
        checker.problems
    }
}

fn at_transition(id: &str) -> String {
    format!("transitions.{id}")
}

struct Checker<'kind> {
    kind: &'kind CaseKind,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static str, place: &str, what: Text, cure: Text) {
        let line = nearest(&self.kind.lines, place).copied();
        let file = self.kind.file.clone();
        let (level, place) = (Level::Wrong, place.to_owned());
        self.problems.push(Problem { level, code, file, line, place, what, cure });
    }

    /// A name that nothing of its sort has.
    fn unknown(&mut self, place: &str, name: &str, sort: (&str, &str), known: &[&str]) {
        let (zh, en) = sort;
        let cure = if known.is_empty() {
            Text::new(format!("先定义该{zh}"), format!("declare the {en} first"))
        } else {
            Text::new(
                format!("可用：{}", known.join("、")),
                format!("write one of: {}", known.join(", ")),
            )
        };
        let what = Text::new(format!("没有{zh} {name:?}"), format!("there is no {en} {name:?}"));
        self.report("case_kind.unknown_name", place, what, cure);
    }
}
