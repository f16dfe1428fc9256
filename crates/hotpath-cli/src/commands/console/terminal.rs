//! The terminal: set up for the console, and restored.
//!
//! Invariant: however the console ends (key, error, panic, signal), the terminal is restored.

use std::io::{self, IsTerminal, Stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal while the console uses it. Dropping restores it.
pub(crate) struct Screen {
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Sets up the terminal.
    pub(crate) fn open() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("the output is not a terminal"));
        }
        restore_on_panic();
        // From here on the guard restores the terminal, also when the setup fails half-way.
        let mut screen = Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))? };
        IS_ACTIVE.store(true, Ordering::Relaxed); // a flag alone orders nothing, here and below
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture)?;
        screen.terminal.hide_cursor()?;
        screen.terminal.clear()?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// True if the terminal has to be restored.
static IS_ACTIVE: AtomicBool = AtomicBool::new(false);

/// Restores the terminal, once: a second time would move the cursor over later output.
fn restore() {
    if IS_ACTIVE.swap(false, Ordering::Relaxed) {
        // There is no way to handle an error here.
        let _ = execute!(io::stdout(), DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// Restores the terminal before the message of a panic, which would be unreadable otherwise. The message of another thread is not
/// written while the screen is shown: it reaches the console as an event and ends it.
fn restore_on_panic() {
    let (mine, before) = (thread::current().id(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == mine {
            restore();
        }
        if !IS_ACTIVE.load(Ordering::Relaxed) {
            before(panic);
        }
    }));
}
