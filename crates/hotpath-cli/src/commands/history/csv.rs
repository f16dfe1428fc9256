//! Rows as CSV (RFC 4180, with line feeds).

/// Returns the rows under their header.
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
    use super::csv;

    #[test]
    fn csv_holds_any_text() {
        let rows = [["main", "7"], ["a \"b\", c", "12345"], ["two\nlines\u{1b}[31m", ""]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let wanted = "branch,value\nmain,7\n\"a \"\"b\"\", c\",12345\n\"two\nlines\u{1b}[31m\",\n";
        assert_eq!(csv(&["branch", "value"], &rows), wanted);
    }
}
