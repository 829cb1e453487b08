//! What an area contributes: pages, interface, a place in the navigation, a panel of the first
//! page, a layer of the map.

use crate::{AppState, MapFeature, Problem, Reader};
use authority::Principal;
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
}
