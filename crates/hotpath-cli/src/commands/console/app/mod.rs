//! The state of the console, and its transitions.
//!
//! [`App::input`], [`App::update`] and [`App::tick`] take an event and the time, and leave requests for the feed in
//! [`App::requests`]. There is no clock, terminal or socket here, so that a test can produce every screen.
//!
//! | file | contents |
//! |---|---|
//! | `input.rs` | keys and the mouse |
//! | `reports.rs` | new reports, and what depends on them |

mod input;
mod reports;

use std::collections::HashMap;
use std::time::Duration;

use crossterm::event::{Event as Input, KeyEventKind};
use hotpath_report::{Report, Row, Table};
use ratatui::layout::Size;

use super::callers::TreeView;
use super::feed::{Problem, Request, Status, Update};
use super::history::{History, Sample, Trend};
use super::layout::{self, Areas, Parts};
use super::logs::{LogPath, lists};
use super::pages::TABS;
use super::popup::{Kind, Lines, Popup, Text};
use super::settings::Settings;
use super::sheet::Sheet;
use super::table::TableState;
use super::tabs::{Page, Shows};
use super::theme::Theme;

/// The source of the reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A program at this address.
    Live(String),
    /// A file of this name.
    File(String),
}

/// The state of the connection to the endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    /// The time since which a response is pending.
    pub(crate) asking_since: Option<Duration>,
    /// The time since which there is no report, and the reason.
    pub(crate) lost: Option<(Duration, Problem)>,
}

/// The panel of recent events.
#[derive(Debug, Default)]
pub(crate) struct LogPanel {
    pub(crate) is_open: bool,
    pub(crate) is_focused: bool,
    /// The path of the events of the selected row; `None` if it has none.
    pub(crate) path: Option<LogPath>,
    /// The response.
    pub(crate) content: Option<Result<Table, String>>,
    /// The index of the visible list.
    pub(crate) list: usize,
    pub(crate) table: TableState,
}

impl LogPanel {
    /// Returns the lists of the response.
    pub(crate) fn lists(&self) -> Vec<&Table> {
        let log = self.content.as_ref().and_then(|content| content.as_ref().ok());
        log.map(lists).unwrap_or_default()
    }

    /// Returns the visible list.
    pub(crate) fn list(&self) -> Option<&Table> {
        self.lists().get(self.list).copied()
    }
}

/// The whole state.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) theme: Theme,
    pub(crate) size: Size,
    pub(crate) now: Duration,
    pub(crate) origin: Origin,
    pub(crate) connection: Connection,
    pub(crate) report: Option<Box<Report>>,
    pub(crate) status: Option<Status>,
    pub(crate) tab: usize,
    pub(crate) tree: TreeView,
    pub(crate) logs: LogPanel,
    pub(crate) popup: Option<Popup>,
    /// True if keys edit the filter.
    pub(crate) is_typing: bool,
    /// True if the screen is paused.
    pub(crate) is_paused: bool,
    pub(crate) is_over: bool,
    /// The requests for the feed, in this order.
    pub(crate) requests: Vec<Request>,
    notice: Option<(Duration, String)>,
    history: History,
    pages: [usize; TABS.len()],
    tables: HashMap<(usize, usize), TableState>,
    has_first_g: bool,
    expand_logs: Option<usize>,
}

/// The time for which a notice is shown.
const NOTICE_TIME: Duration = Duration::from_secs(8);
/// The time after which a pending response is shown.
pub(crate) const SLOW: Duration = Duration::from_secs(1);

impl App {
    pub(crate) fn new(origin: Origin, settings: &Settings, theme: Theme, size: Size) -> Self {
        Self {
            theme,
            size,
            now: Duration::ZERO,
            origin,
            connection: Connection::default(),
            report: None,
            status: None,
            tab: settings.tab,
            tree: TreeView::default(),
            logs: LogPanel::default(),
            popup: None,
            is_typing: false,
            is_paused: false,
            is_over: false,
            requests: Vec::new(),
            notice: None,
            history: History::default(),
            pages: [0; TABS.len()],
            tables: HashMap::new(),
            has_first_g: false,
            expand_logs: settings.expand_logs,
        }
    }

