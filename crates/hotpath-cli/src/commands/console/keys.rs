//! The keys: what each does, declared once, so that the help screen tells all of them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::table::Move;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Quit,
    Help,
    Close,
    /// The tab of this number, from 0; again: its next page.
    Tab(usize),
    Page(isize),
    Go(Move),
    /// The first `g` of `gg`.
    HalfFirst,
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

/// Keys that do the same.
#[derive(Debug)]
pub(crate) struct Binding {
    /// As the help screen names them.
    pub(crate) keys: &'static str,
    pub(crate) does: &'static str,
    chords: &'static [(KeyCode, Action)],
}

const fn binding(keys: &'static str, does: &'static str, chords: &'static [(KeyCode, Action)]) -> Binding {
    Binding { keys, does, chords }
}

use Action::{Go, Order, Page, Tab};
use KeyCode::Char;

/// All keys, in the order of the help screen.
pub(crate) const KEYS: &[Binding] = &[
    binding(
        "1 … 6",
        "the tab of that number; again: its next page",
        &[
            (Char('1'), Tab(0)),
            (Char('2'), Tab(1)),
            (Char('3'), Tab(2)),
            (Char('4'), Tab(3)),
            (Char('5'), Tab(4)),
            (Char('6'), Tab(5)),
        ],
    ),
    binding("[ ]", "the page before, the next page", &[(Char('['), Page(-1)), (Char(']'), Page(1))]),
    binding(
        "j k, down up",
        "the next row, the row before",
        &[
            (Char('j'), Go(Move::By(1))),
            (KeyCode::Down, Go(Move::By(1))),
            (Char('k'), Go(Move::By(-1))),
            (KeyCode::Up, Go(Move::By(-1))),
        ],
    ),
    binding(
        "PgDn PgUp",
        "a screen down, a screen up",
        &[(KeyCode::PageDown, Go(Move::Pages(1))), (KeyCode::PageUp, Go(Move::Pages(-1)))],
    ),
    binding(
        "gg G, Home End",
        "the first row, the last row",
        &[
            (Char('g'), Action::HalfFirst),
            (KeyCode::Home, Go(Move::First)),
            (Char('G'), Go(Move::Last)),
            (KeyCode::End, Go(Move::Last)),
        ],
    ),
    binding(
        "s S",
        "sort by the next column, by the one before; past the last: as reported",
        &[(Char('s'), Order(1)), (Char('S'), Order(-1))],
    ),
    binding("R", "turn the order round", &[(Char('R'), Action::Reverse)]),
    binding("/", "filter by typing; Enter keeps it, Esc drops it", &[(Char('/'), Action::Filter)]),
    binding(
        "i, Enter",
        "everything about the row (in the tree, Enter opens and closes it)",
        &[(Char('i'), Action::Inspect), (KeyCode::Enter, Action::Enter)],
    ),
    binding("f", "findings: what the report itself says is worth a look", &[(Char('f'), Action::Findings)]),
    binding("o", "open or close the panel of recent events of the row", &[(Char('o'), Action::Logs)]),
    binding(
        "l, right, Tab",
        "into that panel (right in the tree: open the row)",
        &[(Char('l'), Action::FocusLogs), (KeyCode::Right, Action::Right), (KeyCode::Tab, Action::FocusLogs)],
    ),
    binding(
        "h, left, S-Tab",
        "back to the table (left in the tree: close the row)",
        &[
            (Char('h'), Action::FocusBack),
            (KeyCode::Left, Action::Left),
            (KeyCode::BackTab, Action::FocusBack),
        ],
    ),
    binding("b", "call tree by time, by allocated bytes", &[(Char('b'), Action::Measure)]),
    binding(
        "p, space",
        "hold the screen still; the program goes on",
        &[(Char('p'), Action::Pause), (Char(' '), Action::Pause)],
    ),
    binding("F5", "refresh now", &[(KeyCode::F(5), Action::Refresh)]),
    binding("r", "reset all counts of the program (asks first)", &[(Char('r'), Action::Reset)]),
    binding("c", "take a CPU snapshot", &[(Char('c'), Action::Capture)]),
    binding("?", "this help", &[(Char('?'), Action::Help), (KeyCode::F(1), Action::Help)]),
    binding("Esc", "close what is open", &[(KeyCode::Esc, Action::Close)]),
    binding("q, Ctrl-C", "quit", &[(Char('q'), Action::Quit)]),
];

/// What a key does, if anything.
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
    fn no_key_does_two_things() {
        let mut seen = HashSet::new();
        for (code, _) in KEYS.iter().flat_map(|binding| binding.chords) {
            assert!(seen.insert(*code), "{code} twice");
        }
    }

    #[test]
    fn there_is_a_key_for_every_tab() {
        for number in 0..super::super::tabs::TABS.len() {
            let digit = char::from_digit(number as u32 + 1, 10).unwrap();
            assert_eq!(action(KeyEvent::from(Char(digit))), Some(Tab(number)));
        }
    }
}
