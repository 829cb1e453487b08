//! Devices that speak HJ 212 over TCP, with seeded cycles and faults.