    /// Handles a key, the mouse or a resize. Returns whether the screen may have changed.
    pub(crate) fn input(&mut self, now: Duration, input: &Input) -> bool {
        self.now = now;
        let changed = match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            Input::Mouse(mouse) => self.mouse(*mouse),
            Input::Resize(width, height) => {
                self.size = Size { width: *width, height: *height };
                true
            }
            _ => false,
        };
        if changed {
            self.settle();
        }
        changed
    }

    /// Handles an update of the feed. Returns whether the screen may have changed.
    pub(crate) fn update(&mut self, now: Duration, update: Update) -> bool {
        self.now = now;
        match update {
            Update::Asking => {
                self.connection.asking_since = Some(now);
                return false;
            }
            Update::Report(report, status) => self.take_report(report, status),
            Update::Logs(path, answer) => {
                if let Some(own) = self.logs.path.as_ref().filter(|own| own.path == path) {
                    self.logs.content = Some(answer.and_then(|text| own.read(&text)));
                }
            }
            Update::Lost(problem) => {
                self.connection.asking_since = None;
                let since = self.connection.lost.as_ref().map_or(now, |(since, _)| *since);
                self.connection.lost = Some((since, problem));
            }
            Update::Posted(path, Ok(())) => self.notify(match path {
                input::RESET => "counts reset",
                _ => "CPU snapshot started",
            }),
            Update::Posted(path, Err(why)) => self.notify(&format!("{path}: {why}")),
        }
        self.settle();
        true
    }

    /// Handles the passing of time. Returns whether the screen may have changed.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        self.now = now;
        let is_slow = self.waiting().is_some_and(|waiting| waiting >= SLOW);
        let had_notice = self.notice.is_some();
        self.notice.take_if(|(until, _)| *until <= now);
        is_slow || self.connection.lost.is_some() || (had_notice && self.notice.is_none())
    }

    /// Shows a notice for a while.
    pub(crate) fn notify(&mut self, text: &str) {
        self.notice = Some((self.now + NOTICE_TIME, text.to_owned()));
    }

    /// Returns the current notice.
    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(_, text)| &text[..])
    }

    /// Returns the time for which a response has been pending.
    pub(crate) fn waiting(&self) -> Option<Duration> {
        Some(self.now.saturating_sub(self.connection.asking_since?))
    }

    /// Returns the visible page.
    pub(crate) fn page(&self) -> &'static Page {
        &TABS[self.tab].pages[self.page_number()]
    }

    pub(crate) fn page_number(&self) -> usize {
        self.pages[self.tab]
    }

    /// Returns the state of the visible table.
    pub(crate) fn table(&self) -> TableState {
        self.tables.get(&(self.tab, self.page_number())).cloned().unwrap_or_default()
    }

    /// Returns the contents of the visible table.
    pub(crate) fn sheet(&self) -> Sheet<'_> {
        let (Some(report), table) = (self.report.as_deref(), self.table()) else { return Sheet::default() };
        let order = table.order.as_ref();
        match self.page().shows {
            Shows::Tree => self.tree.sheet(report, &table.filter, order),
            Shows::Table(_, number) => match self.section() {
                Some(section) => Sheet::of_section(section, number).filtered(&table.filter).ordered(order),
                None => Sheet::default(),
            },
            Shows::List(..) => match self.section() {
                Some(list) => Sheet::of_section(list, 0).filtered(&table.filter).ordered(order),
                None => Sheet::default(),
            },
        }
    }

    /// Returns the section or list of the visible table.
    pub(crate) fn section(&self) -> Option<&Table> {
        let report = self.report.as_deref()?;
        match self.page().shows {
            Shows::Tree => None,
            Shows::Table(name, _) => report.section(name),
            Shows::List(name, list) => report.section(name)?.lists.iter().find(|own| own.spec.name == list),
        }
    }

    /// Returns the selected row of the visible section.
    pub(crate) fn row(&self) -> Option<(&Table, &Row)> {
        let key = self.selected_key()?;
        let section = self.section()?;
        let at = super::sheet::keys(section).iter().position(|own| *own == key)?;
        Some((section, &section.rows[at]))
    }

    /// Returns the contents of the panel of events, if it has any.
    pub(crate) fn logs_sheet(&self) -> Option<Sheet<'_>> {
        let list = self.logs.list()?;
        let table = &self.logs.table;
        Some(Sheet::of_section(list, 0).filtered(&table.filter).ordered(table.order.as_ref()))
    }

    /// Returns the history of the selected row, oldest sample first; `None` if it has none.
    pub(crate) fn samples(&self) -> Option<(Trend, Vec<Sample>)> {
        let Shows::Table(name, table) = self.page().shows else { return None };
        let trend = Trend::of(self.section()?, table)?;
        let samples = self.history.of(name, table, self.selected_key()?);
        (!samples.is_empty()).then_some((trend, samples))
    }

    /// Returns the fields of the visible section.
    pub(crate) fn fields(&self) -> Vec<String> {
        let fields = self.section().into_iter().flat_map(|section| &section.fields);
        let shown = fields.filter(|(field, value)| {
            !field.header.is_empty() && field.show != hotpath_report::Show::JsonOnly && !value.is_nothing()
        });
        shown.map(|(field, value)| format!("{}: {value}", field.header)).collect()
    }

    /// Returns the areas of the screen.
    pub(crate) fn areas(&self) -> Areas {
        let is_live = matches!(self.origin, Origin::Live(_));
        let follows = matches!(self.page().shows, Shows::Table(..)) && self.section().is_some();
        let parts = Parts {
            info: u16::from(!self.fields().is_empty()) + u16::from(self.first_finding().is_some()),
            sparks: if is_live && follows { 2 } else { 0 },
            logs: self.logs.is_open,
        };
        layout::areas(self.size, parts)
    }

    /// Returns the finding that is shown above the functions.
    pub(crate) fn first_finding(&self) -> Option<String> {
        let findings = &self.report.as_ref().filter(|_| self.tab == 0)?.findings;
        let more = match findings.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Some(format!("f{more}: {}", findings.first()?.title))
    }

    /// Returns the lines of the open popup, in this width.
    pub(crate) fn popup_lines(&self, room: usize) -> Vec<Text> {
        let mut lines = Lines::new(room);
        match self.popup.as_ref().map(|popup| popup.kind) {
            None => {}
            Some(Kind::Help) => {
                let about = self.section().map_or("", |section| &section.description);
                lines.help(self.page().title, about, &self.sheet());
            }
            Some(Kind::Reset) => lines.reset(),
            Some(Kind::Findings) => {
                if let Some(report) = &self.report {
                    lines.findings(report);
                }
            }
            Some(Kind::Inspect) => self.inspect(&mut lines),
            Some(Kind::InspectLog) => {
                if let Some(sheet) = self.logs_sheet()
                    && let Some(line) = sheet.lines.get(self.logs.table.index)
                {
                    lines.line(&sheet.columns, &line.cells);
                }
            }
        }
        lines.done()
    }

    fn inspect(&self, lines: &mut Lines) {
        if let Some((section, row)) = self.row() {
            lines.row(section, row);
            if let Some(report) = &self.report {
                lines.findings_of(report, section, row);
            }
            return;
        }
        let sheet = self.sheet();
        if let Some(line) = sheet.lines.get(self.table().index) {
            lines.line(&sheet.columns, &line.cells);
        }
    }

    fn selected_key(&self) -> Option<u64> {
        let sheet = self.sheet();
        sheet.lines.get(self.table().index).map(|line| line.key)
    }

    /// Returns the area of the table of events.
    pub(crate) fn logs_table(&self) -> ratatui::layout::Rect {
        let panel = self.areas().logs;
        let title = panel.height.min(1);
        ratatui::layout::Rect { y: panel.y + title, height: panel.height - title, ..panel }
    }

    /// Changes the state of the visible table.
    fn with_table(&mut self, change: impl FnOnce(&mut TableState, &Sheet<'_>, usize)) {
        let mut table = self.table();
        let lines = Areas::lines(self.areas().table);
        change(&mut table, &self.sheet(), lines);
        self.tables.insert((self.tab, self.page_number()), table);
    }

    /// Changes the state of the focused table.
    fn with_focus(&mut self, change: impl FnOnce(&mut TableState, &Sheet<'_>, usize)) {
        if !self.logs.is_focused {
            return self.with_table(change);
        }
        let mut table = std::mem::take(&mut self.logs.table);
        if let Some(sheet) = self.logs_sheet() {
            change(&mut table, &sheet, Areas::lines(self.logs_table()));
        }
        self.logs.table = table;
    }
}

/// Returns the titles of the tabs with their numbers.
pub(crate) fn tab_titles() -> Vec<String> {
    TABS.iter().enumerate().map(|(i, tab)| format!("{} {}", i + 1, tab.title)).collect()
}
