//! Small events for open pages, as server-sent events.

use crate::{AppState, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt as _;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// At most so many pages follow at once; more are asked to come back later.
const FOLLOWERS: usize = 2000;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// `station`, `section`, `outlet`, `alert`, `finding`, `operations`.
    pub kind: &'static str,
    /// What it happened to, and the fields that pages show.
    pub data: serde_json::Value,
}

/// Hands events to open pages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Live {
    events: broadcast::Sender<LiveEvent>,
    followers: Arc<AtomicUsize>,
}

impl Default for Live {
    fn default() -> Self {
        Self { events: broadcast::channel(512).0, followers: Arc::default() }
    }
}

impl Live {
    /// Tells whoever follows.
    pub fn tell(&self, event: LiveEvent) {
        // Nobody following is no failure.
        let _ = self.events.send(event);
    }
}

/// Counts a follower for as long as it follows.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) async fn follow(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let followers = Arc::clone(&state.live.followers);
    let place = Place(Arc::clone(&followers));
    if followers.fetch_add(1, Ordering::Relaxed) >= FOLLOWERS {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "web.live_full",
            "实时连接已满,请稍后再试",
            "too many pages follow live; try again later",
        ));
    }
    let events = BroadcastStream::new(state.live.events.subscribe());
    // A first comment lets whatever stands between know that the stream has begun.
    let begun = futures_util::stream::once(async { Ok(Event::default().comment("follow")) });
    let stream = begun.chain(events.filter_map(move |event| {
        let _place = &place;
        // A follower that lags has missed events; the next ones bring it up to date.
        let event = event.ok().map(|event| {
            Ok::<_, Infallible>(Event::default().event(event.kind).data(event.data.to_string()))
        });
        futures_util::future::ready(event)
    }));
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}
