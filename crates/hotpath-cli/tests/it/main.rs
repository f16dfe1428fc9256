//! The command, run as a process.

#[path = "../common/mod.rs"]
mod common;
#[path = "../program/mod.rs"]
mod program;

mod ab;
mod action;
mod ci;
mod compare;
mod export;
mod history;
mod history_off;
mod init;
mod mcp;
mod page;
mod report;
mod tmux;
