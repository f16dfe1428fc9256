//! The terminal, taken and given back.
//!
//! What must stay true: however the console ends (a key, an error, a panic, a signal), the terminal is as it was.

use std::io::{self, IsTerminal, Stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal while the console has it. Dropping gives it back.
pub(crate) struct Screen {
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    pub(crate) fn take() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("the output is no terminal"));
        }
        give_back_on_panic();
        // From here on the guard is there, so that half of a beginning is undone too.
        let mut screen = Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))? };
        TAKEN.store(true, Ordering::Relaxed); // a flag for itself: nothing else is published by it, here and below
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture)?;
        screen.terminal.hide_cursor()?;
        screen.terminal.clear()?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether the terminal is to be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back, once: a second time would put the cursor back over what was written since.
fn give_back() {
    if TAKEN.swap(false, Ordering::Relaxed) {
        // Nothing more can be done about a terminal that does not take this.
        let _ = execute!(io::stdout(), DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// A panic's message must stand on the terminal as it was, or nobody can read it. That of another thread is not written at
/// all while the screen is shown: it reaches the console as an event, and ends it.
fn give_back_on_panic() {
    let (mine, before) = (thread::current().id(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == mine {
            give_back();
        }
        if !TAKEN.load(Ordering::Relaxed) {
            before(panic);
        }
    }));
}
