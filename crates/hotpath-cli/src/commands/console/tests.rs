//! The screens, and the effects of keys, the mouse and updates.

use std::time::Duration;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use hotpath_report::{Report, Row, Value};
use ratatui::layout::Size;
use ratatui::style::Modifier;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use super::app::{App, Origin};
use super::feed::{Problem, Request, Status, Update};
use super::settings::Settings;
use super::theme::Theme;
use super::view;

const SHOP: &str = include_str!("../../../tests/fixtures/shop.json");
const THEME: Theme = Theme { colour: true, unicode: true };
const SMALL: Size = Size { width: 80, height: 24 };
const LARGE: Size = Size { width: 200, height: 60 };

/// A console without a terminal.
struct Desk {
    app: App,
    now: Duration,
}

impl Desk {
    fn new(origin: Origin, size: Size) -> Self {
        let (settings, _) = Settings::read(None, |_| None);
        Self { app: App::new(origin, &settings, THEME, size), now: Duration::ZERO }
    }

    /// A saved report.
    fn saved(size: Size) -> Self {
        let mut desk = Self::new(Origin::File("shop.json".into()), size);
        desk.update(Update::Report(Box::new(shop()), None));
        desk
    }

    /// A program that has responded once.
    fn live() -> Self {
        let mut desk = Self::asking();
        desk.report(shop(), status());
        desk
    }

    /// A program that has not responded yet.
    fn asking() -> Self {
        Self::new(Origin::Live("http://127.0.0.1:6770".into()), SMALL)
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self.app.tick(self.now);
        self
    }

    fn update(&mut self, update: Update) -> &mut Self {
        self.app.update(self.now, update);
        self
    }

    fn report(&mut self, report: Report, status: Status) -> &mut Self {
        self.update(Update::Asking).update(Update::Report(Box::new(report), Some(status)))
    }

    /// Presses a key per character; those in `<…>` by their name.
    fn keys(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let name = rest.strip_prefix('<').and_then(|named| named.split_once('>'));
            let (code, after) = match name {
                Some((name, after)) => (named(name), after),
                None => (KeyCode::Char(first), &rest[first.len_utf8()..]),
            };
            self.app.input(self.now, &Input::Key(KeyEvent::from(code)));
            rest = after;
        }
        self
    }

    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> &mut Self {
        let mouse = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        self.app.input(self.now, &Input::Mouse(mouse));
        self
    }

    fn click(&mut self, column: u16, row: u16) -> &mut Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    /// Clicks the first occurrence of `text`.
    fn click_on(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        let lines = screen.lines().zip(0..);
        let position =
            |(line, row): (&str, u16)| line.find(text).map(|at| (super::fit::width(&line[..at]) as u16, row));
        let (column, row) = lines.filter_map(position).next().expect("the text is on the screen");
        self.click(column, row)
    }

    fn buffer(&self) -> Buffer {
        let backend = TestBackend::new(self.app.size.width, self.app.size.height);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal.draw(|frame| view::draw(&self.app, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn screen(&self) -> String {
        let buffer = self.buffer();
        let line = |y| {
            let cells = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
            cells.collect::<String>().trim_end().to_owned()
        };
        (0..buffer.area.height).map(line).collect::<Vec<_>>().join("\n")
    }

    /// Line `number` of the table; 0 is its headers.
    fn line(&self, number: usize) -> String {
        let top = usize::from(self.app.areas().table.y);
        self.screen().lines().nth(top + number).unwrap().trim_end().to_owned()
    }

    /// The highlighted lines.
    fn selected(&self) -> Vec<String> {
        let (buffer, screen) = (self.buffer(), self.screen());
        let is_selected = |y: u16| {
            // Tabs and pages are marked in the same way, above the table.
            y > 2 && buffer[(0, y)].modifier.contains(Modifier::REVERSED)
        };
        screen.lines().zip(0..).filter(|(_, y)| is_selected(*y)).map(|(line, _)| line.to_owned()).collect()
    }

    fn take_requests(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.app.requests)
    }
}

fn named(name: &str) -> KeyCode {
    match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "tab" => KeyCode::Tab,
        "back" => KeyCode::Backspace,
        other => panic!("no key {other}"),
    }
}

