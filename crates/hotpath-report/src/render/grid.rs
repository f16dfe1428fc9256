//! The `+---+` grid that all tables are drawn in.

use super::Options;
use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use std::fmt::{self, Write};

const RULE: LineStyle = LineStyle::new('+', '-', '+', '+');
const CONTENT: ContentLineStyle = ContentLineStyle::new('|', '|', '|');
const GRID: TableStyle = TableStyle::new()
    .top_border(RULE)
    .header_lines(CONTENT)
    .header_separator(RULE)
    .content_lines(CONTENT)
    .row_separator(RULE)
    .bottom_border(RULE);

/// Writes a `+---+` grid and a blank line.
pub fn write_grid(
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    options: &Options,
    out: &mut dyn Write,
) -> fmt::Result {
    let mut grid = Table::new();
    grid.load_style(GRID).set_content_arrangement(ContentArrangement::Disabled);
    grid.set_header(header);
    grid.add_rows(rows);
    for (i, line) in grid.lines().enumerate() {
        match i {
            1 if options.bold => writeln!(out, "\u{1b}[1m{line}\u{1b}[0m")?,
            _ => writeln!(out, "{line}")?,
        }
    }
    out.write_str("\n")
}
