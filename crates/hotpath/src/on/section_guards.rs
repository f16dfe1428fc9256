//! The guards of 0.7 that print one section: those alive, and the text that they have to print.
//!
//! They need a session and must not stand in the way of one. Without one they begin a session in the background; a real one that
//! is begun takes its place. Whenever a session ends, what it recorded is rendered for every guard that is alive, to be
//! printed when the guard is dropped or the program ends.
//!
//! The list's lock is never held while the session's is asked for; the other way round is fine.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use hotpath_lane::memory::pause_tracking;
use hotpath_report::render::{self, Options};

use super::{
    assemble,
    output::{form, target::Target, warn},
    running::Running,
    session,
};
use crate::{Format, Section, options::SectionGuardOptions};

/// One guard that is alive.
struct Live {
    id: u64,
    /// The first is its own; it prints the others unless another guard does.
    sections: &'static [Section],
    format: Option<Format>,
    /// The destination. Standard output unless the guard or a session sets another.
    target: Option<Target>,
    /// The statistics of sessions that have ended.
    text: String,
}

static LIVE: Mutex<Vec<Live>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<Live>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A guard that is alive.
pub(crate) struct Guard {
    id: u64,
}

impl Guard {
    /// Registers a guard that prints `sections` when it is dropped.
    pub(crate) fn new(sections: &'static [Section], options: SectionGuardOptions) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let _untracked = pause_tracking();
        let id = NEXT.fetch_add(1, Ordering::Relaxed); // a number for itself
        // Resolved now: the program may change its folder.
        let target = options.output_path.map(Target::new);
        live().push(Live { id, sections, format: options.format, target, text: String::new() });
        Self { id }
    }

    /// Sets the format of its statistics.
    pub(crate) fn set_format(&self, format: Format) {
        if let Some(own) = live().iter_mut().find(|guard| guard.id == self.id) {
            own.format = Some(format);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _untracked = pause_tracking();
        session::with_running(render_one(self.id));
        let mut live = live();
        let own = live.iter().position(|guard| guard.id == self.id).map(|at| live.remove(at));
        let is_last = live.is_empty();
        drop(live);
        if let Some(guard) = own {
            print(&guard.text, guard.target.as_ref());
        }
        if is_last {
            session::end_background();
        }
    }
}

/// Renders the recordings of a session that is about to end, for every guard.
pub(crate) fn render_all(running: &Running) {
    let mut live = live();
    if !live.is_empty() {
        let snapshot = assemble::read(running);
        (0..live.len()).for_each(|at| render(&mut live, at, &snapshot, running));
    }
}

/// Renders the recordings of the running session for one guard.
fn render_one(id: u64) -> impl FnOnce(&Running) {
    move |running| {
        let mut live = live();
        if let Some(at) = live.iter().position(|guard| guard.id == id) {
            render(&mut live, at, &assemble::read(running), running);
        }
    }
}

/// Prints everything rendered so far: the program ends, and the guards may never be dropped.
pub(crate) fn print_all() {
    let _untracked = pause_tracking();
    let take = |guard: &mut Live| (std::mem::take(&mut guard.text), guard.target.clone());
    let texts: Vec<(String, Option<Target>)> = live().iter_mut().map(take).collect();
    texts.iter().for_each(|(text, target)| print(text, target.as_ref()));
}

fn render(live: &mut [Live], at: usize, snapshot: &assemble::Snapshot, running: &Running) {
    let own = live[at].sections.first();
    let is_others = |section: &Section| live.iter().any(|guard| guard.sections.first() == Some(section));
    let sections: Vec<Section> = live[at].sections.to_vec();
    let wanted: Vec<Section> =
        sections.into_iter().filter(|section| Some(section) == own || !is_others(section)).collect();
    let report = assemble::report_of(snapshot, running, &wanted);
    let format = running.settings.env_format.or(live[at].format).unwrap_or(running.settings.format);
    let mut text = String::new();
    let options = Options { name_depth: running.settings.name_depth, ..Options::default() };
    let rendered = match format {
        Format::None => return,
        Format::Json => render::json(&report, &options, &mut text),
        Format::JsonPretty => render::json_pretty(&report, &options, &mut text),
        Format::JsonCompat | Format::JsonCompat016 => render::json_in(form(format), &report, &mut text),
        Format::Table => {
            let shown = |table: &&hotpath_report::Table| {
                !table.rows.is_empty() || own.is_some_and(|own| own.name() == table.spec.name)
            };
            report
                .sections
                .iter()
                .filter(shown)
                .try_for_each(|table| render::statistics(table, &report, &options, &mut text))
        }
    };
    if rendered.is_err() {
        warn("cannot render the statistics completely");
    }
    if live[at].target.is_none() && running.settings.target == Target::Stderr {
        live[at].target = Some(Target::Stderr);
    }
    let pending = &mut live[at].text;
    pending.push_str(text.trim_end());
    pending.push_str("\n\n");
}

fn print(text: &str, target: Option<&Target>) {
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    let target = target.unwrap_or(&Target::Stdout);
    if let Err(error) = target.open().and_then(|sink| sink.write(&format!("{text}\n"))) {
        warn(&format!("cannot write the statistics to {target} ({error}); here they are\n{text}"));
    }
}
