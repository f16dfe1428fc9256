//! The state of a table: selection, order, filter and scrolling; and the layout of its columns.
//!
//! It consists of state and pure functions of a [`Sheet`]; drawing is in `view/`. Invariant: the selection is the identity of a
//! line, so that it survives another order and another report.

use std::ops::Range;

use hotpath_report::{Unit, Value, estimate_text, units::shorten_function_name};

use super::fit::{one_line, width};
use super::sheet::{Column, Line, Order, Sheet};

/// The state of one table.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableState {
    /// The key of the selected line; `None` for the first ordinary line.
    selected: Option<u64>,
    /// The index of the selected line.
    pub(crate) index: usize,
    /// The index of the first visible line.
    pub(crate) offset: usize,
    pub(crate) order: Option<Order>,
    pub(crate) filter: String,
}

/// A movement of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    By(isize),
    Pages(isize),
    First,
    Last,
    To(usize),
}

impl TableState {
    /// Updates index and offset for the current lines and height.
    pub(crate) fn settle(&mut self, sheet: &Sheet<'_>, height: usize) {
        let chosen = self.selected.and_then(|key| sheet.lines.iter().position(|line| line.key == key));
        let first = || sheet.lines.iter().position(|line| !line.is_pinned).unwrap_or(0);
        self.index = match (chosen, self.selected) {
            (Some(index), _) => index,
            (None, None) => first(),
            (None, Some(_)) => self.index,
        };
        self.index = self.index.min(sheet.lines.len().saturating_sub(1));
        self.offset = window(self.offset, self.index, sheet.lines.len(), height);
    }

    /// Moves the selection.
    pub(crate) fn go(&mut self, to: Move, sheet: &Sheet<'_>, height: usize) {
        let last = sheet.lines.len().saturating_sub(1);
        let page = height.saturating_sub(1).max(1) as isize;
        let index = match to {
            Move::By(lines) => self.index.saturating_add_signed(lines),
            Move::Pages(pages) => self.index.saturating_add_signed(pages * page),
            Move::First => 0,
            Move::Last => last,
            Move::To(index) => index,
        };
        self.selected = sheet.lines.get(index.min(last)).map(|line| line.key);
        self.settle(sheet, height);
    }

    /// Sorts by the column `steps` further; past either end by none.
    pub(crate) fn order_by_next(&mut self, columns: &[Column], steps: isize) {
        let choices = columns.len() as isize + 1;
        let now = self.order.as_ref().and_then(|order| columns.iter().position(|c| c.id == order.column));
        let next = (now.map_or(0, |i| i as isize + 1) + steps).rem_euclid(choices);
        self.order = (next > 0).then(|| natural(&columns[next as usize - 1]));
    }

    /// Sorts by this column, or reverses its order.
    pub(crate) fn order_by(&mut self, column: &Column) {
        match self.order.as_mut().filter(|order| order.column == column.id) {
            Some(order) => order.descending = !order.descending,
            None => self.order = Some(natural(column)),
        }
    }

    /// Reverses the order.
    pub(crate) fn reverse(&mut self) {
        if let Some(order) = &mut self.order {
            order.descending = !order.descending;
        }
    }
}

/// Returns the default order of a column: ascending text, descending numbers.
fn natural(column: &Column) -> Order {
    Order { column: column.id.clone(), descending: !column.is_text() }
}

/// Returns the first visible line such that line `index` of `count` is among `height` lines, with minimal scrolling.
fn window(offset: usize, index: usize, count: usize, height: usize) -> usize {
    let height = height.max(1);
    let offset = offset.min(count.saturating_sub(height));
    offset.clamp((index + 1).saturating_sub(height), index)
}

/// The position of a column on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnLayout {
    /// The index of the column in the sheet.
    pub(crate) column: usize,
    /// The cells from the left edge.
    pub(crate) x: usize,
    pub(crate) width: usize,
    /// The cells of its bar; 0 without one.
    pub(crate) bar: usize,
    /// True if names are shortened to their last segments.
    pub(crate) short: bool,
}

/// The cells between two columns.
const GAP: usize = 2;
/// The minimum width of names.
const NAME: usize = 22;
/// The minimum width of other texts.
const TEXT: usize = 12;
/// The minimum and maximum width of a bar.
const BAR: std::ops::RangeInclusive<usize> = 6..=16;

