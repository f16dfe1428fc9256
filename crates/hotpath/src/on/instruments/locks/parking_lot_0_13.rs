//! parking_lot 0.13.

use ::parking_lot_0_13 as library;

#[path = "lock_api.rs"]
mod generic;

pub use generic::*;
