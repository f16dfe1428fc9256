//! `hotpath console`: a running program, or a saved report, on the terminal.
//!
//! ```text
//! feed ──news──►            ┌─► view ─► terminal
//! keys, mouse ──events──► app
//!      feed ◄──wishes──     └
//! ```
//!
//! The state ([`app`]) is a value, the screen ([`view`]) a function of it. A thread fetches ([`feed`]), another reads keys; this
//! one takes what they send, one thing after the other, and draws when something changed. What must stay true: no request is
//! ever waited for here, and the terminal is given back however this ends.

mod app;
mod callers;
mod feed;
mod fit;
mod history;
mod keys;
mod layout;
mod logs;
mod look;
mod popup;
mod settings;
mod sheet;
mod table;
mod tabs;
mod terminal;
#[cfg(test)]
mod tests;
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
use crate::source;

#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: EndpointArguments,
    /// Milliseconds between two looks at the program [default: 1000, or HOTPATH_TUI_REFRESH_INTERVAL_MS]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(MIN_REFRESH_MS..))]
    refresh_interval: Option<u64>,
    /// A report saved as JSON, instead of a running program
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// What reaches the console.
#[derive(Debug)]
pub(crate) enum Event {
    /// A key, the mouse, another size.
    Input(crossterm::event::Event),
    Update(Update),
    /// The process was told to end by this signal.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Signal(i32),
    /// One of the threads cannot go on, for this reason.
    Broken(String),
}

/// A slow endpoint is waited for so long; the screen says so meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// Clocks on the screen go by seconds.
const TICK: Duration = Duration::from_secs(1);

impl Arguments {
    /// For a running program.
    pub(crate) fn of(endpoint: EndpointArguments) -> Self {
        Self { endpoint, refresh_interval: None, report: None }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let look = settings::look(settings::var).map_err(anyhow::Error::msg).context(NO_SCREEN)?;
    let (settings, wrong) = Settings::read(arguments.refresh_interval, settings::var);
    wrong.iter().for_each(|wrong| eprintln!("hotpath: {wrong}"));
    let (events, inbox) = channel();
    let (wishes, outbox) = channel();
    let origin = match &arguments.report {
        Some(path) => Origin::File(path.display().to_string()),
        None => Origin::Live(arguments.endpoint.address()?),
    };
    let size =
        crossterm::terminal::size().map_or(Size::new(80, 24), |(width, height)| Size { width, height });
    let mut app = App::new(origin, &settings, look, size);
    if let Some(wrong) = wrong.first() {
        app.say(wrong);
    }
    if let Some(path) = &arguments.report {
        let mut report = source::read(path)?;
        if report.findings.is_empty() {
            // Reports of older versions say nothing themselves.
            report.findings = hotpath_report::findings(&report);
        }
        app.news(Duration::ZERO, Update::Report(Box::new(report), None));
    } else {
        let (client, events) = (arguments.endpoint.client_with(PATIENCE)?, events.clone());
        watched("feed", events.clone(), move || feed::run(&client, settings.refresh, &outbox, &events))?;
    }
    let mut screen = Screen::take().context(NO_SCREEN)?;
    listen(&events)?;
    let end = show(&mut app, &mut screen, &inbox, &wishes);
    drop(screen);
    if let Some(signal) = end? {
        end_by(signal);
    }
    Ok(())
}

const NO_SCREEN: &str = "the console needs a terminal (`hotpath report` prints the same once)";

/// Shows the state until it is over, or a signal ends the process.
fn show(
    app: &mut App,
    screen: &mut Screen,
    inbox: &Receiver<Event>,
    wishes: &Sender<Request>,
) -> Result<Option<i32>> {
    let begun = Instant::now();
    screen.terminal.draw(|frame| view::draw(app, frame))?;
    while !app.is_over {
        let mut changed = match inbox.recv_timeout(TICK) {
            Ok(event) => match take(app, begun.elapsed(), event)? {
                Taken::Signal(signal) => return Ok(Some(signal)),
                Taken::Changed(changed) => changed,
            },
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => bail!("nothing more can reach the console"),
        };
        // What came meanwhile is drawn with it: one screen for many events.
        while !app.is_over
            && let Ok(event) = inbox.try_recv()
        {
            match take(app, begun.elapsed(), event)? {
                Taken::Signal(signal) => return Ok(Some(signal)),
                Taken::Changed(also) => changed |= also,
            }
        }
        changed |= app.tick(begun.elapsed());
        // A saved report has nobody to take wishes.
        app.wishes.drain(..).for_each(|wish| drop(wishes.send(wish)));
        if changed {
            screen.terminal.draw(|frame| view::draw(app, frame))?;
        }
    }
    Ok(None)
}

enum Taken {
    Changed(bool),
    Signal(i32),
}

fn take(app: &mut App, now: Duration, event: Event) -> Result<Taken> {
    Ok(Taken::Changed(match event {
        Event::Input(input) => app.input(now, &input),
        Event::Update(news) => app.news(now, news),
        Event::Signal(signal) => return Ok(Taken::Signal(signal)),
        Event::Broken(why) => bail!(why),
    }))
}

/// Threads that read keys, and signals.
fn listen(events: &Sender<Event>) -> Result<()> {
    let inputs = events.clone();
    watched("keys", events.clone(), move || {
        loop {
            let event = match crossterm::event::read() {
                Ok(input) => Event::Input(input),
                Err(error) => return drop(inputs.send(Event::Broken(format!("no more keys: {error}")))),
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
        watched("signals", events.clone(), move || {
            signals.forever().take_while(|&signal| inbox.send(Event::Signal(signal)).is_ok()).for_each(drop);
        })?;
    }
    Ok(())
}

/// Ends the process as the signal would have done by itself, now that the terminal is given back.
fn end_by(signal: i32) {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    #[cfg(not(unix))]
    let _ = signal;
}

/// Starts a thread whose panic reaches the console as [`Event::Broken`].
fn watched(name: &'static str, events: Sender<Event>, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name.into()).spawn(move || {
        // Nothing of it is looked at after a panic: the console ends.
        let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else { return };
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("for no told reason");
        let _ = events.send(Event::Broken(format!("the thread `{name}` panicked: {text}")));
    })?;
    Ok(())
}
