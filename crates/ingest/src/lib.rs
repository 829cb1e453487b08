//! From outside to observations: HJ 212 sessions, files, publication feeds.
