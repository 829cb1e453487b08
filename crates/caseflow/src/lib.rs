//! A kind of case declared in TOML (事项类型): read, checked, drawn, and the pure step from one
//! state to the next.
//!
//! Pure: no I/O, no clock. The words of actions and roles are plain strings here; who knows them
//! checks them with [`CaseKind::check_words`].

mod check;
mod draw;
mod model;
mod read;
mod step;
mod template;
mod value;
mod words;

pub use declaration::Problem;
pub use model::{
    Basis, CaseKind, Choice, Clock, ClockLength, Escalation, Extension, Field, Needs, Opens, State,
    Stated, Template, Transition, When,
};
pub use step::{
    Actor, Asked, ClockStanding, Opening, Refusal, Standing, Step, may_take, offered, open, step,
};
pub use template::PLACES;
pub use value::check_value;
pub use words::{
    EnterpriseSees, EscalateTo, FieldForm, LinkKind, Owner, PublicView, Told, Visibility, Who,
};
