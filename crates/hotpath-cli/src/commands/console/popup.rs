//! The contents of the popups, as lines of text.

use hotpath_report::{Finding, Heading, Part, Report, Row, Table, Value, estimate_text};

use super::fit::{one_line, width};
use super::keys::KEYS;
use super::sheet::{Column, Sheet};

/// A popup, and its scroll offset in lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Popup {
    pub(crate) kind: Kind,
    pub(crate) offset: usize,
}

/// The subject of a popup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Help,
    Inspect,
    /// A complete event.
    InspectLog,
    Findings,
    /// The confirmation of a reset.
    Reset,
}

/// A line of a popup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

/// The emphasis of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Title,
    Plain,
    Aside,
}

/// The lines of a popup of a given width.
pub(crate) struct Lines {
    room: usize,
    lines: Vec<Text>,
    /// The description of the last value.
    last_about: String,
}

/// The column of descriptions.
const ABOUT: usize = 32;

impl Lines {
    pub(crate) fn new(room: usize) -> Self {
        Self { room: room.max(10), lines: Vec::new(), last_about: String::new() }
    }

    pub(crate) fn done(self) -> Vec<Text> {
        self.lines
    }

    /// Adds the keys, and the columns of this table.
    pub(crate) fn help(&mut self, title: &str, about: &str, sheet: &Sheet<'_>) {
        self.title("Keys");
        for key in KEYS {
            self.entry(key.keys, 16, key.does);
        }
        self.title(&format!("Columns of {title}"));
        if !about.is_empty() {
            self.write(0, about, Tone::Aside);
        }
        for column in &sheet.columns {
            self.entry(&column.header, 16, &column.about);
        }
        self.title("Reading the screen");
        for text in READING {
            self.write(0, text, Tone::Plain);
        }
    }

    /// Adds all values of a row of a section.
    pub(crate) fn row(&mut self, section: &Table, row: &Row) {
        self.write(0, &row.cells[name_index(section)].to_string(), Tone::Title);
        for (i, heading) in section.headings.iter().enumerate() {
            if heading.part != Part::Histogram {
                let is_estimate = row.is_estimate(i, section.error_index(i));
                self.value(&label(heading), &estimate_text(is_estimate, &row.cells[i]), heading.column.about);
            }
        }
    }

    /// Adds all values of a line.
    pub(crate) fn line(&mut self, columns: &[Column], values: &[Value]) {
        for column in columns {
            let is_estimate = column.error.is_some_and(|error| !values[error].is_nothing());
            let text = estimate_text(is_estimate, &values[column.cell]);
            self.value(&column.header, &text, &column.about);
        }
    }

    /// Adds the findings of the report.
    pub(crate) fn findings(&mut self, report: &Report) {
        if report.findings.is_empty() {
            self.title("No findings");
            self.write(0, NO_FINDING, Tone::Plain);
        }
        report.findings.iter().for_each(|finding| self.finding(finding));
    }

    /// Adds the findings about a row.
    pub(crate) fn findings_of(&mut self, report: &Report, section: &Table, row: &Row) {
        let name = row.cells.get(name_index(section)).and_then(Value::as_text);
        let matches =
            |finding: &&Finding| finding.section == section.spec.name && Some(&finding.subject[..]) == name;
        report.findings.iter().filter(matches).for_each(|finding| self.finding(finding));
    }

    fn finding(&mut self, finding: &Finding) {
        self.title(&finding.title);
        let evidence = finding.evidence.iter().map(|evidence| format!("{} {}", evidence.key, evidence.text));
        self.write(2, &evidence.collect::<Vec<_>>().join(", "), Tone::Plain);
        let location = finding.source.as_ref().map(|source| format!("{}:{}, ", source.file, source.line));
        let (location, id) = (location.unwrap_or_default(), &finding.id);
        self.write(2, &format!("{location}{id}, confidence {}", finding.confidence), Tone::Aside);
        self.write(2, &format!("Next: {}", finding.next), Tone::Plain);
    }

