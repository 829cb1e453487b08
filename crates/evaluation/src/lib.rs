//! Runs rules when data arrive, keeps verdicts with their inputs, opens and closes alerts.
