//! What stands in the windows above the screen, as lines of text.

use hotpath_report::{Finding, Heading, Part, Report, Row, Table, Value};

use super::fit::{one_line, width};
use super::keys::KEYS;
use super::sheet::{Column, Sheet};

/// A window above the screen, scrolled by so many lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Popup {
    pub(crate) kind: Kind,
    pub(crate) offset: usize,
}

/// What the window is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Help,
    Inspect,
    /// A line of the logs in full.
    InspectLog,
    Findings,
    /// Asks before counts are reset.
    Reset,
}

/// A line of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

/// How much a line wants to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Title,
    Plain,
    Aside,
}

/// Lines of a window of this width.
pub(crate) struct Lines {
    room: usize,
    lines: Vec<Text>,
    /// What the last value means.
    told: String,
}

/// Where the meaning of a value begins.
const ABOUT: usize = 32;

impl Lines {
    pub(crate) fn new(room: usize) -> Self {
        Self { room: room.max(10), lines: Vec::new(), told: String::new() }
    }

    pub(crate) fn done(self) -> Vec<Text> {
        self.lines
    }

    /// The keys, and the columns of this table.
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

    /// Everything that is known of a row of a section.
    pub(crate) fn row(&mut self, section: &Table, row: &Row) {
        let values = section.headings.iter().zip(&row.cells);
        self.write(0, &row.cells[name_index(section)].to_string(), Tone::Title);
        for (heading, value) in values.filter(|(heading, _)| heading.part != Part::Histogram) {
            self.value(&label(heading), value, heading.column.about);
        }
    }

    /// Everything in a line of a table.
    pub(crate) fn line(&mut self, columns: &[Column], values: &[Value]) {
        for column in columns {
            self.value(&column.header, &values[column.cell], &column.about);
        }
    }

    /// What the report itself says is worth a look.
    pub(crate) fn findings(&mut self, report: &Report) {
        if report.findings.is_empty() {
            self.title("Nothing stands out");
            self.write(0, NO_FINDING, Tone::Plain);
        }
        report.findings.iter().for_each(|finding| self.finding(finding));
    }

    /// The findings about a row.
    pub(crate) fn findings_of(&mut self, report: &Report, section: &Table, row: &Row) {
        let name = row.cells.get(name_index(section)).and_then(Value::as_text);
        let is_of =
            |finding: &&Finding| finding.section == section.spec.name && Some(&finding.subject[..]) == name;
        report.findings.iter().filter(is_of).for_each(|finding| self.finding(finding));
    }

    fn finding(&mut self, finding: &Finding) {
        self.title(&finding.title);
        let evidence = finding.evidence.iter().map(|evidence| format!("{} {}", evidence.key, evidence.text));
        self.write(2, &evidence.collect::<Vec<_>>().join(", "), Tone::Plain);
        let place = finding.source.as_ref().map(|source| format!("{}:{}, ", source.file, source.line));
        let (place, id) = (place.unwrap_or_default(), &finding.id);
        self.write(2, &format!("{place}{id}, confidence {}", finding.confidence), Tone::Aside);
        self.write(2, &format!("Next: {}", finding.next), Tone::Plain);
    }

    /// The question before a reset.
    pub(crate) fn reset(&mut self) {
        self.title("Reset all counts of the program?");
        self.write(
            0,
            "Everything counts from nought again, for everybody who looks, and in the report at the end.",
            Tone::Plain,
        );
        self.blank();
        self.write(0, "y: reset    any other key: leave it", Tone::Plain);
    }

    /// Name and value, and what that means, unless the line before said so already.
    fn value(&mut self, label: &str, value: &Value, about: &str) {
        let about = if std::mem::replace(&mut self.told, about.to_owned()) == about { "" } else { about };
        let value = value.to_string();
        let label = format!("{label:<16}");
        if width(&label) + width(&value) + 2 > ABOUT && !about.is_empty() {
            self.wrap(&format!("{label}{value}"), 16, Tone::Plain);
            self.write(ABOUT, about, Tone::Aside);
        } else {
            let gap = ABOUT.saturating_sub(width(&label) + width(&value));
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

    /// Breaks at blanks, and words longer than a line anywhere; further lines begin at `indent`.
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
                    // A blank at the end of a line is not carried to the next.
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

/// The column that names a row: the first one that people see.
fn name_index(section: &Table) -> usize {
    section.headings.iter().position(Heading::in_table).unwrap_or(0)
}

const NO_FINDING: &str =
    "No rule found enough time, calls and cause to speak. The table has all numbers; sort it with `s`.";

/// The header of a column, or its key if it has none.
fn label(heading: &Heading) -> String {
    let header = heading.header();
    if header.is_empty() || !heading.in_table() {
        return heading.number_key().unwrap_or_else(|| heading.identity());
    }
    header
}

const READING: &[&str] = &[
    "A dash is an unknown, and never nought. Bars are shares of the whole; hot ones are red where there are colours.",
    "Where the screen is narrow, columns go from right to left, but neither the first nor the one that is sorted by; `i` has all of them. Names lose their front parts, then their middle.",
    "Under the table: what happened per second between two refreshes, and the p95 of what happened in between, for the selected row, the latest to the right. The console keeps this itself, from when it began to look.",
    "HOTPATH_TUI_TAB, HOTPATH_TUI_REFRESH_INTERVAL_MS and HOTPATH_TUI_AUTO_EXPAND_LOGS set how the console begins.",
];