fn shop() -> Report {
    let mut report = hotpath_analysis::read_report(SHOP).unwrap();
    report.findings = hotpath_report::findings(&report);
    report
}

fn status() -> Status {
    Status { pid: Some(4242), program: "shop".into(), session: Some(1), ..Status::default() }
}

/// The shop `seconds` later, with `calls` more calls of every function.
fn shop_later(seconds: u64, calls: u64) -> Report {
    let mut report = shop();
    report.duration_ns += seconds * 1_000_000_000;
    for section in &mut report.sections {
        let Some(index) = section.index("calls") else { continue };
        for row in &mut section.rows {
            if let Value::Count(count) = &mut row.cells[index] {
                *count += calls;
            }
        }
    }
    report
}

#[test]
fn every_page_in_80_by_24() {
    let mut desk = Desk::saved(SMALL);
    for (number, tab) in super::pages::TABS.iter().enumerate() {
        for page in tab.pages {
            let name = format!("{} {}", tab.title, page.title).to_lowercase().replace([' ', '/'], "_");
            insta::assert_snapshot!(name, desk.screen());
            desk.keys("]");
        }
        desk.keys(&((number + 1) % super::pages::TABS.len() + 1).to_string());
    }
}

#[test]
fn findings_are_above_the_functions_and_in_the_details_of_their_row() {
    let mut desk = Desk::saved(SMALL);
    let finding = shop().findings[0].clone();
    assert!(desk.screen().contains(&format!("f: {}", finding.subject)), "{}", desk.screen());
    desk.keys(&format!("/{}<enter>i", finding.subject)).keys("G");
    assert!(desk.screen().contains(&finding.id[..]), "{}", desk.screen());
    desk.keys("<esc>4");
    assert!(!desk.screen().contains(&finding.subject), "only above functions: {}", desk.screen());
}

#[test]
fn a_large_terminal_shows_every_column_with_full_names() {
    let mut desk = Desk::saved(LARGE);
    insta::assert_snapshot!("large_timing", desk.screen());
    insta::assert_snapshot!("large_tree", desk.keys("]]]").screen());
    insta::assert_snapshot!("large_help", desk.keys("1?").screen());
}

#[test]
fn popups_are_drawn() {
    insta::assert_snapshot!("inspect", Desk::saved(SMALL).keys("ji").screen());
    insta::assert_snapshot!("help", Desk::saved(SMALL).keys("?").screen());
    insta::assert_snapshot!("reset", Desk::live().keys("r").screen());
    insta::assert_snapshot!("findings", Desk::saved(SMALL).keys("f").screen());
}

#[test]
fn a_live_program_has_sparklines() {
    let mut desk = Desk::live();
    for second in 1..=8 {
        desk.later(1).report(shop_later(second, second * second), status());
    }
    let screen = desk.screen();
    insta::assert_snapshot!("live", screen);
    // From the seventh to the eighth second 64 - 49 calls.
    assert!(screen.contains("15.00/s"), "{screen}");
    assert!(screen.contains("max 15.00/s"), "{screen}");
}

