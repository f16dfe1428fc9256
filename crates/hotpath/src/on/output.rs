//! Where a report goes.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    path::Path,
    sync::mpsc,
    time::Duration,
};

use hotpath_report::{Report, render};

use super::{os::own_thread, settings::Settings};
use crate::Format;

/// How long somebody else's hold on standard output is waited for.
const FLUSH_WAIT: Duration = Duration::from_millis(200);

/// One line of our own on stderr.
pub(crate) fn complain(line: &str) {
    // Not `eprintln`, which panics when stderr is gone.
    let _nobody_listens = writeln!(io::stderr(), "[hotpath] {line}");
}

/// Writes the report as the settings say. A report that cannot go where it should goes to stderr.
pub(crate) fn deliver(report: &Report, settings: &Settings) {
    if settings.format == Format::None {
        return;
    }
    let to_terminal = settings.output_path.is_none() && io::stdout().is_terminal();
    let text = text(report, settings, to_terminal && !settings.no_color);
    let (written, place) = match &settings.output_path {
        Some(path) => (write_file(path, &text), path.display().to_string()),
        None => (write_stdout(&text), "standard output".to_owned()),
    };
    if let Err(error) = written {
        complain(&format!("the report cannot be written to {place} ({error}): here it is"));
        let _nobody_listens = io::stderr().write_all(text.as_bytes());
    }
}

fn text(report: &Report, settings: &Settings, bold: bool) -> String {
    let tree = settings.selection.wants(crate::Section::CallTree, true);
    let options = render::Options {
        name_depth: settings.name_depth,
        bold,
        call_tree: tree.then(render::TreeLimits::default),
        hints: !settings.no_hints,
        findings: settings.findings,
    };
    let mut text = String::new();
    let rendered = match settings.format {
        Format::None => Ok(()),
        Format::Table => render::table(report, &options, &mut text),
        Format::Json => render::json(report, &options, &mut text),
        Format::JsonPretty => render::json_pretty(report, &options, &mut text),
    };
    if rendered.is_err() {
        complain("the report could not be rendered completely");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())
}

/// Past the library's buffer and lock: another thread may hold them to the end of the program, and the report must neither wait
/// for it nor be taken by a test harness.
pub(crate) fn write_stdout(text: &str) -> io::Result<()> {
    flush_stdout();
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(text.as_bytes())
    }
    #[cfg(not(unix))]
    {
        let mut stdout = io::stdout();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

/// What the program printed stands before the report, unless somebody sits on the lock.
fn flush_stdout() {
    let (done, wait) = mpsc::channel();
    let flush = move || {
        let _closed = io::stdout().flush();
        let _gave_up = done.send(());
    };
    if own_thread::spawn("hp-flush", flush).is_ok() {
        let _timeout = wait.recv_timeout(FLUSH_WAIT);
    }
}
