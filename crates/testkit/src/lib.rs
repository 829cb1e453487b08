//! A test city, both databases and fake time, for tests only.
