//! Draws a sheet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::commands::console::app::App;
use crate::commands::console::fit::{cut_end, cut_middle, width};
use crate::commands::console::layout::Areas;
use crate::commands::console::look::Look;
use crate::commands::console::sheet::{Column, Line, Sheet, percent};
use crate::commands::console::table::{Slot, TableState, indent, plan, text};

/// Draws headers and the lines that the state shows; the selected one stands out where the focus is.
pub(super) fn draw(
    app: &App,
    sheet: &Sheet<'_>,
    state: &TableState,
    has_focus: bool,
    area: Rect,
    buffer: &mut Buffer,
) {
    if area.is_empty() {
        return;
    }
    let shown = state.offset..(state.offset + Areas::lines(area)).min(sheet.lines.len());
    let slots = plan(sheet, shown.clone(), area.width.into(), state.order.as_ref());
    let drawing = Drawing { look: app.look, area, slots: &slots, sheet };
    drawing.headers(state, buffer);
    for (index, y) in shown.zip(area.y + 1..area.bottom()) {
        let style = match (index == state.index, has_focus) {
            (true, true) => app.look.selected(),
            (true, false) => app.look.bold(),
            (false, _) => Style::new(),
        };
        drawing.line(&sheet.lines[index], y, style, buffer);
    }
}

struct Drawing<'a> {
    look: Look,
    area: Rect,
    slots: &'a [Slot],
    sheet: &'a Sheet<'a>,
}

impl Drawing<'_> {
    fn headers(&self, state: &TableState, buffer: &mut Buffer) {
        for slot in self.slots {
            let column = &self.sheet.columns[slot.column];
            let order = state.order.as_ref().filter(|order| order.column == column.id);
            let mark = order.map_or("", |order| self.look.sorted(order.descending));
            let header = format!("{}{mark}", column.header);
            let header = if column.is_text() { header } else { right(&header, number_width(slot)) };
            self.write(slot.x, slot.width, &header, self.look.bold(), self.area.y, buffer);
        }
    }

    fn line(&self, line: &Line<'_>, y: u16, style: Style, buffer: &mut Buffer) {
        buffer.set_style(Rect { y, height: 1, ..self.area }, style);
        for slot in self.slots {
            let column = &self.sheet.columns[slot.column];
            let text = self.cell(slot, column, line);
            self.write(slot.x, slot.width, &text, style, y, buffer);
            if slot.bar > 0
                && let Some(percent) = percent(line.value(column))
            {
                let bar = self.look.bar(percent, slot.bar);
                let x = slot.x + number_width(slot) + 1;
                self.write(x, slot.bar, &bar, style.patch(self.look.share(percent)), y, buffer);
            }
        }
    }

    fn cell(&self, slot: &Slot, column: &Column, line: &Line<'_>) -> String {
        let cell = text(column, line.value(column), slot.short);
        if !column.is_text() {
            return right(&cut_end(&cell, number_width(slot), self.look), number_width(slot));
        }
        if slot.column > 0 {
            return cut_end(&cell, slot.width, self.look);
        }
        let fold = match line.is_open {
            Some(is_open) => self.look.fold(is_open),
            None if indent(line) > 0 => "  ",
            None => "",
        };
        let front = format!("{}{fold}", "  ".repeat(line.depth.min(slot.width / 4)));
        let room = slot.width.saturating_sub(width(&front));
        format!("{front}{}", cut_middle(&cell, room, self.look))
    }

    fn write(&self, x: usize, room: usize, text: &str, style: Style, y: u16, buffer: &mut Buffer) {
        let room = room.min(usize::from(self.area.width).saturating_sub(x));
        if room > 0 {
            buffer.set_stringn(self.area.x + x as u16, y, cut_end(text, room, self.look), room, style);
        }
    }
}

/// Cells of a slot that are no bar.
fn number_width(slot: &Slot) -> usize {
    if slot.bar > 0 { slot.width - slot.bar - 1 } else { slot.width }
}

fn right(text: &str, room: usize) -> String {
    format!("{}{text}", " ".repeat(room.saturating_sub(width(text))))
}
