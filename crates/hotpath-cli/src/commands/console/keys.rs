//! The key bindings, declared once, also for the help screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::table::Move;

/// The action of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Quit,
    Help,
    Close,
    /// Shows the tab of this index, or its next page if it is shown already.
    Tab(usize),
    Page(isize),
    Go(Move),
    /// The first `g` of `gg`.
    FirstG,
    Order(isize),
    Reverse,
    Filter,
    Inspect,
    Enter,
    Findings,
    Logs,
    Right,
    Left,
    FocusLogs,
    FocusBack,
    Pause,
    Refresh,
    Reset,
    Measure,
    Capture,
}

/// Keys with the same action.
#[derive(Debug)]
pub(crate) struct Binding {
    /// The names of the keys, for the help screen.
    pub(crate) keys: &'static str,
    pub(crate) does: &'static str,
    chords: &'static [(KeyCode, Action)],
}

const fn binding(keys: &'static str, does: &'static str, chords: &'static [(KeyCode, Action)]) -> Binding {
    Binding { keys, does, chords }
}

use Action::{Go, Order, Page, Tab};
use KeyCode::Char;

/// All bindings, in the order of the help screen.
pub(crate) const KEYS: &[Binding] = &[
    binding(
        "1 … 6",
        "show a tab; again: its next page",
        &[
            (Char('1'), Tab(0)),
            (Char('2'), Tab(1)),
            (Char('3'), Tab(2)),
            (Char('4'), Tab(3)),
            (Char('5'), Tab(4)),
            (Char('6'), Tab(5)),
        ],
    ),
    binding("[ ]", "previous page, next page", &[(Char('['), Page(-1)), (Char(']'), Page(1))]),
    binding(
        "j k, down up",
        "next row, previous row",
        &[
            (Char('j'), Go(Move::By(1))),
            (KeyCode::Down, Go(Move::By(1))),
            (Char('k'), Go(Move::By(-1))),
            (KeyCode::Up, Go(Move::By(-1))),
        ],
    ),
    binding(
        "PgDn PgUp",
        "page down, page up",
        &[(KeyCode::PageDown, Go(Move::Pages(1))), (KeyCode::PageUp, Go(Move::Pages(-1)))],
    ),
    binding(
        "gg G, Home End",
        "first row, last row",
        &[
            (Char('g'), Action::FirstG),
            (KeyCode::Home, Go(Move::First)),
            (Char('G'), Go(Move::Last)),
            (KeyCode::End, Go(Move::Last)),
        ],
    ),
    binding(
        "s S",
        "sort by the next, by the previous column; after the last: unsorted",
        &[(Char('s'), Order(1)), (Char('S'), Order(-1))],
    ),
    binding("R", "reverse the order", &[(Char('R'), Action::Reverse)]),
    binding("/", "filter; Enter keeps the filter, Esc clears it", &[(Char('/'), Action::Filter)]),
    binding(
        "i, Enter",
        "show all details of the row (in the tree, Enter expands or collapses it)",
        &[(Char('i'), Action::Inspect), (KeyCode::Enter, Action::Enter)],
    ),
    binding("f", "show the findings of the report", &[(Char('f'), Action::Findings)]),
    binding("o", "show or hide the recent events of the row", &[(Char('o'), Action::Logs)]),
    binding(
        "l, right, Tab",
        "focus the events (right in the tree: expand the row)",
        &[(Char('l'), Action::FocusLogs), (KeyCode::Right, Action::Right), (KeyCode::Tab, Action::FocusLogs)],
    ),
    binding(
        "h, left, S-Tab",
        "focus the table (left in the tree: collapse the row)",
        &[
            (Char('h'), Action::FocusBack),
            (KeyCode::Left, Action::Left),
            (KeyCode::BackTab, Action::FocusBack),
        ],
    ),
    binding("b", "call tree by time or by allocated bytes", &[(Char('b'), Action::Measure)]),
    binding(
        "p, space",
        "pause the screen; the program keeps running",
        &[(Char('p'), Action::Pause), (Char(' '), Action::Pause)],
    ),
    binding("F5", "refresh now", &[(KeyCode::F(5), Action::Refresh)]),
    binding("r", "reset all counts of the program (asks first)", &[(Char('r'), Action::Reset)]),
    binding("c", "take a CPU snapshot", &[(Char('c'), Action::Capture)]),
    binding("?", "show this help", &[(Char('?'), Action::Help), (KeyCode::F(1), Action::Help)]),
    binding("Esc", "close the window, panel or filter", &[(KeyCode::Esc, Action::Close)]),
    binding("q, Ctrl-C", "quit", &[(Char('q'), Action::Quit)]),
];

/// Returns the action of a key, if it has one.
pub(crate) fn action(key: KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == Char('c')).then_some(Action::Quit);
    }
    let chords = KEYS.iter().flat_map(|binding| binding.chords);
    chords.into_iter().find(|(code, _)| *code == key.code).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_has_two_actions() {
        let mut seen = HashSet::new();
        for (code, _) in KEYS.iter().flat_map(|binding| binding.chords) {
            assert!(seen.insert(*code), "{code} twice");
        }
    }

    #[test]
    fn every_tab_has_a_key() {
        for number in 0..super::super::pages::TABS.len() {
            let digit = char::from_digit(number as u32 + 1, 10).unwrap();
            assert_eq!(action(KeyEvent::from(Char(digit))), Some(Tab(number)));
        }
    }
}
