//! Periods of cities from days of stations.
