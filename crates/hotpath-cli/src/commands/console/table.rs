//! The one table: selection, order, filter and scrolling of any list, and how its columns share the room.
//!
//! It is a state and pure functions over a [`Sheet`]; drawing is in `view/`. What must stay true: the selected line is
//! remembered by what it is, so that it stays selected when the order or the report changes.

use std::ops::Range;

use hotpath_report::{Unit, Value, units::shorten_function_name};

use super::fit::{one_line, width};
use super::sheet::{Column, Line, Order, Sheet};

/// State of one table.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableState {
    /// The line that was chosen; the first that is like any other until one is.
    selected: Option<u64>,
    /// Where the selected line is.
    pub(crate) index: usize,
    /// The first line on the screen.
    pub(crate) offset: usize,
    pub(crate) order: Option<Order>,
    pub(crate) filter: String,
}

/// A way to another line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    By(isize),
    Pages(isize),
    First,
    Last,
    To(usize),
}

impl TableState {
    /// Brings index and offset in line with the lines there are and the height there is.
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

    /// Selects another line.
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

    /// Orders by the column `steps` further; past either end the lines are as the report has them.
    pub(crate) fn order_by_next(&mut self, columns: &[Column], steps: isize) {
        let places = columns.len() as isize + 1;
        let now = self.order.as_ref().and_then(|order| columns.iter().position(|c| c.id == order.column));
        let next = (now.map_or(0, |i| i as isize + 1) + steps).rem_euclid(places);
        self.order = (next > 0).then(|| natural(&columns[next as usize - 1]));
    }

    /// Orders by this column; if that is so already, the other way round.
    pub(crate) fn order_by(&mut self, column: &Column) {
        match self.order.as_mut().filter(|order| order.column == column.id) {
            Some(order) => order.descending = !order.descending,
            None => self.order = Some(natural(column)),
        }
    }

    /// Turns the order round.
    pub(crate) fn reverse(&mut self) {
        if let Some(order) = &mut self.order {
            order.descending = !order.descending;
        }
    }
}

/// Words from A to Z, numbers from the largest.
fn natural(column: &Column) -> Order {
    Order { column: column.id.clone(), descending: !column.is_text() }
}

/// The first line to show, so that line `index` of `count` is among `height`, with as little scrolling as it takes.
fn window(offset: usize, index: usize, count: usize, height: usize) -> usize {
    let height = height.max(1);
    let offset = offset.min(count.saturating_sub(height));
    offset.clamp((index + 1).saturating_sub(height), index)
}

/// A column on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Which of the sheet's columns.
    pub(crate) column: usize,
    /// Cells from the left edge.
    pub(crate) x: usize,
    pub(crate) width: usize,
    /// Cells of it that are a bar; 0 is none.
    pub(crate) bar: usize,
    /// Whether names stand with their last parts only.
    pub(crate) short: bool,
}

/// Cells between two columns.
const GAP: usize = 2;
/// A name is not made shorter than this to make room for other columns.
const NAME: usize = 22;
/// A text beside the name.
const TEXT: usize = 12;
/// A bar has so many cells, and so many where there is room.
const BAR: std::ops::RangeInclusive<usize> = 6..=16;

