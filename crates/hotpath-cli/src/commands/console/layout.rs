//! The layout of the screen: a pure function of its size and its parts.
//!
//! Drawing and mouse handling use the same function, so that a click hits what is visible. Invariant: every area is inside the
//! screen, whatever its size.

use std::ops::Range;

use ratatui::layout::{Position, Rect, Size};

use super::fit::width;

/// The parts of the screen except for the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The lines above the table.
    pub(crate) info: u16,
    /// The lines of sparklines.
    pub(crate) sparks: u16,
    pub(crate) logs: bool,
}

/// The areas of the screen. An area without room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    pub(crate) tabs: Rect,
    pub(crate) pages: Rect,
    pub(crate) info: Rect,
    /// The table, with its header line.
    pub(crate) table: Rect,
    pub(crate) sparks: Rect,
    /// The panel of events, with its title line.
    pub(crate) logs: Rect,
    pub(crate) footer: Rect,
}

/// The minimum width for the events to be to the right of the table; otherwise they are below it.
const WIDE: u16 = 150;
/// The lines of the table before other parts get any.
const TABLE: u16 = 5;

/// Returns the areas of a screen.
pub(crate) fn areas(size: Size, parts: Parts) -> Areas {
    let screen = Rect::new(0, 0, size.width, size.height);
    let mut rest = screen;
    let header = top(&mut rest, 1);
    let tabs = top(&mut rest, 1);
    let pages = top(&mut rest, 1);
    let footer = if rest.height > TABLE { bottom(&mut rest, 1) } else { Rect::default() };
    let spare = |rest: &Rect| rest.height.saturating_sub(TABLE);
    let sparks = if spare(&rest) >= parts.sparks { bottom(&mut rest, parts.sparks) } else { Rect::default() };
    let lines = parts.info.min(spare(&rest));
    let info = top(&mut rest, lines);
    let logs = match parts.logs {
        false => Rect::default(),
        true if size.width >= WIDE => right(&mut rest, size.width * 2 / 5),
        true => {
            let lines = rest.height / 2;
            bottom(&mut rest, lines)
        }
    };
    Areas { header, tabs, pages, info, table: rest, sparks, logs, footer }
}

impl Areas {
    /// Returns the lines of a table without its header.
    pub(crate) fn lines(table: Rect) -> usize {
        table.height.saturating_sub(1).into()
    }
}

/// A position in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// The header, at this cell from the left.
    Header(usize),
    /// The line of this number below the header.
    Line(usize),
}

/// Returns the position in a table of a point of the screen.
pub(crate) fn hit(table: Rect, at: Position) -> Option<Hit> {
    if !table.contains(at) {
        return None;
    }
    let line = usize::from(at.y - table.y);
    Some(if line == 0 { Hit::Header((at.x - table.x).into()) } else { Hit::Line(line - 1) })
}

/// Returns the ranges of consecutive titles on a line, each with a blank on both sides.
pub(crate) fn titles(titles: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Range<usize>> {
    let mut x = 0;
    let range = |title: &str| {
        let start = x;
        x += width(title) + 3;
        start..start + width(title) + 2
    };
    let mut range = range;
    titles.into_iter().map(|title| range(title.as_ref())).collect()
}

/// Returns the text area of a popup, whose frame is a cell wider on each side.
pub(crate) fn popup(size: Size) -> Rect {
    let width = size.width.saturating_sub(6).min(100);
    let height = size.height.saturating_sub(4);
    Rect::new((size.width - width) / 2, (size.height - height) / 2, width, height)
}

fn top(rest: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(rest.height);
    let part = Rect { height: lines, ..*rest };
    *rest = Rect { y: rest.y + lines, height: rest.height - lines, ..*rest };
    part
}

fn bottom(rest: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(rest.height);
    rest.height -= lines;
    Rect { y: rest.y + rest.height, height: lines, ..*rest }
}

/// Splits off the right part, with a free cell between the two.
fn right(rest: &mut Rect, cells: u16) -> Rect {
    let cells = cells.min(rest.width);
    let part = Rect { x: rest.x + rest.width - cells, width: cells, ..*rest };
    rest.width = rest.width.saturating_sub(cells + 1);
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_inside_screens_of_every_size() {
        for (width, height) in (0..40).flat_map(|x| (0..40).map(move |y| (x * 7, y))) {
            for logs in [false, true] {
                let parts = Parts { info: 2, sparks: 2, logs };
                let areas = areas(Size { width, height }, parts);
                let all = [
                    areas.header,
                    areas.tabs,
                    areas.pages,
                    areas.info,
                    areas.table,
                    areas.sparks,
                    areas.logs,
                    areas.footer,
                ];
                for area in all {
                    assert!(area.right() <= width && area.bottom() <= height, "{area:?} in {width}x{height}");
                }
                let sum: u32 = all.iter().map(|area| area.area()).sum();
                assert!(sum <= u32::from(width) * u32::from(height), "areas overlap in {width}x{height}");
            }
        }
    }
}
