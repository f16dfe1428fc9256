//! Blocks whose awaits are hidden: timed from beginning to end, outside the call tree.

use crate::{
    clock,
    frame::{on_row, recorded},
    site::Site,
};

/// A measured block whose awaits are hidden in a macro. Only its wall time is recorded, outside the call tree.
#[must_use = "the block is measured until this is dropped"]
#[derive(Debug)]
pub struct WallTimeBlock {
    site: &'static Site,
    start: u64,
    epoch: u32,
}

impl WallTimeBlock {
    /// Begins the block.
    pub fn new(site: &'static Site) -> Self {
        let epoch = recorded(site).map_or(0, |(_, epoch)| epoch);
        Self { site, start: if epoch == 0 { 0 } else { clock::now() }, epoch }
    }
}

impl Drop for WallTimeBlock {
    fn drop(&mut self) {
        if self.epoch == 0 {
            return;
        }
        let end = clock::now();
        on_row(self.site, self.epoch, |lane, row| {
            row.count_detached(&lane.arena);
            row.record(end, end.saturating_sub(self.start), false, &lane.arena);
        });
    }
}
