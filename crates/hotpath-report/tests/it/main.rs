//! Sections, renderers and findings, on reports built by hand.

#[path = "../fixtures/mod.rs"]
mod fixtures;

mod alloc;
mod channels;
mod compat;
mod cpu;
mod dist;
mod estimates;
mod findings;
mod json;
mod locks;
mod logs;
mod schema;
mod table;
mod units;
