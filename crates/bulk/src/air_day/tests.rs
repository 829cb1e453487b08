//! Days of stations from hours.
