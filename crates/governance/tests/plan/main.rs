//! The plan at work in two cities: values computed and kept, duties opened, late, done, who may see
//! and do what.

mod assessment;
mod city;
mod duties;
mod indicators;
mod ledgers;
mod oversight;
mod pages;
