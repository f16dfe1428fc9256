//! The report on its way out: rendered, and written where it should go.

use std::{fs::File, io, sync::mpsc, time::Duration};

use hotpath_report::{
    Form, Interface, Report,
    render::{self, printable},
    units::format_duration,
};

use super::{
    ending::{self, Ending},
    os::{self, own_thread},
    settings::Settings,
};
use crate::Format;

pub(crate) mod file;
pub(crate) mod path;
pub(crate) mod target;

use target::Sink;

/// The time to wait for a thread that holds the lock of standard output.
const FLUSH_WAIT: Duration = Duration::from_millis(200);

/// A run shorter than this that measured nothing but the caller and left by `exit` has no report, unless the user asked for one:
/// the program printed its version, or an error about its arguments, and a script may read that.
const SHORT_NS: u64 = 10_000_000;

/// Writes a warning to stderr, on one line.
pub(crate) fn warn(line: &str) {
    let _stderr_is_gone = write_stderr(&format!("[hotpath] {line}\n"));
}

/// Writes the report as the settings say. A report that cannot go where it should goes to stderr.
pub(crate) fn deliver(report: &Report, settings: &Settings) {
    if settings.format == Format::None {
        return;
    }
    if ending::now() == Ending::Exit && !settings.is_report_asked_for && has_nothing_to_say(report) {
        if !settings.no_hints {
            warn(&why_none(report));
        }
        return;
    }
    let sink = settings.target.open();
    let has_color = settings.has_color && sink.as_ref().is_ok_and(Sink::is_terminal);
    let text = text(report, settings, has_color);
    if let Err(error) = sink.and_then(|sink| sink.write(&text)) {
        let destination = printable(&settings.target.to_string());
        let error = printable(&error.to_string());
        warn(&format!("cannot write the report to {destination} ({error}); here it is"));
        let _stderr_is_gone = write_stderr(&text);
    }
}

fn has_nothing_to_say(report: &Report) -> bool {
    report.duration_ns < SHORT_NS && !report.has_measurements()
}

fn why_none(report: &Report) -> String {
    format!(
        "no report: nothing but {} was measured, for {}. #[hotpath::measure] measures a function; HOTPATH_OUTPUT_PATH=stdout \
         prints the report anyway",
        printable(&report.caller_name),
        format_duration(report.duration_ns)
    )
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
        Format::JsonCompat | Format::JsonCompat016 => {
            render::json_in(form(settings.format), report, &mut text)
        }
    };
    if rendered.is_err() {
        warn("cannot render the report completely");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Returns the form of JSON that belongs to a format.
pub(crate) fn form(format: Format) -> Form {
    match format {
        Format::JsonCompat => Form::Compat(Interface::V0_30),
        Format::JsonCompat016 => Form::Compat(Interface::V0_16),
        Format::Table | Format::Json | Format::JsonPretty | Format::None => Form::Whole,
    }
}

/// Writes to standard output past the library's buffer and lock: another thread may hold them to the end of the program, and the
/// report must neither wait for it nor be captured by a test harness.
pub(crate) fn write_stdout(text: &str) -> io::Result<()> {
    flush_stdout();
    #[cfg(unix)]
    {
        os::write_all(&os::descriptor(1), text.as_bytes())
    }
    #[cfg(not(unix))]
    {
        use io::Write;
        let mut stdout = io::stdout();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

/// Writes to standard error, which has no buffer. Not by `eprintln`, which panics when stderr is gone.
pub(crate) fn write_stderr(text: &str) -> io::Result<()> {
    #[cfg(unix)]
    {
        os::write_all(&os::descriptor(2), text.as_bytes())
    }
    #[cfg(not(unix))]
    {
        use io::Write;
        io::stderr().write_all(text.as_bytes())
    }
}

/// Flushes the output of the program, so that it comes before the report, unless another thread holds the lock.
fn flush_stdout() {
    let (done, wait) = mpsc::channel();
    let flush = move || {
        use io::Write;
        let _closed = io::stdout().flush();
        let _gave_up = done.send(());
    };
    if own_thread::spawn("hp-flush", flush).is_ok() {
        let _timeout = wait.recv_timeout(FLUSH_WAIT);
    }
}

/// Writes all bytes. Neither a reader that is gone nor a limit of the system ends the process.
fn write_to(file: &File, bytes: &[u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        os::write_all(file, bytes)
    }
    #[cfg(not(unix))]
    {
        use io::Write;
        let mut file = file;
        file.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotpath_report::TreeNode;

    #[test]
    fn only_a_short_run_that_measured_nothing_has_nothing_to_say() {
        let report = |duration_ns, caller: &str, called: Option<&str>| {
            let children = called.map(|name| TreeNode { name: name.to_owned(), ..TreeNode::default() });
            let root = TreeNode {
                name: caller.to_owned(),
                children: children.into_iter().collect(),
                ..TreeNode::default()
            };
            Report { duration_ns, caller_name: "main".to_owned(), call_tree: vec![root], ..Report::default() }
        };
        assert!(has_nothing_to_say(&report(SHORT_NS - 1, "main", None)));
        assert!(!has_nothing_to_say(&report(SHORT_NS, "main", None)));
        assert!(!has_nothing_to_say(&report(0, "main", Some("work"))));
        assert!(!has_nothing_to_say(&report(0, "on_another_thread", None)));
    }
}