#[test]
fn the_screen_works_without_colours_and_unicode() {
    let mut desk = Desk::saved(SMALL);
    desk.app.theme = Theme { colour: false, unicode: false };
    desk.keys("sss");
    let screen = desk.screen();
    insta::assert_snapshot!("ascii", screen);
    assert!(desk.buffer().content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    let frames = desk.keys("]]]?").screen();
    let beyond = |text: &str| text.chars().find(|c| !c.is_ascii() && !"µ…".contains(*c));
    assert_eq!((beyond(&screen), beyond(&frames)), (None, None));
}

#[test]
fn the_selected_row_stays_selected_when_the_order_or_the_report_changes() {
    let mut desk = Desk::live();
    desk.keys("jjj");
    let name = desk.selected()[0].split_whitespace().next().unwrap().to_owned();
    desk.keys("ssR");
    assert!(desk.selected()[0].starts_with(&name));
    let mut fewer = shop_later(1, 1);
    let timing = fewer.sections.iter_mut().find(|section| section.spec.name == "functions_timing").unwrap();
    timing.rows.swap_remove(1);
    desk.later(1).report(fewer, status());
    assert!(desk.selected()[0].starts_with(&name));
}

#[test]
fn sorting_goes_column_by_column_and_unknowns_are_last() {
    let mut desk = Desk::saved(LARGE);
    let names = |desk: &Desk| -> Vec<String> {
        (1..=11).map(|number| desk.line(number).split("  ").next().unwrap().to_owned()).collect()
    };
    let reported = names(&desk);
    desk.keys("s");
    let mut sorted = reported[1..].to_vec();
    sorted.sort();
    // The caller's row stands first in any order.
    assert_eq!(names(&desk), [&reported[..1], &sorted].concat());
    desk.keys("R");
    sorted.reverse();
    assert_eq!(names(&desk), [&reported[..1], &sorted].concat());
    // By the last column, the time that async functions waited: the others have none.
    desk.keys("SS");
    assert!(desk.line(0).ends_with("Wait▼"), "{}", desk.line(0));
    assert!(desk.line(2).ends_with('s') && desk.line(11).ends_with('-'), "{}", desk.screen());
    desk.keys("s");
    assert_eq!(names(&desk), reported);
}

#[test]
fn filtering_by_typing() {
    let mut desk = Desk::saved(SMALL);
    desk.keys("/PARSE");
    assert!(desk.screen().contains("/PARSE_ · 2 of 11 rows"), "{}", desk.screen());
    desk.keys("<back>xx");
    assert!(desk.screen().contains("no matching rows"), "{}", desk.screen());
    desk.keys("<esc>");
    assert!(desk.screen().contains("11 rows"));
    // Letters are letters while typing: nothing was quit, and no tab changed.
    desk.keys("/q1<enter>");
    assert!(!desk.app.is_over && desk.screen().contains("/q1 · 0 of 11 rows"));
    desk.keys("<esc>");
    assert!(desk.screen().contains(" 11 rows"));
}

#[test]
fn keys_switch_tabs_and_jump_to_the_ends() {
    let mut desk = Desk::saved(SMALL);
    desk.keys("G");
    let last = desk.selected();
    desk.keys("gg");
    assert_ne!(desk.selected(), last);
    assert!(desk.selected()[0].starts_with("shop::main"));
    desk.keys("22");
    assert_eq!((desk.app.tab, desk.app.page().title), (1, "Streams"));
    desk.keys("1[");
    assert_eq!((desk.app.tab, desk.app.page().title), (0, "Tree"));
    desk.keys("6");
    assert_eq!(super::pages::TABS[desk.app.tab].title, "Tokio");
    // In a window, `q` closes that.
    desk.keys("?q");
    assert!(!desk.app.is_over);
    desk.keys("q");
    assert!(desk.app.is_over);
    let mut desk = Desk::saved(SMALL);
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    desk.keys("/");
    desk.app.input(Duration::ZERO, &Input::Key(ctrl_c));
    assert!(desk.app.is_over, "Ctrl-C quits while typing too");
}

#[test]
fn the_tree_expands_and_collapses() {
    let mut desk = Desk::saved(SMALL);
    desk.keys("]]]gg");
    let lines = |desk: &Desk| desk.screen().lines().skip(4).filter(|line| !line.is_empty()).count();
    let all = lines(&desk);
    desk.keys("j<left>");
    assert!(lines(&desk) < all, "{}", desk.screen());
    assert!(desk.selected()[0].starts_with('▸'), "{:?}", desk.selected());
    desk.keys("<enter>");
    assert_eq!(lines(&desk), all);
    // From a node without any below it, left goes to its caller.
    desk.keys("j<left>");
    assert!(desk.selected()[0].starts_with('▾'), "{:?}", desk.selected());
    // Filtering shows the callers of what fits.
    desk.keys("/parse_line<enter>");
    assert!(desk.screen().contains("shop::price") && desk.screen().contains("shop::parse_line"));
    desk.keys("<esc>b");
    insta::assert_snapshot!("tree_by_bytes", desk.screen());
}

#[test]
fn the_mouse_reaches_tabs_pages_headers_and_rows() {
    let mut desk = Desk::saved(SMALL);
    desk.click_on("2 Data flow");
    assert_eq!(desk.app.tab, 1);
    desk.click_on("Futures");
    assert_eq!(desk.app.page().title, "Futures");
    desk.click_on("1 Functions").click_on("Calls");
    assert!(desk.screen().contains("by Calls"), "{}", desk.screen());
    desk.click_on("Calls▼");
    assert!(desk.line(2).starts_with("shop::add_up"), "the fewest calls: {}", desk.line(2));
    desk.click(3, desk.app.areas().table.y + 5);
    assert_eq!(desk.selected(), [desk.line(5)]);
    desk.mouse(MouseEventKind::ScrollUp, 3, 8);
    assert_eq!(desk.selected(), [desk.line(2)]);
    // Moving the mouse changes nothing, so that nothing is drawn.
    let moved = MouseEvent { kind: MouseEventKind::Moved, column: 1, row: 1, modifiers: KeyModifiers::NONE };
    assert!(!desk.app.input(Duration::ZERO, &Input::Mouse(moved)));
}

#[test]
fn any_size_can_be_drawn_with_anything_open() {
    for keys in ["", "?", "i", "o", "ol", "]]]", "2]]]]", "4", "/x", "r", "f"] {
        let mut desk = Desk::live();
        desk.report(shop_later(1, 3), status()).keys(keys);
        for (width, height) in [(1, 1), (2, 7), (7, 2), (20, 5), (40, 10), (300, 100), (1, 50), (80, 24)] {
            desk.app.input(Duration::ZERO, &Input::Resize(width, height));
            desk.screen();
            desk.keys("j");
        }
    }
}

#[test]
fn estimates_are_marked_in_the_table_and_in_the_details_of_a_row() {
    let mut report = shop();
    let timing = report.sections.iter_mut().find(|section| section.spec.name == "functions_timing").unwrap();
    let error = timing.index("total_se_ns").unwrap();
    let is_price = |row: &Row| timing.cell(row, "name").as_text() == Some("shop::price");
    let row = timing.rows.iter().position(is_price).unwrap();
    let total = timing.cell_text(&timing.rows[row], "total_ns");
    timing.rows[row].cells[error] = Value::Nanos(5);
    let mut desk = Desk::saved(LARGE);
    assert!(!desk.screen().contains('~') && desk.screen().contains(&total), "{}", desk.screen());
    desk.update(Update::Report(Box::new(report), None));
    let screen = desk.screen();
    assert!(screen.contains(&format!("~{total}")), "{total}: {screen}");
    assert_eq!(screen.matches('~').count(), 3, "average, total and its share: {screen}");
    desk.keys("/shop::price<enter>i");
    let details = desk.screen();
    assert!(details.contains(&format!("Total           ~{total}")), "{details}");
}

#[test]
fn a_resized_screen_equals_a_new_one() {
    let mut desk = Desk::saved(SMALL);
    let before = desk.screen();
    desk.app.input(Duration::ZERO, &Input::Resize(1, 1));
    desk.screen();
    desk.app.input(Duration::ZERO, &Input::Resize(80, 24));
    assert_eq!(desk.screen(), before);
}

#[test]
fn a_screen_of_another_size_is_clipped() {
    let desk = Desk::saved(LARGE);
    let mut terminal = Terminal::new(TestBackend::new(30, 10)).unwrap();
    terminal.draw(|frame| view::draw(&desk.app, frame)).unwrap();
    assert!(terminal.backend().to_string().contains("shop::main"));
}

#[test]
fn problems_of_the_endpoint_are_shown_with_advice() {
    let cases = [
        (Problem::NoResponse, "No response from http://127.0.0.1:6770", "--metrics-port"),
        (Problem::Timeout, "does not respond in time", "keeps trying"),
        (Problem::Token, "rejected the token", "HOTPATH_METRICS_AUTH_TOKEN"),
        (Problem::NoReport, "has no /report", "older version of hotpath"),
        (Problem::InvalidReport("not JSON".into()), "returned an invalid report", "not JSON"),
    ];
    for (problem, title, hint) in cases {
        let mut desk = Desk::asking();
        desk.update(Update::Asking).update(Update::Lost(problem)).later(5);
        let screen = desk.screen();
        assert!(screen.contains(title) && screen.contains(hint), "{screen}");
        assert!(screen.contains("retrying for 5 s"), "{screen}");
    }
}

#[test]
fn a_slow_response_is_shown_and_the_screen_stays() {
    let mut desk = Desk::live();
    desk.later(1).update(Update::Asking);
    assert!(desk.screen().contains("live"));
    desk.later(7);
    let screen = desk.screen();
    assert!(screen.contains("waiting 7 s") && screen.contains("shop::price"), "{screen}");
    desk.report(shop_later(8, 1), status());
    assert!(!desk.screen().contains("waiting"));
}

#[test]
fn an_ended_program_keeps_its_numbers_and_a_restarted_one_starts_from_zero() {
    let mut desk = Desk::live();
    desk.later(1).report(shop_later(1, 10), status());
    assert!(desk.screen().contains("Calls/s"));
    desk.later(1).update(Update::Asking).update(Update::Lost(Problem::NoResponse)).later(3);
    let screen = desk.screen();
    assert!(screen.contains("ended, retrying for 3 s") && screen.contains("shop::price"), "{screen}");
    desk.later(1).report(shop(), Status { pid: Some(4300), ..status() });
    let screen = desk.screen();
    assert!(screen.contains("was restarted") && screen.contains("pid 4300"), "{screen}");
    assert!(!screen.contains("Calls/s"), "its history belongs to another process: {screen}");
}

#[test]
fn a_reset_clears_the_history_and_a_lost_connection_does_not() {
    let mut desk = Desk::live();
    desk.later(1).report(shop_later(1, 10), status());
    desk.later(1).update(Update::Lost(Problem::Timeout)).later(1).report(shop_later(3, 20), status());
    assert!(desk.screen().contains("reconnected") && desk.screen().contains("Calls/s"));
    desk.later(1).report(shop_later(4, 30), Status { session: Some(2), ..status() });
    assert!(desk.screen().contains("counts were reset"), "{}", desk.screen());
    // Without a status, the duration shows it.
    let mut desk = Desk::asking();
    desk.update(Update::Report(Box::new(shop_later(5, 5)), None))
        .update(Update::Report(Box::new(shop()), None));
    assert!(desk.screen().contains("counts were reset"), "{}", desk.screen());
}

#[test]
fn pausing_and_resetting_are_requests() {
    let mut desk = Desk::live();
    desk.keys("p");
    assert_eq!(desk.take_requests(), [Request::Pause(true)]);
    desk.report(shop_later(1, 1_000_000), status());
    assert!(desk.screen().contains("paused") && !desk.screen().contains("1,000,"), "{}", desk.screen());
    desk.keys(" r");
    assert_eq!(desk.take_requests(), [Request::Pause(false)]);
    desk.keys("n");
    assert_eq!(desk.take_requests(), [], "not without confirmation");
    desk.keys("ry");
    assert_eq!(desk.take_requests(), [Request::Post("/reset")]);
    desk.update(Update::Posted("/reset", Err("not running".into())));
    assert!(desk.screen().contains("/reset: not running"));
    let mut saved = Desk::saved(SMALL);
    saved.keys("ryp");
    assert_eq!(saved.take_requests(), []);
    assert!(saved.screen().contains("saved report"));
}

const LOGS: &str = r#"{"function_name": "shop::order", "total_invocations": 3, "logs": [
    {"invocation": 3, "duration": "2.00 ms", "duration_ns": 2000000, "timestamp": "8.00 s", "timestamp_ns": 8000000000,
     "ago": "1.00 s", "ago_ns": 1000000000, "thread_id": 7, "result": "Some(42)"},
    {"invocation": 2, "duration": "1.00 ms", "duration_ns": 1000000, "timestamp": "7.00 s", "timestamp_ns": 7000000000,
     "ago": "2.00 s", "ago_ns": 2000000000, "thread_id": null, "result": "a very long answer that does not fit into the panel of an ordinary terminal at all"}]}"#;

