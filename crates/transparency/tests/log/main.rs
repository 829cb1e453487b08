//! The log over a small city: what is appended, what is proven, what is found when it was tampered.

mod city;
mod sequencing;
mod tampering;
