//! The message in place of an empty table: why, and what to do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::write;
use crate::commands::console::app::{App, Origin};
use crate::commands::console::feed::Problem;
use crate::commands::console::popup::{Lines, Tone};

/// Draws the message, wrapped to the area.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut lines = Lines::new(usize::from(area.width).saturating_sub(4));
    let (title, text) = message(app);
    lines.title(&title);
    for text in text {
        lines.write(0, &text, Tone::Plain);
    }
    for (line, y) in lines.done().iter().zip(area.y + 1..area.bottom()) {
        let style = if line.tone == Tone::Title { app.theme.bold() } else { Style::new() };
        write(buffer, Rect { y, height: 1, ..area }, 2, &line.text, style, app);
    }
}

fn message(app: &App) -> (String, Vec<String>) {
    if let Some(report) = &app.report {
        let mut text = vec![app.page().hint.to_owned()];
        // Notes explain what the program does not record.
        text.extend(report.all_notes());
        if let Some(section) = app.section().filter(|section| !section.description.is_empty()) {
            text.insert(0, section.description.clone());
        }
        return ("No data".to_owned(), text);
    }
    let Origin::Live(address) = &app.origin else { return (String::new(), Vec::new()) };
    let Some((_, problem)) = &app.connection.lost else {
        return (format!("Connecting to {address} …"), Vec::new());
    };
    let (title, text): (String, &[&str]) = match problem {
        Problem::NoResponse => (
            format!("No response from {address}"),
            &[
                "Start the program with the feature `hotpath`; the console connects as soon as it runs.",
                "For another address, use --metrics-host and --metrics-port, or HOTPATH_METRICS_HOST and HOTPATH_METRICS_PORT.",
            ],
        ),
        Problem::Timeout => (
            format!("{address} does not respond in time"),
            &[
                "The console keeps trying. The program may be stopped or overloaded, or another service may use this port.",
            ],
        ),
        Problem::Token => (
            format!("{address} rejected the token"),
            &["Use the token of the program: HOTPATH_METRICS_AUTH_TOKEN or --metrics-auth-token."],
        ),
        Problem::NoReport => (
            format!("{address} has no /report"),
            &[
                "A program with an older version of hotpath, or another service, uses this port. Build the program with this version of hotpath, or choose another port with --metrics-port.",
            ],
        ),
        Problem::InvalidReport(why) => {
            return (
                format!("{address} returned an invalid report"),
                vec![
                    why.clone(),
                    "Is it another service? Choose another port with --metrics-port.".to_owned(),
                ],
            );
        }
    };
    (title, text.iter().map(|&text| text.to_owned()).collect())
}
