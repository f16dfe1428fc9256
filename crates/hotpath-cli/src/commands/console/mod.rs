//! `hotpath console`: shows a running program or a saved report in the terminal.
//!
//! ```text
//! feed ──updates──►           ┌─► view ─► terminal
//! keys, mouse ──events──► app
//!      feed ◄──requests──   └
//! ```
//!
//! The state ([`app`]) is a value, and the screen ([`view`]) a function of it. One thread polls the endpoint ([`feed`]), another
//! reads keys; this one handles their events in sequence, and draws when something changed. Invariants: this thread never waits
//! for the endpoint, and the terminal is restored however the console ends.

mod app;
mod callers;
mod feed;
mod fit;
mod history;
mod keys;
mod layout;
mod logs;
mod pages;
mod popup;
mod settings;
mod sheet;
mod table;
mod tabs;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod view;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ratatui::layout::Size;

use self::app::{App, Origin};
use self::feed::{Request, Update};
use self::settings::{MIN_REFRESH_MS, Settings};
use self::terminal::Screen;
use crate::client::EndpointArguments;
use crate::file::shown;
use crate::source;

#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: EndpointArguments,
    /// Refresh interval in milliseconds [default: 1000, or HOTPATH_TUI_REFRESH_INTERVAL_MS]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(MIN_REFRESH_MS..))]
    refresh_interval: Option<u64>,
    /// Report file (JSON), instead of a running program
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// An event for the console.
#[derive(Debug)]
pub(crate) enum Event {
    /// A key, the mouse, or a resize.
    Input(crossterm::event::Event),
    Update(Update),
    /// The process received this signal, which ends it.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Signal(i32),
    /// A thread failed, for this reason.
    Failed(String),
}

/// The time to wait for a response; meanwhile the screen says so.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The interval of the clocks on the screen.
const TICK: Duration = Duration::from_secs(1);

impl Arguments {
    /// Returns the arguments for a running program.
    pub(crate) fn of(endpoint: EndpointArguments) -> Self {
        Self { endpoint, refresh_interval: None, report: None }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let theme = settings::theme(settings::var).map_err(anyhow::Error::msg).context(NO_SCREEN)?;
    let (settings, warnings) = Settings::read(arguments.refresh_interval, settings::var);
    warnings.iter().for_each(|warning| eprintln!("hotpath: {warning}"));
    let (events, inbox) = channel();
    let (requests, outbox) = channel();
    let origin = match &arguments.report {
        Some(path) => Origin::File(shown(path)),
        None => Origin::Live(arguments.endpoint.address()?),
    };
    let size =
        crossterm::terminal::size().map_or(Size::new(80, 24), |(width, height)| Size { width, height });
    let mut app = App::new(origin, &settings, theme, size);
    if let Some(warning) = warnings.first() {
        app.notify(warning);
    }
    if let Some(path) = &arguments.report {
        let mut report = source::read(path)?;
        if report.findings.is_empty() {
            // Reports of older versions have no findings.
            report.findings = hotpath_report::findings(&report);
        }
        app.update(Duration::ZERO, Update::Report(Box::new(report), None));
    } else {
        let (client, events) = (arguments.endpoint.client_with(TIMEOUT)?, events.clone());
        spawn("feed", events.clone(), move || feed::run(&client, settings.refresh, &outbox, &events))?;
    }
    let mut screen = Screen::open().context(NO_SCREEN)?;
    read_input(&events)?;
    let end = run_loop(&mut app, &mut screen, &inbox, &requests);
    drop(screen);
    if let Some(signal) = end? {
        end_with(signal);
    }
    Ok(())
}

const NO_SCREEN: &str = "the console needs a terminal; use `hotpath report` to print the report";

/// Handles events and draws until the user quits; returns a signal that ends the process.
fn run_loop(
    app: &mut App,
    screen: &mut Screen,
    inbox: &Receiver<Event>,
    requests: &Sender<Request>,
) -> Result<Option<i32>> {
    let start = Instant::now();
    screen.terminal.draw(|frame| view::draw(app, frame))?;
    while !app.is_over {
        let mut changed = match inbox.recv_timeout(TICK) {
            Ok(event) => match handle(app, start.elapsed(), event)? {
                Handled::Signal(signal) => return Ok(Some(signal)),
                Handled::Changed(changed) => changed,
            },
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => bail!("event source closed"),
        };
        // Handles all pending events before drawing.
        while !app.is_over
            && let Ok(event) = inbox.try_recv()
        {
            match handle(app, start.elapsed(), event)? {
                Handled::Signal(signal) => return Ok(Some(signal)),
                Handled::Changed(also) => changed |= also,
            }
        }
        changed |= app.tick(start.elapsed());
        // A saved report has no feed to send requests to.
        app.requests.drain(..).for_each(|request| drop(requests.send(request)));
        if changed {
            screen.terminal.draw(|frame| view::draw(app, frame))?;
        }
    }
    Ok(None)
}

/// The effect of an event.
enum Handled {
    /// True if the screen may have changed.
    Changed(bool),
    /// The signal that ends the process.
    Signal(i32),
}

fn handle(app: &mut App, now: Duration, event: Event) -> Result<Handled> {
    Ok(Handled::Changed(match event {
        Event::Input(input) => app.input(now, &input),
        Event::Update(update) => app.update(now, update),
        Event::Signal(signal) => return Ok(Handled::Signal(signal)),
        Event::Failed(why) => bail!(why),
    }))
}

/// Starts the threads that read keys and signals.
fn read_input(events: &Sender<Event>) -> Result<()> {
    let inputs = events.clone();
    spawn("keys", events.clone(), move || {
        loop {
            let event = match crossterm::event::read() {
                Ok(input) => Event::Input(input),
                Err(error) => {
                    return drop(inputs.send(Event::Failed(format!("cannot read the keyboard: {error}"))));
                }
            };
            if inputs.send(event).is_err() {
                return;
            }
        }
    })?;
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let inbox = events.clone();
        spawn("signals", events.clone(), move || {
            signals.forever().take_while(|&signal| inbox.send(Event::Signal(signal)).is_ok()).for_each(drop);
        })?;
    }
    Ok(())
}

/// Ends the process as the signal would have by default, now that the terminal is restored.
fn end_with(signal: i32) {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    #[cfg(not(unix))]
    let _ = signal;
}

/// Starts a thread whose panic reaches the console as [`Event::Failed`].
fn spawn(name: &'static str, events: Sender<Event>, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.into()).spawn(move || {
        // Its state is not used after a panic: the console ends.
        let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else { return };
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        let _ = events.send(Event::Failed(format!("the thread `{name}` panicked: {text}")));
    })?;
    Ok(())
}