#[test]
fn recent_events_follow_the_selected_row() {
    let mut desk = Desk::live();
    desk.keys("o");
    let [Request::Logs(Some(path))] = &desk.take_requests()[..] else { panic!("one path") };
    assert!(path.starts_with("/functions_timing/") && path.ends_with("/logs"), "{path}");
    desk.update(Update::Logs(path.clone(), Ok(LOGS.into())));
    insta::assert_snapshot!("events", desk.screen());
    desk.keys("lj");
    assert!(desk.selected()[0].contains("1.00 ms"), "{:?}", desk.selected());
    desk.keys("i");
    assert!(desk.screen().contains("at all"), "in full: {}", desk.screen());
    // Another row has other events; a late response for the first row is ignored.
    desk.keys("<esc>hj");
    let [Request::Logs(Some(other))] = &desk.take_requests()[..] else { panic!("another path") };
    assert_ne!(other, path);
    desk.update(Update::Logs(path.clone(), Ok(LOGS.into())));
    assert!(!desk.screen().contains("Some(42)"));
    desk.update(Update::Logs(other.clone(), Err("no such row".into())));
    assert!(desk.screen().contains("no such row"));
    desk.keys("4");
    assert!(desk.screen().contains("no recent events"), "{}", desk.screen());
    desk.keys("o");
    assert_eq!(desk.take_requests(), [Request::Logs(None)]);
}

