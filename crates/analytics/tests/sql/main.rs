//! Questions in SQL over a city with a few days of values, on both databases.

mod city;
mod numbers;
mod refusals;
mod sight;
mod wire;
