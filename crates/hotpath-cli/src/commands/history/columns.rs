//! Rows of texts for people, in columns, or for programs, as CSV.

use hotpath_report::render::name_cell;

/// The rows under their header, each column as wide as its widest text; those named in `right` stand at the right.
/// No cell drives the terminal or is wider than a name may be.
pub(crate) fn aligned(header: &[&str], rows: &[Vec<String>], right: &[&str]) -> String {
    let header_row: Vec<String> = header.iter().map(|text| (*text).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&header_row)
        .chain(rows)
        .map(|row| row.iter().map(|cell| name_cell(cell)).collect())
        .collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut out = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).zip(header).map(|((cell, &width), name)| {
            if right.contains(name) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// The rows under their header as RFC 4180 has them, with line feeds.
pub(crate) fn csv(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|text| (*text).to_owned()).collect();
    let line = |row: &Vec<String>| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n";
    std::iter::once(&header).chain(rows).map(line).collect()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{aligned, csv};

    fn rows() -> Vec<Vec<String>> {
        let rows = [["main", "7"], ["a \"b\", c", "12345"], ["two\nlines\u{1b}[31m", ""]];
        rows.map(|row| row.map(str::to_owned).to_vec()).to_vec()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let wanted = "branch          value\nmain                7\na \"b\", c        12345\ntwo\u{fffd}lines\u{fffd}[31m\n";
        assert_eq!(aligned(&["branch", "value"], &rows(), &["value"]), wanted);
    }

    #[test]
    fn csv_holds_any_text() {
        let wanted = "branch,value\nmain,7\n\"a \"\"b\"\", c\",12345\n\"two\nlines\u{1b}[31m\",\n";
        assert_eq!(csv(&["branch", "value"], &rows()), wanted);
    }
}
