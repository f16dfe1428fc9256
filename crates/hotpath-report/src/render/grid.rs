//! The `+---+` grid that all tables are drawn in.

use super::Options;
use std::fmt::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Writes a `+---+` grid and a blank line. Cells may have several lines; a row with too few of them ends in empty ones.
pub fn write_grid(
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    options: &Options,
    out: &mut dyn Write,
) -> fmt::Result {
    let mut widths = vec![1; rows.iter().chain([&header]).map(Vec::len).max().unwrap_or(0)];
    for row in rows.iter().chain([&header]) {
        for (cell, width) in row.iter().zip(&mut widths) {
            *width = cell.split('\n').map(str::width).max().unwrap_or(0).max(*width);
        }
    }
    let rule = widths.iter().fold("+".to_owned(), |rule, width| rule + &"-".repeat(width + 2) + "+");
    writeln!(out, "{rule}")?;
    write_row(&header, &widths, options.bold, out)?;
    writeln!(out, "{rule}")?;
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            writeln!(out, "{rule}")?;
        }
        write_row(row, &widths, false, out)?;
    }
    writeln!(out, "{rule}\n")
}

/// Writes a row; the first of its lines is bold if asked for.
fn write_row(row: &[String], widths: &[usize], bold: bool, out: &mut dyn Write) -> fmt::Result {
    let height = row.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(1);
    for at in 0..height {
        let (on, off) = if bold && at == 0 { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        out.write_str(on)?;
        for (i, width) in widths.iter().enumerate() {
            let line = row.get(i).and_then(|cell| cell.split('\n').nth(at)).unwrap_or_default();
            write!(out, "| {line}{} ", " ".repeat(width - line.width()))?;
        }
        writeln!(out, "|{off}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
    use proptest::prelude::*;

    const RULE: LineStyle = LineStyle::new('+', '-', '+', '+');
    const CONTENT: ContentLineStyle = ContentLineStyle::new('|', '|', '|');
    const GRID: TableStyle = TableStyle::new()
        .top_border(RULE)
        .header_lines(CONTENT)
        .header_separator(RULE)
        .content_lines(CONTENT)
        .row_separator(RULE)
        .bottom_border(RULE);

    fn cells(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[a-z \u{e9}\u{3b1}\u{4e2d}\u{1f600}\u{301}]{0,6}(\n[a-z]{0,8})?", count)
    }

    proptest! {
        #[test]
        fn is_drawn_as_comfy_table_does(header in cells(1..4), rows in proptest::collection::vec(cells(1..4), 0..4)) {
            let mut grid = Table::new();
            grid.load_style(GRID).set_content_arrangement(ContentArrangement::Disabled);
            grid.set_header(header.clone());
            grid.add_rows(rows.clone());
            let expected: String = grid.lines().map(|line| line + "\n").chain(["\n".to_owned()]).collect();
            let mut text = String::new();
            write_grid(header, rows, &Options::default(), &mut text).expect("a string takes everything");
            prop_assert_eq!(text, expected);
        }
    }
}
