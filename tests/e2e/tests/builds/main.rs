//! Packages that cargo builds: the programs of the documents as they are typed.

#[path = "../common/mod.rs"]
mod common;

mod by_hand;
mod documents;
mod endpoint;
mod memory;
mod package;
mod plugins;
