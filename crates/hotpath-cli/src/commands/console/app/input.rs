//! The actions of keys and the mouse.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Size};

use super::{App, Origin, tab_titles};
use crate::commands::console::callers::Measure;
use crate::commands::console::feed::Request;
use crate::commands::console::keys::{Action, action};
use crate::commands::console::layout::{self, Hit};
use crate::commands::console::popup::{Kind, Popup};
use crate::commands::console::table::{Move, plan};
use crate::commands::console::{pages::TABS, tabs::Shows};

/// The path that resets the program.
pub(super) const RESET: &str = "/reset";

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) -> bool {
        if self.is_typing && !key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.type_filter(key.code);
        }
        if self.popup.as_ref().is_some_and(|popup| popup.kind == Kind::Reset) {
            self.popup = None;
            if key.code == KeyCode::Char('y') {
                self.requests.push(Request::Post(RESET));
            }
            return true;
        }
        let Some(action) = action(key) else {
            return std::mem::take(&mut self.has_first_g);
        };
        let had_first_g = std::mem::take(&mut self.has_first_g);
        match (action, &mut self.popup) {
            (Action::FirstG, _) if !had_first_g => self.has_first_g = true,
            (Action::FirstG, _) => self.act(Action::Go(Move::First)),
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
            Action::FirstG => {}
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
            Action::Refresh => self.requests.push(Request::Refresh),
            Action::Reset => self.if_live(|app| app.open(Kind::Reset)),
            Action::Measure => {
                self.tree.measure = match self.tree.measure {
                    Measure::Time => Measure::Bytes,
                    Measure::Bytes => Measure::Time,
                };
            }
            Action::Capture => {
                self.if_live(|app| app.requests.push(Request::Post("/functions_cpu/snapshot")))
            }
        }
    }

    fn if_live(&mut self, act: impl FnOnce(&mut Self)) {
        match self.origin {
            Origin::Live(_) => act(self),
            Origin::File(_) => self.notify("not available: this is a saved report"),
        }
    }

    fn open(&mut self, kind: Kind) {
        self.popup = Some(Popup { kind, offset: 0 });
    }

    /// Closes the innermost panel or filter.
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
            app.requests.push(Request::Pause(app.is_paused));
        });
    }

    /// Expands or collapses the selected node of the tree; `None` toggles it. If it is collapsed already, its caller is selected.
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

    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> bool {
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

    /// Selects a line. A line of the tree that is selected already is toggled.
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

fn scrolled(offset: usize, to: Move, size: Size) -> usize {
    let page = layout::popup(size).height.max(1) as isize;
    match to {
        Move::By(lines) => offset.saturating_add_signed(lines),
        Move::Pages(pages) => offset.saturating_add_signed(pages * page),
        Move::First | Move::To(_) => 0,
        Move::Last => usize::MAX,
    }
}
