//! The ways in from outside through the router: citizens, applications, partners, phones.

mod city;
mod complaints;
mod exchange;
mod open311;
mod patrol;
