//! No native stacks: without signals no code of ours runs on the thread whose stack it is.

use super::{Module, Registers};

/// None.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds;

impl Bounds {
    /// Not asked.
    pub(crate) fn of_this_thread() -> Option<Self> {
        None
    }

    /// None.
    pub(crate) fn to_words(self) -> (usize, usize) {
        (0, 0)
    }

    /// None.
    pub(crate) fn from_words(_: usize, _: usize) -> Self {
        Self
    }
}

/// The thread's own place, if known.
pub(crate) fn walk(registers: Registers, _: Bounds, frames: &mut [usize]) -> usize {
    frames.first_mut().map_or(0, |frame| {
        *frame = registers.pc;
        1
    })
}

/// None are known.
pub(crate) fn modules() -> Vec<Module> {
    Vec::new()
}
