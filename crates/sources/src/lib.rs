//! Sources of pollution: outlets, their automatic monitoring, alerts.
