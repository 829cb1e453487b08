//! What an area contributes: pages, interface, a place in the navigation, a panel of the first
//! page, a layer of the map.

use crate::{AppState, MapFeature, Problem, Reader};
use authority::Principal;
use jiff::Timestamp;
use maud::Markup;
use registry::EnterpriseId;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// The future of a panel or a layer.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// Makes a panel of the first page.
pub type HomePanel = fn(AppState, Reader) -> Later<Result<Markup, Problem>>;
/// Makes a layer of the map.
pub type MapLayer = fn(AppState) -> Later<Vec<MapFeature>>;

/// Makes a panel of an enterprise's page, for a reader who may be signed in; none when there is
/// nothing that this reader may see.
pub type EnterprisePanel = fn(
    AppState,
    Reader,
    EnterpriseId,
    Option<Arc<Principal>>,
) -> Later<Result<Option<Panel>, Problem>>;

/// A part of an enterprise's page (企业档案的一栏).
#[derive(Clone, Debug)]
pub struct Panel {
    /// Its anchor on the page, as in `#permit`.
    pub anchor: &'static str,
    /// Where it stands among the others: 10 permit, 20 outlets now, 30 data that count, 40 reports,
    /// 50 alerts, 60 findings and orders, 70 cases, 80 documents.
    pub order: u16,
    /// Its heading, in the reader's language.
    pub title: String,
    /// What it shows.
    pub content: Markup,
}

/// Tells what happened at an enterprise, as far as this reader may see it.
pub type EnterpriseTimeline = fn(
    AppState,
    Reader,
    EnterpriseId,
    Option<Arc<Principal>>,
) -> Later<Result<Vec<Happening>, Problem>>;

/// Something that happened at an enterprise (大事记的一条).
#[derive(Clone, Debug)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What kind of thing it is, in the reader's language: permit, alert, case.
    pub kind: String,
    /// What happened, in the reader's language.
    pub title: String,
    /// Where more of it is found.
    pub link: Option<String>,
}

/// Tells what an enterprise has to do, for somebody who manages it or supervises it.
pub type EnterpriseDuties =
    fn(AppState, Reader, EnterpriseId, Arc<Principal>) -> Later<Result<Vec<Duty>, Problem>>;

/// Something that an enterprise has to do (企业待办事项).
#[derive(Clone, Debug)]
pub struct Duty {
    /// Until when, where a clock runs.
    pub due_at: Option<Timestamp>,
    /// What kind of thing it is, in the reader's language: report, hours to mark, order.
    pub kind: String,
    /// What is to be done, in the reader's language.
    pub title: String,
    /// Where it is done.
    pub link: String,
}

/// A place in the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Navigation {
    /// The address.
    pub path: &'static str,
    /// The word in Chinese.
    pub zh: &'static str,
    /// The word in English.
    pub en: &'static str,
    /// What its readers must be allowed to do somewhere; none: it is public.
    pub needs: Option<authority::Action>,
}

/// What belongs together in the main navigation (导航分组).
#[derive(Clone)]
pub struct Area {
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its slices.
    pub slices: Vec<Slice>,
}

/// One folder of an area (功能模块).
#[derive(Clone)]
pub struct Slice {
    /// Its name, the folder's.
    pub name: &'static str,
    /// Its pages.
    pub pages: fn() -> axum::Router<AppState>,
    /// Its part of the open interface, below `/api/v1`.
    pub api: fn() -> OpenApiRouter<AppState>,
    /// Its places in the navigation.
    pub navigation: &'static [Navigation],
    /// Its panel of the first page.
    pub home: Option<HomePanel>,
    /// Its layer of the map.
    pub map: Option<MapLayer>,
    /// Its part of an enterprise's page.
    pub enterprise: Option<EnterprisePanel>,
    /// What it tells on an enterprise's timeline.
    pub timeline: Option<EnterpriseTimeline>,
    /// What it asks an enterprise to do.
    pub duties: Option<EnterpriseDuties>,
}