#[test]
fn events_of_values_are_under_their_kind_and_a_channel_has_two_lists() {
    let mut desk = Desk::live();
    desk.keys("5ogg");
    assert!(
        matches!(&desk.take_requests()[..], [Request::Logs(Some(path))] if path.starts_with("/debug/dbg/"))
    );
    desk.keys("2");
    let [Request::Logs(Some(path))] = &desk.take_requests()[..] else { panic!("one path") };
    let received = r#"{"id": "1", "sent_logs": [], "received_logs": [{"index": 9, "message": "\"got\""}]}"#;
    desk.update(Update::Logs(path.clone(), Ok(received.into()))).keys("l]");
    assert!(
        desk.screen().contains("Recent events: Received") && desk.screen().contains("got"),
        "{}",
        desk.screen()
    );
}

#[test]
fn settings_open_a_tab_and_the_events_of_a_row() {
    let env = |name: &str| match name {
        "HOTPATH_TUI_TAB" => Some("2".to_owned()),
        "HOTPATH_TUI_AUTO_EXPAND_LOGS" => Some("2".to_owned()),
        _ => None,
    };
    let (settings, warnings) = Settings::read(None, env);
    assert_eq!(warnings, [""; 0]);
    let mut desk = Desk::asking();
    desk.app = App::new(Origin::Live("x".into()), &settings, THEME, SMALL);
    desk.report(shop(), status());
    assert_eq!(desk.app.tab, 1);
    assert!(desk.selected()[0].starts_with("orders"), "{:?}", desk.selected());
    assert!(
        matches!(&desk.take_requests()[..], [Request::Logs(Some(path))] if path.starts_with("/channels/"))
    );
}
