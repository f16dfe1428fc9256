//! Where everything stands on the screen: a pure function of its size and of what there is to show.
//!
//! Drawing and the mouse ask the same function, so that a click meets what is seen. What must stay true: every area lies inside
//! the screen, of whatever size.

use std::ops::Range;

use ratatui::layout::{Position, Rect, Size};

use super::fit::width;

/// What there is to show beside the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Lines above the table.
    pub(crate) info: u16,
    /// Lines of sparklines.
    pub(crate) sparks: u16,
    pub(crate) logs: bool,
}

/// The areas of the screen; one that has no room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    pub(crate) tabs: Rect,
    pub(crate) pages: Rect,
    pub(crate) info: Rect,
    /// The table, the line of its headers included.
    pub(crate) table: Rect,
    pub(crate) sparks: Rect,
    /// The panel of logs, the line of its title included.
    pub(crate) logs: Rect,
    pub(crate) footer: Rect,
}

/// From this width on, logs stand beside the table, else below it.
const WIDE: u16 = 150;
/// The table keeps so many lines before others get any.
const TABLE: u16 = 5;

/// The areas of a screen.
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
    /// Lines of a table, its headers left out.
    pub(crate) fn lines(table: Rect) -> usize {
        table.height.saturating_sub(1).into()
    }
}

/// What is at a point of a table: its headers, or one of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// So many cells from the left.
    Header(usize),
    /// So many lines below the headers.
    Line(usize),
}

/// What of a table is at this point of the screen.
pub(crate) fn hit(table: Rect, at: Position) -> Option<Hit> {
    if !table.contains(at) {
        return None;
    }
    let line = usize::from(at.y - table.y);
    Some(if line == 0 { Hit::Header((at.x - table.x).into()) } else { Hit::Line(line - 1) })
}

/// Where titles stand that follow each other on a line, with a blank on both sides of each.
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

/// The text of a window above the screen; its frame is a cell wider on each side.
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

/// One cell stays free between the two.
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
    fn areas_lie_inside_screens_of_every_size() {
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
