//! Draws the state. A pure function: the same state gives the same screen.

mod message;
mod popup;
mod sparks;
mod table;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::app::{App, Origin, SLOW, tab_titles};
use super::feed::Problem;
use super::fit::{cut_end, one_line, width};
use super::layout::{self, Areas};
use super::pages::TABS;

/// Draws the whole screen.
pub(crate) fn draw(app: &App, frame: &mut Frame<'_>) {
    let areas = app.areas();
    let buffer = frame.buffer_mut();
    // The terminal may have been resized since; nothing is drawn outside of it.
    let clip = |area: Rect| area.intersection(buffer.area);
    let areas = Areas {
        header: clip(areas.header),
        tabs: clip(areas.tabs),
        pages: clip(areas.pages),
        info: clip(areas.info),
        table: clip(areas.table),
        sparks: clip(areas.sparks),
        logs: clip(areas.logs),
        footer: clip(areas.footer),
    };
    header(app, areas.header, buffer);
    tabs(app, areas.tabs, buffer);
    pages(app, areas.pages, buffer);
    info(app, areas.info, buffer);
    body(app, areas.table, buffer);
    sparks::draw(app, areas.sparks, buffer);
    logs(app, areas.logs, clip_to(app.logs_table(), buffer), buffer);
    footer(app, areas.footer, buffer);
    popup::draw(app, buffer);
}

fn clip_to(area: Rect, buffer: &Buffer) -> Rect {
    area.intersection(buffer.area)
}

/// Writes a text at cell `x` of an area, truncated at its end.
fn write(buffer: &mut Buffer, area: Rect, x: usize, text: &str, style: Style, app: &App) {
    let room = usize::from(area.width).saturating_sub(x);
    if area.height == 0 || room == 0 {
        return;
    }
    let text = cut_end(&one_line(text), room, app.theme);
    buffer.set_stringn(area.x + x as u16, area.y, text, room, style);
}

/// Draws the program, its state and version.
fn header(app: &App, area: Rect, buffer: &mut Buffer) {
    let (state, style) = state(app);
    let state_width = width(&state) + 1;
    let mut words = vec!["hotpath".to_owned()];
    let status = app.status.as_ref();
    let program = match (status.map(|status| &status.program[..]), &app.report, &app.origin) {
        (Some(program), ..) if !program.is_empty() => program.to_owned(),
        (_, Some(report), _) if !report.caller_name.is_empty() => report.caller_name.clone(),
        (_, _, Origin::Live(address)) => address.clone(),
        (_, _, Origin::File(name)) => name.clone(),
    };
    words.push(program);
    words.extend(app.report.as_ref().and_then(|report| report.label.clone()));
    words.extend(status.and_then(|status| status.pid).map(|pid| format!("pid {pid}")));
    let since = app.report.as_ref().map(|report| span(report.duration_ns));
    words.extend(since.map(|since| format!("counting {since}")));
    let version = app.report.as_ref().map(|report| &report.meta.version[..]).filter(|text| !text.is_empty());
    words.extend(version.map(|version| format!("v{version}")));
    let room = usize::from(area.width).saturating_sub(state_width);
    let title = cut_end(&one_line(&words.join(app.theme.dot())), room, app.theme);
    write(buffer, area, 0, &title, app.theme.bold(), app);
    write(buffer, area, usize::from(area.width).saturating_sub(width(&state)), &state, style, app);
}

