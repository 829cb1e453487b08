//! The city's air and surface water: pages, API and rules.
