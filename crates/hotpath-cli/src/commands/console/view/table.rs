//! Draws a sheet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::commands::console::app::App;
use crate::commands::console::fit::{cut_end, cut_middle, width};
use crate::commands::console::layout::Areas;
use crate::commands::console::sheet::{Column, Line, Sheet, percent};
use crate::commands::console::table::{ColumnLayout, TableState, indent, plan, text};
use crate::commands::console::theme::Theme;

/// Draws the header and the visible lines; the selected one is highlighted where the focus is.
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
    let layouts = plan(sheet, shown.clone(), area.width.into(), state.order.as_ref());
    let drawing = Drawing { theme: app.theme, area, layouts: &layouts, sheet };
    drawing.headers(state, buffer);
    for (index, y) in shown.zip(area.y + 1..area.bottom()) {
        let style = match (index == state.index, has_focus) {
            (true, true) => app.theme.selected(),
            (true, false) => app.theme.bold(),
            (false, _) => Style::new(),
        };
        drawing.line(&sheet.lines[index], y, style, buffer);
    }
}

struct Drawing<'a> {
    theme: Theme,
    area: Rect,
    layouts: &'a [ColumnLayout],
    sheet: &'a Sheet<'a>,
}

impl Drawing<'_> {
    fn headers(&self, state: &TableState, buffer: &mut Buffer) {
        for layout in self.layouts {
            let column = &self.sheet.columns[layout.column];
            let order = state.order.as_ref().filter(|order| order.column == column.id);
            let mark = order.map_or("", |order| self.theme.sorted(order.descending));
            let header = format!("{}{mark}", column.header);
            let header = if column.is_text() { header } else { right(&header, number_width(layout)) };
            self.write(layout.x, layout.width, &header, self.theme.bold(), self.area.y, buffer);
        }
    }

    fn line(&self, line: &Line<'_>, y: u16, style: Style, buffer: &mut Buffer) {
        buffer.set_style(Rect { y, height: 1, ..self.area }, style);
        for layout in self.layouts {
            let column = &self.sheet.columns[layout.column];
            let text = self.cell(layout, column, line);
            self.write(layout.x, layout.width, &text, style, y, buffer);
            if layout.bar > 0
                && let Some(percent) = percent(line.value(column))
            {
                let bar = self.theme.bar(percent, layout.bar);
                let x = layout.x + number_width(layout) + 1;
                self.write(x, layout.bar, &bar, style.patch(self.theme.share(percent)), y, buffer);
            }
        }
    }

    fn cell(&self, layout: &ColumnLayout, column: &Column, line: &Line<'_>) -> String {
        let cell = text(column, line, layout.short);
        if !column.is_text() {
            return right(&cut_end(&cell, number_width(layout), self.theme), number_width(layout));
        }
        if layout.column > 0 {
            return cut_end(&cell, layout.width, self.theme);
        }
        let fold = match line.is_open {
            Some(is_open) => self.theme.fold(is_open),
            None if indent(line) > 0 => "  ",
            None => "",
        };
        let front = format!("{}{fold}", "  ".repeat(line.depth.min(layout.width / 4)));
        let room = layout.width.saturating_sub(width(&front));
        format!("{front}{}", cut_middle(&cell, room, self.theme))
    }

    fn write(&self, x: usize, room: usize, text: &str, style: Style, y: u16, buffer: &mut Buffer) {
        let room = room.min(usize::from(self.area.width).saturating_sub(x));
        if room > 0 {
            buffer.set_stringn(self.area.x + x as u16, y, cut_end(text, room, self.theme), room, style);
        }
    }
}

/// Returns the width of a column without its bar.
fn number_width(layout: &ColumnLayout) -> usize {
    if layout.bar > 0 { layout.width - layout.bar - 1 } else { layout.width }
}

fn right(text: &str, room: usize) -> String {
    format!("{}{text}", " ".repeat(room.saturating_sub(width(text))))
}
