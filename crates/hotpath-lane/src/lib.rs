//! The recording core of the `hotpath` profiler.
//!
//! A measured function, block or resource is a [`Site`]. Every thread owns one *lane*, in which it adds up its hits of each site in place,
//! with relaxed loads and stores only. Any thread may read all lanes at any time ([`read()`]). There is no queue, no collector, and no
//! moment at which a number is not ready.
//!
//! ```text
//! Site ──enter──► Lane (this thread) ──► Node (call tree)           calls, self time
//!                                   └──► Row  (site, all callers)   sum, distribution, recent calls
//! ```
//!
//! Invariants:
//! - Only the thread that owns a lane writes it. A later thread gets the lane only through the pool of [`thread`].
//! - Lanes, rows and nodes are never freed, so a pointer to one stays valid.
//! - Everything that another thread may read is an atomic. A reader never makes a writer wait; only a thread that ends waits for those
//!   who read in its storage ([`memory`]).
//! - Memory is bounded by [`set_memory_limit`], and past that by sites × threads alive at once. Past a bound, hits are counted under `<other>`.
//!
//! The crate has no dependencies, does no I/O, reads no environment, starts no thread, and knows no instrument: a site carries a
//! `kind` that only its user interprets. All of the profiler's lock-free `unsafe` is here.
#![warn(missing_docs)]
#![cfg_attr(loom, allow(dead_code, reason = "only the protocol is compiled with loom"))]

mod arena;
mod async_stats;
mod call_history;
mod cells;
mod counters;
mod dist;
mod epoch;
mod estimates;
mod ledger;
mod logs;
pub mod memory;
mod node;
mod primitive;
mod row;

#[cfg(not(loom))]
pub mod allocations;
#[cfg(not(loom))]
mod async_call;
#[cfg(not(loom))]
mod block;
#[cfg(not(loom))]
mod blocking;
#[cfg(not(loom))]
pub mod budget;
#[cfg(not(loom))]
mod call;
#[cfg(not(loom))]
pub mod clock;
#[cfg(not(loom))]
pub mod cpu;
#[cfg(not(loom))]
pub mod event;
#[cfg(not(loom))]
mod frame;
#[cfg(not(loom))]
pub mod gate;
#[cfg(not(loom))]
mod history_entry;
#[cfg(not(loom))]
pub mod hold_timer;
#[cfg(not(loom))]
pub mod inside;
#[cfg(not(loom))]
mod lane;
mod pool;
#[cfg(not(loom))]
pub mod read;
#[cfg(not(loom))]
mod reader_slots;
#[cfg(not(loom))]
pub mod readers;
#[cfg(not(loom))]
mod site;
#[cfg(not(loom))]
pub mod thread;
#[cfg(not(loom))]
mod traces;
#[cfg(not(loom))]
mod unattributed;
#[cfg(not(loom))]
mod wall_time_block;

#[cfg(not(loom))]
pub use arena::{is_memory_limit_reached, memory_used, set_memory_limit, set_source};
#[cfg(not(loom))]
pub use async_call::{AsyncCall, PollFrame};
#[cfg(not(loom))]
pub use block::{Block, Resumed};
#[cfg(not(loom))]
pub use blocking::set_blocking;
#[cfg(not(loom))]
pub use call::{Call, CallSlot, enter};
pub use dist::{Buckets, bucket_bounds, bucket_index};
#[cfg(not(loom))]
pub use lane::set_recent;
#[cfg(not(loom))]
pub use read::read;
#[cfg(not(loom))]
pub use site::{Interest, Labels, OTHER_NAME, Site, set_filter, set_sampling, sites};

pub use call_history::{Detail, Phase};
#[cfg(not(loom))]
pub use history_entry::HistoryEntry;
#[cfg(not(loom))]
pub use traces::{Trace, Traces};
#[cfg(not(loom))]
pub use wall_time_block::WallTimeBlock;

#[cfg(all(test, loom))]
mod model;