    /// Adds the confirmation of a reset.
    pub(crate) fn reset(&mut self) {
        self.title("Reset all counts of the program?");
        self.write(
            0,
            "All counts restart from zero, for every client and for the final report.",
            Tone::Plain,
        );
        self.blank();
        self.write(0, "y: reset    any other key: cancel", Tone::Plain);
    }

    /// Adds a name, a value and its description, unless the previous line has the same one.
    fn value(&mut self, label: &str, value: &str, about: &str) {
        let about =
            if std::mem::replace(&mut self.last_about, about.to_owned()) == about { "" } else { about };
        let label = format!("{label:<16}");
        if width(&label) + width(value) + 2 > ABOUT && !about.is_empty() {
            self.wrap(&format!("{label}{value}"), 16, Tone::Plain);
            self.write(ABOUT, about, Tone::Aside);
        } else {
            let gap = ABOUT.saturating_sub(width(&label) + width(value));
            self.wrap(&format!("{label}{value}{}{about}", " ".repeat(gap)), ABOUT, Tone::Plain);
        }
    }

    fn entry(&mut self, word: &str, column: usize, text: &str) {
        let gap = column.saturating_sub(width(word)).max(1);
        self.wrap(&format!("{word}{}{text}", " ".repeat(gap)), column, Tone::Plain);
    }

    pub(crate) fn title(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.blank();
        }
        self.write(0, text, Tone::Title);
    }

    fn blank(&mut self) {
        self.lines.push(Text { text: String::new(), tone: Tone::Plain });
    }

    pub(crate) fn write(&mut self, indent: usize, text: &str, tone: Tone) {
        self.wrap(&format!("{}{text}", " ".repeat(indent)), indent, tone);
    }

    /// Wraps at blanks, and longer words anywhere; continuation lines start at `indent`.
    fn wrap(&mut self, text: &str, indent: usize, tone: Tone) {
        use unicode_segmentation::UnicodeSegmentation;
        let text = one_line(text);
        let indent = indent.min(self.room / 2);
        let (mut line, mut used) = (String::new(), 0);
        for word in text.split_inclusive(' ') {
            if used + width(word.trim_end()) > self.room
                && used > indent
                && width(word.trim_end()) <= self.room - indent
            {
                self.push(&mut line, &mut used, indent, tone);
            }
            for part in word.graphemes(true) {
                if used + width(part) > self.room {
                    // A blank at the end of a line is dropped.
                    if part == " " {
                        continue;
                    }
                    self.push(&mut line, &mut used, indent, tone);
                }
                line.push_str(part);
                used += width(part);
            }
        }
        if !line.trim().is_empty() {
            self.push(&mut line, &mut used, indent, tone);
        }
    }

    fn push(&mut self, line: &mut String, used: &mut usize, indent: usize, tone: Tone) {
        let text = line.trim_end().to_owned();
        self.lines.push(Text { text, tone });
        (*line, *used) = (" ".repeat(indent), indent);
    }
}

/// Returns the column that names a row: the first visible one.
fn name_index(section: &Table) -> usize {
    section.headings.iter().position(Heading::in_table).unwrap_or(0)
}

const NO_FINDING: &str =
    "Nothing in this run needs attention. The tables have all numbers; press `s` to sort them.";

/// Returns the header of a column, or its key if it has none.
fn label(heading: &Heading) -> String {
    let header = heading.header();
    if header.is_empty() || !heading.in_table() {
        return heading.number_key().unwrap_or_else(|| heading.identity());
    }
    header
}

const READING: &[&str] = &[
    "A dash is an unknown value, never zero. Bars are shares of the total; hot ones are red on a terminal with colours.",
    "On a narrow screen, columns are dropped from the right, except for the first one and the sort column; `i` shows all of them. Names lose their first segments, then their middle.",
    "Below the table: events per second between two refreshes and their p95, for the selected row, latest on the right. The console computes them, from when it connected.",
    "HOTPATH_TUI_TAB, HOTPATH_TUI_REFRESH_INTERVAL_MS and HOTPATH_TUI_AUTO_EXPAND_LOGS set the initial state of the console.",
];