/// Returns the layout of the columns, for the `shown` lines.
///
/// If there is not enough room, columns are dropped from the right, except for the first one and the sort column. The first share
/// has a bar before other columns get room. Spare room goes to names, then to other texts, then to bars.
pub(crate) fn plan(
    sheet: &Sheet<'_>,
    shown: Range<usize>,
    room: usize,
    order: Option<&Order>,
) -> Vec<ColumnLayout> {
    let lines = sheet.lines.get(shown).unwrap_or_default();
    let widths: Vec<Widths> = (0..sheet.columns.len()).map(|i| Widths::of(sheet, lines, i)).collect();
    let first_bar = widths.iter().position(|widths| widths.has_bar);
    let is_ordered = |i: usize| order.is_some_and(|order| order.column == sheet.columns[i].id);
    let layout = |i: usize| {
        let bar = if first_bar == Some(i) { *BAR.start() } else { 0 };
        ColumnLayout { column: i, x: 0, width: widths[i].min + bar_room(bar), bar, short: true }
    };
    let mut layouts: Vec<ColumnLayout> = (0..widths.len()).map(layout).collect();
    while used(&layouts) > room {
        let Some(at) = layouts.iter().rposition(|layout| layout.column > 0 && !is_ordered(layout.column))
        else {
            break;
        };
        layouts.remove(at);
    }
    let mut left = room.saturating_sub(used(&layouts));
    layouts.iter_mut().for_each(|layout| widths[layout.column].grow(layout, &mut left));
    layouts
        .iter_mut()
        .filter(|layout| widths[layout.column].has_bar)
        .for_each(|layout| grow_bar(layout, &mut left));
    let mut x = 0;
    for layout in &mut layouts {
        layout.x = x;
        x += layout.width + GAP;
    }
    layouts
}

fn used(layouts: &[ColumnLayout]) -> usize {
    layouts.iter().map(|layout| layout.width).sum::<usize>() + GAP * layouts.len().saturating_sub(1)
}

/// Returns the cells of a bar with its gap.
fn bar_room(bar: usize) -> usize {
    if bar > 0 { bar + 1 } else { 0 }
}

fn grow_bar(layout: &mut ColumnLayout, left: &mut usize) {
    let most = (bar_room(layout.bar) + *left).saturating_sub(1).min(*BAR.end());
    if most >= *BAR.start() {
        let more = bar_room(most) - bar_room(layout.bar);
        (layout.bar, layout.width, *left) = (most, layout.width + more, *left - more);
    }
}

/// The widths of a column.
struct Widths {
    /// The minimum.
    min: usize,
    /// The width with short names.
    short: usize,
    /// The complete width.
    max: usize,
    has_bar: bool,
}

impl Widths {
    fn of(sheet: &Sheet<'_>, lines: &[Line<'_>], index: usize) -> Self {
        let column = &sheet.columns[index];
        let header = width(&column.header) + 1; // the mark of the order
        let widest = |short: bool| {
            let cell = |line: &Line<'_>| {
                width(&text(column, line, short)) + if index == 0 { indent(line) } else { 0 }
            };
            lines.iter().map(cell).max().unwrap_or(0).max(header)
        };
        let has_bar = column.has_bar();
        if !column.is_text() {
            let max = widest(false).max(usual_width(column.unit));
            return Self { min: max, short: max, max, has_bar };
        }
        let short = widest(true);
        Self { min: short.min(if index == 0 { NAME } else { TEXT }), short, max: widest(false), has_bar }
    }

    /// Widens the column: for full names if there is room, or for short ones as far as there is room.
    fn grow(&self, layout: &mut ColumnLayout, left: &mut usize) {
        layout.short = self.max - self.min > *left;
        let more = if layout.short { (self.short - self.min).min(*left) } else { self.max - self.min };
        layout.width += more;
        *left -= more;
    }
}

/// Returns the indentation of a name in a tree.
pub(crate) fn indent(line: &Line<'_>) -> usize {
    let is_tree = line.depth > 0 || line.is_open.is_some();
    if is_tree { line.depth * 2 + 2 } else { 0 }
}

/// Returns a width that numbers of a unit rarely exceed, so that columns do not jump when numbers grow.
fn usual_width(unit: Unit) -> usize {
    match unit {
        Unit::Nanos | Unit::Bytes | Unit::SignedBytes => 9,
        Unit::Percent | Unit::Load => 7,
        Unit::Count | Unit::Rate => 6,
        _ => 1,
    }
}

/// Returns the text of a cell. Short names are their last two segments.
pub(crate) fn text(column: &Column, line: &Line<'_>, short: bool) -> String {
    match (column.unit, line.value(column)) {
        (Unit::Name, Value::Text(name)) if short => one_line(&shorten_function_name(name, 2)),
        (_, Value::Text(text)) => one_line(text),
        (_, value) => estimate_text(line.is_estimate(column), value),
    }
}