/// How wide each column is, for the `shown` lines on the screen.
///
/// Where the room does not do for all, columns go from right to left, but neither the first nor the one that the lines are
/// ordered by. The first share has a bar before other columns have room. What is left goes to the names, then to other
/// texts, then to bars.
pub(crate) fn plan(sheet: &Sheet<'_>, shown: Range<usize>, room: usize, order: Option<&Order>) -> Vec<Slot> {
    let lines = sheet.lines.get(shown).unwrap_or_default();
    let wants: Vec<Want> = (0..sheet.columns.len()).map(|i| Want::of(sheet, lines, i)).collect();
    let first_bar = wants.iter().position(|want| want.has_bar);
    let is_ordered = |i: usize| order.is_some_and(|order| order.column == sheet.columns[i].id);
    let slot = |i: usize| {
        let bar = if first_bar == Some(i) { *BAR.start() } else { 0 };
        Slot { column: i, x: 0, width: wants[i].least + bar_room(bar), bar, short: true }
    };
    let mut slots: Vec<Slot> = (0..wants.len()).map(slot).collect();
    while used(&slots) > room {
        let Some(at) = slots.iter().rposition(|slot| slot.column > 0 && !is_ordered(slot.column)) else {
            break;
        };
        slots.remove(at);
    }
    let mut left = room.saturating_sub(used(&slots));
    slots.iter_mut().for_each(|slot| wants[slot.column].grow(slot, &mut left));
    slots.iter_mut().filter(|slot| wants[slot.column].has_bar).for_each(|slot| grow_bar(slot, &mut left));
    let mut x = 0;
    for slot in &mut slots {
        slot.x = x;
        x += slot.width + GAP;
    }
    slots
}

fn used(slots: &[Slot]) -> usize {
    slots.iter().map(|slot| slot.width).sum::<usize>() + GAP * slots.len().saturating_sub(1)
}

/// A bar, and what stands between it and its number.
fn bar_room(bar: usize) -> usize {
    if bar > 0 { bar + 1 } else { 0 }
}

fn grow_bar(slot: &mut Slot, left: &mut usize) {
    let most = (bar_room(slot.bar) + *left).saturating_sub(1).min(*BAR.end());
    if most >= *BAR.start() {
        let more = bar_room(most) - bar_room(slot.bar);
        (slot.bar, slot.width, *left) = (most, slot.width + more, *left - more);
    }
}

/// How much room a column wants.
struct Want {
    /// What it has in any case.
    least: usize,
    /// What short names want.
    short: usize,
    /// What it wants to be complete.
    most: usize,
    has_bar: bool,
}

impl Want {
    fn of(sheet: &Sheet<'_>, lines: &[Line<'_>], index: usize) -> Self {
        let column = &sheet.columns[index];
        let header = width(&column.header) + 1; // the mark of the order
        let widest = |short: bool| {
            let cell = |line: &Line<'_>| {
                width(&text(column, line.value(column), short)) + if index == 0 { indent(line) } else { 0 }
            };
            lines.iter().map(cell).max().unwrap_or(0).max(header)
        };
        let has_bar = column.has_bar();
        if !column.is_text() {
            let most = widest(false).max(usual(column.unit));
            return Self { least: most, short: most, most, has_bar };
        }
        let short = widest(true);
        Self { least: short.min(if index == 0 { NAME } else { TEXT }), short, most: widest(false), has_bar }
    }

    /// Full names if there is room for all of them, else short ones as far as there is room.
    fn grow(&self, slot: &mut Slot, left: &mut usize) {
        slot.short = self.most - self.least > *left;
        let more = if slot.short { (self.short - self.least).min(*left) } else { self.most - self.least };
        slot.width += more;
        *left -= more;
    }
}

/// Cells in front of a name in a tree.
pub(crate) fn indent(line: &Line<'_>) -> usize {
    let is_tree = line.depth > 0 || line.is_open.is_some();
    if is_tree { line.depth * 2 + 2 } else { 0 }
}

/// Numbers of a unit are rarely wider, so that columns do not jump when numbers grow.
fn usual(unit: Unit) -> usize {
    match unit {
        Unit::Nanos | Unit::Bytes | Unit::SignedBytes => 9,
        Unit::Percent | Unit::Load => 7,
        Unit::Count | Unit::Rate => 6,
        _ => 1,
    }
}

/// A value as it stands in a cell. Names are short: their last two parts.
pub(crate) fn text(column: &Column, value: &Value, short: bool) -> String {
    match (column.unit, value) {
        (Unit::Name, Value::Text(name)) if short => one_line(&shorten_function_name(name, 2)),
        (_, Value::Text(text)) => one_line(text),
        _ => value.to_string(),
    }
}
