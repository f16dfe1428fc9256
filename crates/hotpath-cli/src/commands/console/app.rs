//! The console as a value: what is shown, and what each event makes of it.
//!
//! [`App::input`], [`App::news`] and [`App::tick`] take what happened and the time; what the outside has to do for it is left in
//! [`App::wishes`]. No clock, no terminal, no socket here, so that every screen can be had in a test.

use std::collections::HashMap;
use std::time::Duration;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind,
};
use hotpath_report::{Report, Row, Table};
use ratatui::layout::{Position, Size};

use super::callers::{Measure, TreeView};
use super::feed::{Problem, Request, Status, Update};
use super::history::{History, Sample, Trend};
use super::keys::{Action, action};
use super::layout::{self, Areas, Hit, Parts};
use super::logs::{Place, lists};
use super::look::Look;
use super::popup::{Kind, Lines, Popup, Text};
use super::settings::Settings;
use super::sheet::Sheet;
use super::table::{Move, TableState, plan};
use super::tabs::{Page, Shows, TABS};

/// Where reports come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A program, at this address.
    Live(String),
    /// A file of this name.
    File(String),
}

/// How things stand with the endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    /// Since when an answer is waited for.
    pub(crate) asking_since: Option<Duration>,
    /// Since when there is none, and why.
    pub(crate) lost: Option<(Duration, Problem)>,
}

/// The panel of recent events.
#[derive(Debug, Default)]
pub(crate) struct LogPanel {
    pub(crate) is_open: bool,
    pub(crate) is_focused: bool,
    /// Where the events of the selected row stand; `None` if it has none.
    pub(crate) place: Option<Place>,
    /// What was answered there.
    pub(crate) content: Option<Result<Table, String>>,
    /// Which of its lists is shown.
    pub(crate) list: usize,
    pub(crate) table: TableState,
}

impl LogPanel {
    /// What was answered, list by list.
    pub(crate) fn lists(&self) -> Vec<&Table> {
        let log = self.content.as_ref().and_then(|content| content.as_ref().ok());
        log.map(lists).unwrap_or_default()
    }

    /// The list that is shown.
    pub(crate) fn list(&self) -> Option<&Table> {
        self.lists().get(self.list).copied()
    }
}

/// The whole state.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) look: Look,
    pub(crate) size: Size,
    pub(crate) now: Duration,
    pub(crate) origin: Origin,
    pub(crate) link: Link,
    pub(crate) report: Option<Box<Report>>,
    pub(crate) status: Option<Status>,
    pub(crate) tab: usize,
    pub(crate) tree: TreeView,
    pub(crate) logs: LogPanel,
    pub(crate) popup: Option<Popup>,
    /// Whether keys are letters of the filter.
    pub(crate) is_typing: bool,
    /// Whether the screen is held still.
    pub(crate) is_paused: bool,
    pub(crate) is_over: bool,
    /// What the outside has to do, in this order.
    pub(crate) wishes: Vec<Request>,
    notice: Option<(Duration, String)>,
    history: History,
    pages: [usize; TABS.len()],
    tables: HashMap<(usize, usize), TableState>,
    half_first: bool,
    expand_logs: Option<usize>,
}

/// So long a message stands.
const NOTICE: Duration = Duration::from_secs(8);
/// An answer that takes so long is told to be waited for.
pub(crate) const SLOW: Duration = Duration::from_secs(1);

impl App {
    pub(crate) fn new(origin: Origin, settings: &Settings, look: Look, size: Size) -> Self {
        Self {
            look,
            size,
            now: Duration::ZERO,
            origin,
            link: Link::default(),
            report: None,
            status: None,
            tab: settings.tab,
            tree: TreeView::default(),
            logs: LogPanel::default(),
            popup: None,
            is_typing: false,
            is_paused: false,
            is_over: false,
            wishes: Vec::new(),
            notice: None,
            history: History::default(),
            pages: [0; TABS.len()],
            tables: HashMap::new(),
            half_first: false,
            expand_logs: settings.expand_logs,
        }
    }

    /// A key, the mouse, another size. Says whether the screen may look different now.
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

