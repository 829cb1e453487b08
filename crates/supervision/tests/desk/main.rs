//! The officers' desk through the router: pages in both languages, who may and who may not, what an
//! enterprise never meets, two officers at once, alerts that become cases.

#[path = "../outside/city.rs"]
#[allow(dead_code, reason = "the tests from outside need more of it")]
mod city;
mod enterprise;
mod flow;
mod from_alerts;
mod interface;
mod lists;
mod pages;
mod rights;
mod setup;
