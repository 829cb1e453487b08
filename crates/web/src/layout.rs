//! The frame of every page.

use crate::{AppState, Area, Language, Reader, assets, text};
use maud::{DOCTYPE, Markup, html};

/// A step of the way to a page.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// The address.
    pub path: String,
    /// The words.
    pub words: String,
}

/// A page about to be rendered.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    crumbs: Vec<Crumb>,
    is_live: bool,
    manifest: Option<&'static str>,
}

impl Page {
    /// A page with this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), crumbs: Vec::new(), is_live: false, manifest: None }
    }

    /// Adds a step of the way here.
    pub fn under(mut self, path: impl Into<String>, words: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { path: path.into(), words: words.into() });
        self
    }

    /// Lets the page follow live events.
    pub fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    /// Lets a phone install the page, by the manifest at this address.
    pub fn installable(mut self, manifest: &'static str) -> Self {
        self.manifest = Some(manifest);
        self
    }

    /// The whole page around `content`.
    pub fn render(&self, state: &AppState, reader: &Reader, content: Markup) -> Markup {
        let snapshot = state.snapshot();
        let city = reader.name(&snapshot.city.name);
        let lang = reader.pick("zh-CN", "en");
        html! {
            (DOCTYPE)
            html lang=(lang) data-theme=[reader.theme] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · " (city) " · " (reader.pick("明澈", "Lucid")) }
                    link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                    @if let Some(manifest) = self.manifest {
                        link rel="manifest" href=(manifest);
                        meta name="theme-color" content="#0b4d5a";
                    }
                    link rel="stylesheet" href=(assets::style_address());
                    @if let Some(script) = assets::script_address() {
                        script type="module" src=(script) {}
                    }
                }
                body data-lang=(reader.language.code()) data-live=[self.is_live.then_some("/live")] {
                    a class="skip" href="#main" { (reader.pick("跳到正文", "Skip to content")) }
                    (header(state, reader, city))
                    @if snapshot.city.is_demo { (demo_notice(reader)) }
                    main id="main" tabindex="-1" {
                        (self.way(reader))
                        h1 { (self.title) }
                        (content)
                    }
                    (footer(state, reader))
                }
            }
        }
    }

    fn way(&self, reader: &Reader) -> Markup {
        html! {
            @if !self.crumbs.is_empty() {
                nav class="crumbs" aria-label=(reader.pick("当前位置", "You are here")) {
                    ol {
                        li { a href="/" { (reader.pick("首页", "Home")) } }
                        @for crumb in &self.crumbs {
                            li { a href=(crumb.path) { (crumb.words) } }
                        }
                        li aria-current="page" { (self.title) }
                    }
                }
            }
        }
    }
}

fn header(state: &AppState, reader: &Reader, city: &str) -> Markup {
    html! {
        header class="top" {
            div class="top-inner" {
                a class="brand" href="/" {
                    span class="brand-mark" aria-hidden="true" { "明" }
                    span { (city) " " span class="brand-name" { (reader.pick("明澈", "Lucid")) } }
                }
                nav aria-label=(reader.pick("主导航", "Main")) {
                    ul {
                        @for area in state.areas.iter() { (menu(reader, area)) }
                        @if reader.is_user() {
                            li {
                                a href="/account"
                                    aria-current=[(reader.path == "/account").then_some("page")] {
                                    (reader.pick("我的账号", "My account"))
                                }
                            }
                        }
                        li {
                            @if reader.is_signed_in {
                                form method="post" action="/sign-out" {
                                    button class="plain" type="submit" {
                                        (reader.pick("退出", "Sign out"))
                                    }
                                }
                            } @else {
                                a href="/sign-in" { (reader.pick("登录", "Sign in")) }
                            }
                        }
                    }
                }
                div class="choices" {
                    (language_link(reader))
                    button class="plain" type="button" data-action="theme" hidden
                        aria-label=(reader.pick("切换明暗", "Switch light and dark")) { "◐" }
                }
            }
        }
    }
}

/// The places of an area that a reader may visit: a menu, or themselves where there is one only or
/// the area has no name.
fn menu(reader: &Reader, area: &Area) -> Markup {
    let places = area.slices.iter().flat_map(|slice| slice.navigation);
    let places: Vec<_> = places.filter(|place| reader.may_visit(place.needs)).collect();
    let links = html! {
        @for place in &places {
            li {
                a href=(place.path)
                    aria-current=[(reader.path == place.path).then_some("page")] {
                    (reader.pick(place.zh, place.en))
                }
            }
        }
    };
    if places.len() < 2 || area.zh.is_empty() {
        return links;
    }
    let is_below = |path: &str| {
        reader.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_here = places.iter().any(|place| is_below(place.path));
    html! {
        li {
            details class="menu" name="menu" {
                summary aria-current=[is_here.then_some("true")] { (reader.pick(area.zh, area.en)) }
                ul { (links) }
            }
        }
    }
}

fn language_link(reader: &Reader) -> Markup {
    let (to, lang, words) = match reader.language {
        Language::Chinese => ("en", "en", "English"),
        Language::English => ("zh", "zh-CN", "中文"),
    };
    html! { a class="language" href=(reader.with("lang", to)) hreflang=(lang) lang=(lang) { (words) } }
}

fn demo_notice(reader: &Reader) -> Markup {
    html! {
        div class="demo-notice" role="note" {
            strong { (reader.pick("演示数据", "Demo data")) }
            " "
            (reader.pick(
                "数值由程序生成,企业均为虚构;区划、站点与断面名称是真实的。",
                "Values are generated and enterprises are fictitious; the names of divisions, \
                 stations and sections are real."))
        }
    }
}

fn footer(state: &AppState, reader: &Reader) -> Markup {
    let committed = state.recorder.health().committed_at;
    let now = state.now();
    html! {
        footer class="bottom" {
            div class="bottom-inner" {
                p {
                    (reader.pick("页面生成于", "Page made at")) " "
                    time datetime=(now.to_string()) { (text::local_second(now)) }
                    " (" (reader.pick("北京时间", "Beijing time")) ")"
                    @if let Some(at) = committed {
                        " · " (reader.pick("最近入库", "newest data")) " "
                        time datetime=(at.to_string()) data-live-field="committed_at" {
                            (text::local_second(at))
                        }
                    }
                }
                p {
                    a href="/api" { (reader.pick("开放接口", "Open interface")) }
                    " · "
                    a href="/design" { (reader.pick("界面样例", "Design")) }
                    " · "
                    (reader.pick("明澈", "Lucid")) " " (env!("CARGO_PKG_VERSION"))
                    " · "
                    button class="plain" type="button" data-action="print" hidden {
                        (reader.pick("打印", "Print"))
                    }
                }
            }
        }
    }
}