/// Formats a time span: `9 s`, `3 min 20 s`, `2 h 5 min`.
fn span(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Returns the state of the connection in a word or two.
fn state(app: &App) -> (String, Style) {
    let theme = app.theme;
    let ago = |since: std::time::Duration| app.now.saturating_sub(since).as_secs();
    if let Origin::File(_) = app.origin {
        return ("saved report".into(), theme.attention());
    }
    if app.is_paused {
        return ("paused (p)".into(), theme.attention());
    }
    if let Some((since, problem)) = &app.connection.lost {
        let text = match problem {
            Problem::NoResponse if app.report.is_some() => "ended".to_owned(),
            Problem::NoResponse => "not running".to_owned(),
            Problem::Timeout => "timeout".to_owned(),
            Problem::Token => "token rejected".to_owned(),
            Problem::NoReport => "no /report".to_owned(),
            Problem::InvalidReport(_) => "invalid report".to_owned(),
        };
        return (format!("{text}, retrying for {} s", ago(*since)), theme.wrong());
    }
    match app.waiting() {
        Some(waiting) if waiting >= SLOW => (format!("waiting {} s", waiting.as_secs()), theme.attention()),
        _ if app.status.as_ref().is_some_and(|status| status.is_paused) => {
            ("recording paused".into(), theme.attention())
        }
        _ if app.report.is_some() => ("live".into(), theme.good()),
        _ => ("connecting".into(), theme.attention()),
    }
}

fn tabs(app: &App, area: Rect, buffer: &mut Buffer) {
    let titles = tab_titles();
    write_titles(app, area, &titles, app.tab, buffer);
}

/// Draws the pages of the tab, and to the right the number of rows and the sort column.
fn pages(app: &App, area: Rect, buffer: &mut Buffer) {
    let titles: Vec<String> = TABS[app.tab].pages.iter().map(|page| page.title.to_owned()).collect();
    let end = layout::titles(&titles).last().map_or(0, |range| range.end);
    write_titles(app, area, &titles, app.page_number(), buffer);
    let (table, sheet) = (app.table(), app.sheet());
    let mut words = Vec::new();
    if app.is_typing || !table.filter.is_empty() {
        let cursor = if app.is_typing { "_" } else { "" };
        words.push(format!("/{}{cursor}", table.filter));
    }
    if let Some(column) =
        table.order.as_ref().and_then(|order| sheet.columns.iter().find(|column| column.id == order.column))
    {
        words.push(format!("by {}", column.header));
    }
    if sheet.total > 0 {
        let rows = if sheet.total == 1 { "row" } else { "rows" };
        let of = if sheet.lines.len() == sheet.total {
            String::new()
        } else {
            format!("{} of ", sheet.lines.len())
        };
        words.push(format!("{of}{} {rows}", sheet.total));
    }
    let text = words.join(app.theme.dot());
    let room = usize::from(area.width).saturating_sub(end + 1);
    let text = cut_end(&text, room, app.theme);
    write(buffer, area, usize::from(area.width).saturating_sub(width(&text)), &text, Style::new(), app);
}

fn write_titles(app: &App, area: Rect, titles: &[String], chosen: usize, buffer: &mut Buffer) {
    for (i, (title, range)) in titles.iter().zip(layout::titles(titles)).enumerate() {
        let style = if i == chosen { app.theme.selected() } else { Style::new() };
        write(buffer, area, range.start, &format!(" {title} "), style, app);
    }
}

/// Draws the first finding, and the fields of the section.
fn info(app: &App, area: Rect, buffer: &mut Buffer) {
    let fields = app.fields().join(app.theme.dot());
    let lines = [app.first_finding().map(|text| (text, app.theme.attention())), Some((fields, Style::new()))];
    let lines = lines.into_iter().flatten().filter(|(text, _)| !text.is_empty());
    for ((text, style), y) in lines.zip(area.y..area.bottom()) {
        write(buffer, Rect { y, height: 1, ..area }, 0, &text, style, app);
    }
}

fn body(app: &App, area: Rect, buffer: &mut Buffer) {
    let sheet = app.sheet();
    if sheet.total == 0 {
        message::draw(app, area, buffer);
        return;
    }
    table::draw(app, &sheet, &app.table(), !app.logs.is_focused, area, buffer);
    if sheet.lines.is_empty() && area.height > 1 {
        let line = Rect { y: area.y + 1, height: 1, ..area };
        write(buffer, line, 0, "no matching rows; Esc clears the filter", app.theme.dim(), app);
    }
}

/// Draws the panel of recent events.
fn logs(app: &App, area: Rect, table: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let mut title = "Recent events".to_owned();
    if let Some(list) = app.logs.list() {
        let others = app.logs.lists().len() > 1 && app.logs.is_focused;
        title = format!("{title}: {}{}", list.spec.title, if others { " ([ ] for more)" } else { "" });
    }
    let rule = if app.theme.unicode { "─" } else { "-" };
    write(buffer, area, 0, &rule.repeat(area.width.into()), app.theme.dim(), app);
    let style = if app.logs.is_focused { app.theme.selected() } else { app.theme.bold() };
    write(buffer, area, 1, &format!(" {title} "), style, app);
    let empty = match (&app.origin, &app.logs.path, &app.logs.content) {
        (Origin::File(_), ..) => "a saved report has no recent events",
        (_, None, _) => "this row has no recent events",
        (_, _, None) => "loading …",
        (_, _, Some(Err(why))) => why,
        (_, _, Some(Ok(_))) => "no events yet",
    };
    match app.logs_sheet().filter(|sheet| sheet.total > 0) {
        Some(sheet) => table::draw(app, &sheet, &app.logs.table, app.logs.is_focused, table, buffer),
        None => write(buffer, table, 0, empty, app.theme.dim(), app),
    }
}

/// Draws the current notice, or the most important keys.
fn footer(app: &App, area: Rect, buffer: &mut Buffer) {
    if let Some(notice) = app.notice() {
        return write(buffer, area, 0, notice, app.theme.attention(), app);
    }
    if app.is_typing {
        return write(
            buffer,
            area,
            0,
            "type to filter; Enter keeps the filter, Esc clears it",
            Style::new(),
            app,
        );
    }
    const HINTS: &[(&str, &str)] = &[
        ("?", "help"),
        ("q", "quit"),
        ("/", "filter"),
        ("s", "sort"),
        ("i", "info"),
        ("o", "events"),
        ("f", "findings"),
        ("p", "pause"),
        ("r", "reset"),
    ];
    let mut x = 0;
    for (key, does) in HINTS {
        write(buffer, area, x, key, Style::new().add_modifier(Modifier::BOLD), app);
        write(buffer, area, x + width(key) + 1, does, Style::new(), app);
        x += width(key) + width(does) + 4;
    }
}