    /// What the feed found out. Says whether the screen may look different now.
    pub(crate) fn news(&mut self, now: Duration, news: Update) -> bool {
        self.now = now;
        match news {
            Update::Asking => {
                self.link.asking_since = Some(now);
                return false;
            }
            Update::Report(report, status) => self.take_report(report, status),
            Update::Logs(path, answer) => {
                if let Some(place) = self.logs.place.as_ref().filter(|place| place.path == path) {
                    self.logs.content = Some(answer.and_then(|text| place.read(&text)));
                }
            }
            Update::Lost(problem) => {
                self.link.asking_since = None;
                let since = self.link.lost.as_ref().map_or(now, |(since, _)| *since);
                self.link.lost = Some((since, problem));
            }
            Update::Posted(path, Ok(())) => self.say(match path {
                RESET => "counts were reset",
                _ => "a CPU snapshot is being taken",
            }),
            Update::Posted(path, Err(why)) => self.say(&format!("{path}: {why}")),
        }
        self.settle();
        true
    }

    /// Time went by. Says whether the screen may look different now.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        self.now = now;
        let is_slow = self.waiting().is_some_and(|waiting| waiting >= SLOW);
        let had_notice = self.notice.is_some();
        self.notice.take_if(|(until, _)| *until <= now);
        is_slow || self.link.lost.is_some() || (had_notice && self.notice.is_none())
    }

    /// Shows a message for a while.
    pub(crate) fn say(&mut self, text: &str) {
        self.notice = Some((self.now + NOTICE, text.to_owned()));
    }

    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(_, text)| &text[..])
    }

    /// How long an answer is waited for.
    pub(crate) fn waiting(&self) -> Option<Duration> {
        Some(self.now.saturating_sub(self.link.asking_since?))
    }

    /// The page that is shown.
    pub(crate) fn page(&self) -> &'static Page {
        &TABS[self.tab].pages[self.page_number()]
    }

    pub(crate) fn page_number(&self) -> usize {
        self.pages[self.tab]
    }

    /// State of the table that is shown.
    pub(crate) fn table(&self) -> TableState {
        self.tables.get(&(self.tab, self.page_number())).cloned().unwrap_or_default()
    }

    /// What the table shows.
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

    /// The section, or list, whose rows the table shows.
    pub(crate) fn section(&self) -> Option<&Table> {
        let report = self.report.as_deref()?;
        match self.page().shows {
            Shows::Tree => None,
            Shows::Table(name, _) => report.section(name),
            Shows::List(name, list) => report.section(name)?.lists.iter().find(|own| own.spec.name == list),
        }
    }

    /// The selected row of the section that is shown.
    pub(crate) fn row(&self) -> Option<(&Table, &Row)> {
        let key = self.selected_key()?;
        let section = self.section()?;
        let at = super::sheet::keys(section).iter().position(|own| *own == key)?;
        Some((section, &section.rows[at]))
    }

    /// What the logs panel shows, if it has something.
    pub(crate) fn logs_sheet(&self) -> Option<Sheet<'_>> {
        let list = self.logs.list()?;
        let table = &self.logs.table;
        Some(Sheet::of_section(list, 0).filtered(&table.filter).ordered(table.order.as_ref()))
    }

    /// What is followed of the selected row, and its samples, oldest first; nothing if there are none.
    pub(crate) fn samples(&self) -> Option<(Trend, Vec<Sample>)> {
        let Shows::Table(name, table) = self.page().shows else { return None };
        let trend = Trend::of(self.section()?, table)?;
        let samples = self.history.of(name, table, self.selected_key()?);
        (!samples.is_empty()).then_some((trend, samples))
    }

    /// Numbers of the section as a whole that have a name.
    pub(crate) fn fields(&self) -> Vec<String> {
        let fields = self.section().into_iter().flat_map(|section| &section.fields);
        let shown = fields.filter(|(field, value)| {
            !field.header.is_empty() && field.show != hotpath_report::Show::JsonOnly && !value.is_nothing()
        });
        shown.map(|(field, value)| format!("{}: {value}", field.header)).collect()
    }

    /// Where everything stands.
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

    /// The finding that is told above the functions.
    pub(crate) fn first_finding(&self) -> Option<String> {
        let findings = &self.report.as_ref().filter(|_| self.tab == 0)?.findings;
        let more = match findings.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Some(format!("f{more}: {}", findings.first()?.title))
    }

    /// The lines of the open window, in this width.
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

    fn take_report(&mut self, report: Box<Report>, status: Option<Status>) {
        self.link.asking_since = None;
        let was_lost = self.link.lost.take().is_some();
        if self.is_paused && self.report.is_some() {
            return;
        }
        let anew = self.began_anew(&report, status.as_ref());
        if let Some(what) = anew {
            self.history.clear();
            self.logs.content = None;
            self.say(what);
        } else if was_lost && self.report.is_some() {
            self.say("connected again");
        }
        if let (Some(before), None) = (&self.report, anew) {
            self.history.note(before, &report, &followed());
        }
        self.report = Some(report);
        // One that was not to be had leaves what is known.
        self.status = status.or(self.status.take());
    }

    /// Whether the counts of this report are no continuation of the last one's, and why.
    fn began_anew(&self, report: &Report, status: Option<&Status>) -> Option<&'static str> {
        let before = self.report.as_ref()?;
        let (pid, session) = (|status: &Status| status.pid, |status: &Status| status.session);
        let differs = |of: fn(&Status) -> Option<u64>| {
            let (old, new) = (self.status.as_ref().and_then(of), status.and_then(of));
            old.zip(new).is_some_and(|(old, new)| old != new)
        };
        if differs(pid) {
            Some("the program was started again: its counts begin anew")
        } else if differs(session) || report.duration_ns < before.duration_ns {
            Some("the counts were reset: they begin anew")
        } else {
            None
        }
    }

    /// Brings everything in line that depends on what is shown.
    fn settle(&mut self) {
        let lines = Areas::lines(self.areas().table);
        if let Some(row) = self.expand_logs
            && self.sheet().lines.len() >= row
        {
            self.expand_logs = None;
            self.logs.is_open = true;
            self.with_table(|table, sheet, lines| table.go(Move::To(row - 1), sheet, lines));
        }
        self.with_table(|table, sheet, _| table.settle(sheet, lines));
        self.follow_logs();
        let mut table = std::mem::take(&mut self.logs.table);
        if let Some(sheet) = self.logs_sheet() {
            table.settle(&sheet, Areas::lines(self.logs_table()));
        }
        self.logs.table = table;
        self.settle_popup();
    }

    /// The table in the panel of logs.
    pub(crate) fn logs_table(&self) -> ratatui::layout::Rect {
        let panel = self.areas().logs;
        let title = panel.height.min(1);
        ratatui::layout::Rect { y: panel.y + title, height: panel.height - title, ..panel }
    }

    fn settle_popup(&mut self) {
        let Some(Popup { offset, .. }) = self.popup else { return };
        let room = layout::popup(self.size);
        let lines = self.popup_lines(room.width.into()).len();
        let last = lines.saturating_sub(room.height.into());
        if let Some(popup) = &mut self.popup {
            popup.offset = offset.min(last);
        }
    }

    /// Changes the state of the table that is shown.
    fn with_table(&mut self, change: impl FnOnce(&mut TableState, &Sheet<'_>, usize)) {
        let mut table = self.table();
        let lines = Areas::lines(self.areas().table);
        change(&mut table, &self.sheet(), lines);
        self.tables.insert((self.tab, self.page_number()), table);
    }

    /// Changes the state of the table that has the focus.
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

    /// Asks for the logs of the selected row, if they are to be seen and it is another row now.
    fn follow_logs(&mut self) {
        let is_live = matches!(self.origin, Origin::Live(_));
        let wanted = self.row().filter(|_| self.logs.is_open && is_live);
        let place = wanted.and_then(|(section, row)| Place::of(section, row));
        let path = |place: &Option<Place>| place.as_ref().map(|place| place.path.clone());
        if path(&place) != path(&self.logs.place) {
            self.wishes.push(Request::Logs(path(&place)));
            (self.logs.place, self.logs.content) = (place, None);
            (self.logs.list, self.logs.table) = (0, TableState::default());
        }
    }

    fn key(&mut self, key: KeyEvent) -> bool {
        if self.is_typing && !key.modifiers.contains(crossterm::event::KeyModifiers::CONTROL) {
            return self.type_filter(key.code);
        }
        if self.popup.as_ref().is_some_and(|popup| popup.kind == Kind::Reset) {
            self.popup = None;
            if key.code == KeyCode::Char('y') {
                self.wishes.push(Request::Post(RESET));
            }
            return true;
        }
        let Some(action) = action(key) else {
            return std::mem::take(&mut self.half_first);
        };
        let was_half = std::mem::take(&mut self.half_first);
        match (action, &mut self.popup) {
            (Action::HalfFirst, _) if !was_half => self.half_first = true,
            (Action::HalfFirst, _) => self.act(Action::Go(Move::First)),
            (Action::Go(to), Some(popup)) => popup.offset = scrolled(popup.offset, to, self.size),
            (
                Action::Close | Action::Inspect | Action::Enter | Action::Help | Action::Findings,
                popup @ Some(_),
            ) => {
                *popup = None;
            }
            (Action::Quit, popup @ Some(_)) if key.code == KeyCode::Char('q') => *popup = None,
            (action, _) => self.act(action),
        }
        true
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Quit => self.is_over = true,
            Action::Help => self.open(Kind::Help),
            Action::Close => self.close(),
            Action::Tab(tab) if tab == self.tab => self.turn_page(1),
            Action::Tab(tab) => self.show(tab, None),
            Action::Page(pages) => self.turn_page(pages),
            Action::Go(to) => self.with_focus(|table, sheet, lines| table.go(to, sheet, lines)),
            Action::HalfFirst => {}
            Action::Order(steps) => {
                self.with_focus(|table, sheet, _| table.order_by_next(&sheet.columns, steps));
            }
            Action::Reverse => self.with_focus(|table, _, _| table.reverse()),
            Action::Filter => {
                self.logs.is_focused = false;
                self.is_typing = true;
            }
            Action::Enter if self.page().shows == Shows::Tree => self.fold(None),
            Action::Inspect | Action::Enter if self.logs.is_focused => self.open(Kind::InspectLog),
            Action::Inspect | Action::Enter => self.open(Kind::Inspect),
            Action::Findings => self.open(Kind::Findings),
            Action::Logs => {
                self.logs.is_open = !self.logs.is_open;
                self.logs.is_focused = false;
            }
            Action::Right if self.page().shows == Shows::Tree => self.fold(Some(true)),
            Action::Left if self.page().shows == Shows::Tree => self.fold(Some(false)),
            Action::Right | Action::FocusLogs => self.logs.is_focused = self.logs.is_open,
            Action::Left | Action::FocusBack => self.logs.is_focused = false,
            Action::Pause => self.pause(),
            Action::Refresh => self.wishes.push(Request::Refresh),
            Action::Reset => self.if_live(|app| app.open(Kind::Reset)),
            Action::Measure => {
                self.tree.measure = match self.tree.measure {
                    Measure::Time => Measure::Bytes,
                    Measure::Bytes => Measure::Time,
                };
            }
            Action::Capture => self.if_live(|app| app.wishes.push(Request::Post("/functions_cpu/snapshot"))),
        }
    }

    fn if_live(&mut self, act: impl FnOnce(&mut Self)) {
        match self.origin {
            Origin::Live(_) => act(self),
            Origin::File(_) => self.say("this is a saved report: there is no program to tell"),
        }
    }

    fn open(&mut self, kind: Kind) {
        self.popup = Some(Popup { kind, offset: 0 });
    }

    /// Closes what is open, the innermost first.
    fn close(&mut self) {
        if self.logs.is_focused {
            self.logs.is_focused = false;
        } else if self.logs.is_open {
            self.logs.is_open = false;
        } else {
            self.with_table(|table, _, _| table.filter.clear());
        }
    }

    fn show(&mut self, tab: usize, page: Option<usize>) {
        if tab < TABS.len() {
            self.tab = tab;
            self.pages[tab] = page.unwrap_or(self.pages[tab]);
            self.logs.is_focused = false;
            self.is_typing = false;
        }
    }

    fn turn_page(&mut self, pages: isize) {
        if self.logs.is_focused {
            let count = self.logs.lists().len().max(1) as isize;
            self.logs.list = (self.logs.list as isize + pages).rem_euclid(count) as usize;
            return;
        }
        let count = TABS[self.tab].pages.len() as isize;
        let page = (self.page_number() as isize + pages).rem_euclid(count) as usize;
        self.show(self.tab, Some(page));
    }

    fn pause(&mut self) {
        self.if_live(|app| {
            app.is_paused = !app.is_paused;
            app.wishes.push(Request::Pause(app.is_paused));
        });
    }

    /// Opens or closes the selected node of the tree; `None` is what it is not. What is closed already goes to its caller.
    fn fold(&mut self, open: Option<bool>) {
        let index = self.table().index;
        let sheet = self.sheet();
        let Some(line) = sheet.lines.get(index) else { return };
        let (key, depth, is_open) = (line.key, line.depth, line.is_open);
        let caller = sheet.lines[..index].iter().rposition(|above| above.depth < depth);
        match (open, is_open, caller) {
            (Some(false), None | Some(false), Some(caller)) => self.act(Action::Go(Move::To(caller))),
            (_, Some(is_open), _) => self.tree.fold(key, open.unwrap_or(!is_open)),
            _ => {}
        }
    }

    fn type_filter(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Enter => self.is_typing = false,
            KeyCode::Esc => {
                self.is_typing = false;
                self.with_table(|table, _, _| table.filter.clear());
            }
            KeyCode::Backspace => self.with_table(|table, _, _| {
                table.filter.pop();
            }),
            KeyCode::Char(letter) => self.with_table(|table, _, _| table.filter.push(letter)),
            KeyCode::Down => self.act(Action::Go(Move::By(1))),
            KeyCode::Up => self.act(Action::Go(Move::By(-1))),
            _ => return false,
        }
        true
    }

    fn mouse(&mut self, mouse: MouseEvent) -> bool {
        let at = Position { x: mouse.column, y: mouse.row };
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(at, 3),
            MouseEventKind::ScrollUp => self.wheel(at, -3),
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            _ => return false,
        }
        true
    }

    fn wheel(&mut self, at: Position, lines: isize) {
        if let Some(popup) = &mut self.popup {
            popup.offset = popup.offset.saturating_add_signed(lines);
            return;
        }
        self.focus_at(at);
        self.act(Action::Go(Move::By(lines)));
    }

    fn focus_at(&mut self, at: Position) {
        self.logs.is_focused = self.logs.is_open && self.areas().logs.contains(at);
    }

    fn click(&mut self, at: Position) {
        if self.popup.take().is_some() {
            return;
        }
        let areas = self.areas();
        let x = usize::from(at.x);
        if areas.tabs.contains(at) {
            let tabs = layout::titles(tab_titles());
            if let Some(tab) = tabs.iter().position(|range| range.contains(&x)) {
                self.act(Action::Tab(tab));
            }
        } else if areas.pages.contains(at) {
            let pages = layout::titles(TABS[self.tab].pages.iter().map(|page| page.title));
            if let Some(page) = pages.iter().position(|range| range.contains(&x)) {
                self.show(self.tab, Some(page));
            }
        } else {
            self.focus_at(at);
            let table = if self.logs.is_focused { self.logs_table() } else { areas.table };
            match layout::hit(table, at) {
                None => {}
                Some(Hit::Line(line)) => self.click_line(line),
                Some(Hit::Header(x)) => self.with_focus(|state, sheet, lines| {
                    let shown = state.offset..(state.offset + lines).min(sheet.lines.len());
                    let slots = plan(sheet, shown, table.width.into(), state.order.as_ref());
                    if let Some(slot) = slots.iter().find(|slot| (slot.x..slot.x + slot.width).contains(&x)) {
                        state.order_by(&sheet.columns[slot.column]);
                    }
                }),
            }
        }
    }

    /// Selects a line; one of the tree that was selected already is opened or closed.
    fn click_line(&mut self, line: usize) {
        let before = self.table().index;
        self.with_focus(|table, sheet, lines| {
            if table.offset + line < sheet.lines.len() {
                table.go(Move::To(table.offset + line), sheet, lines);
            }
        });
        if self.page().shows == Shows::Tree && self.table().index == before {
            self.fold(None);
        }
    }
}

const RESET: &str = "/reset";

/// Titles of the tabs with their numbers.
pub(crate) fn tab_titles() -> Vec<String> {
    TABS.iter().enumerate().map(|(i, tab)| format!("{} {}", i + 1, tab.title)).collect()
}

/// The tables whose rows have a history.
fn followed() -> Vec<(&'static str, u8)> {
    let pages = TABS.iter().flat_map(|tab| tab.pages);
    let section = |page: &Page| match page.shows {
        Shows::Table(name, table) => Some((name, table)),
        _ => None,
    };
    pages.filter_map(section).collect()
}

fn scrolled(offset: usize, to: Move, size: Size) -> usize {
    let page = layout::popup(size).height.max(1) as isize;
    match to {
        Move::By(lines) => offset.saturating_add_signed(lines),
        Move::Pages(pages) => offset.saturating_add_signed(pages * page),
        Move::First | Move::To(_) => 0,
        Move::Last => usize::MAX,
    }
}
