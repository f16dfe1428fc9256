//! Draws the popup.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};

use super::write;
use crate::commands::console::app::App;
use crate::commands::console::layout;
use crate::commands::console::popup::{Kind, Tone};

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws the popup, if one is open, as high as its lines and the screen allow.
pub(super) fn draw(app: &App, buffer: &mut Buffer) {
    let Some(popup) = &app.popup else { return };
    let room = layout::popup(app.size);
    let lines = app.popup_lines(room.width.into());
    let height = room.height.min(lines.len() as u16);
    let text = Rect { height, ..room };
    let frame = Rect {
        x: room.x.saturating_sub(2),
        y: room.y.saturating_sub(1),
        width: room.width + 4,
        height: height + 2,
    };
    let frame = frame.intersection(buffer.area);
    let title = match popup.kind {
        Kind::Help => " Help ",
        Kind::Inspect | Kind::InspectLog => " Details of the row ",
        Kind::Findings => " Findings ",
        Kind::Reset => " Reset ",
    };
    let left = lines.len().saturating_sub(popup.offset + usize::from(height));
    let more = if left > 0 { format!(" {left} more lines: j ") } else { " Esc: close ".to_owned() };
    Clear.render(frame, buffer);
    let set = if app.theme.unicode { border::PLAIN } else { ASCII };
    Block::bordered().border_set(set).title_top(title).title_bottom(more).render(frame, buffer);
    for (line, y) in lines.iter().skip(popup.offset).zip(text.y..text.bottom()) {
        let style = match line.tone {
            Tone::Title => app.theme.bold(),
            Tone::Plain => Style::new(),
            Tone::Aside => app.theme.dim(),
        };
        let area = Rect { y, height: 1, ..text }.intersection(buffer.area);
        write(buffer, area, 0, &line.text, style, app);
    }
}
