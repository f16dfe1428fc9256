//! What stands in place of a table when there is none: why, and what to do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::write;
use crate::commands::console::app::{App, Origin};
use crate::commands::console::feed::Problem;
use crate::commands::console::popup::{Lines, Tone};

/// Draws the message, broken into the room there is.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut lines = Lines::new(usize::from(area.width).saturating_sub(4));
    let (title, text) = message(app);
    lines.title(&title);
    for text in text {
        lines.write(0, &text, Tone::Plain);
    }
    for (line, y) in lines.done().iter().zip(area.y + 1..area.bottom()) {
        let style = if line.tone == Tone::Title { app.look.bold() } else { Style::new() };
        write(buffer, Rect { y, height: 1, ..area }, 2, &line.text, style, app);
    }
}

fn message(app: &App) -> (String, Vec<String>) {
    if let Some(report) = &app.report {
        let mut text = vec![app.page().hint.to_owned()];
        // Notes say what a program was built with and does not record.
        text.extend(report.all_notes());
        if let Some(section) = app.section().filter(|section| !section.description.is_empty()) {
            text.insert(0, section.description.clone());
        }
        return ("Nothing here".to_owned(), text);
    }
    let Origin::Live(address) = &app.origin else { return (String::new(), Vec::new()) };
    let Some((_, problem)) = &app.link.lost else {
        return (format!("Asking {address} …"), Vec::new());
    };
    let (title, text): (String, &[&str]) = match problem {
        Problem::NoAnswer => (
            format!("Nothing answers at {address}"),
            &[
                "Start the program with its feature `hotpath` on; the console connects as soon as it is there.",
                "Another address: --metrics-host, --metrics-port, or HOTPATH_METRICS_HOST and HOTPATH_METRICS_PORT. A program whose port was taken says on stderr which one it has.",
            ],
        ),
        Problem::TooSlow => (
            format!("{address} does not answer in time"),
            &[
                "The console goes on asking. A stopped or overloaded program, or another service, may listen there.",
            ],
        ),
        Problem::Token => (
            format!("{address} refuses the token"),
            &["Give the one that the program has: HOTPATH_METRICS_AUTH_TOKEN or --metrics-auth-token."],
        ),
        Problem::NoReport => (
            format!("{address} has no /report"),
            &[
                "A program with an older hotpath, or another service, listens there. Build the program with this version of hotpath, or give another port.",
            ],
        ),
        Problem::Garbage(why) => {
            return (
                format!("{address} answers what is no report"),
                vec![why.clone(), "Is it another service? --metrics-port gives another port.".to_owned()],
            );
        }
    };
    (title, text.iter().map(|&text| text.to_owned()).collect())
}
