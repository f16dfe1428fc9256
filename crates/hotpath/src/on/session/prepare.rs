//! Preparations before a session records its first call, and the hooks of threads that record.

use std::time::Duration;

use hotpath_lane::{clock::now, thread as lanes};

use super::{SHARED, State, budget, finish, fork, wait_for_end};
use crate::{
    imp::{
        clock, cpu, exit, instruments, os,
        output::warn,
        settings::{Env, RESOURCES, Settings},
        threads, unrecorded,
    },
    options::SessionOptions,
};

/// Resolves the settings and applies those that hold for the whole process. The first session installs its hooks, too.
pub(super) fn settings(options: &mut SessionOptions, is_first: bool) -> Settings {
    if is_first {
        install_hooks();
    }
    let env = Env::read();
    let mut warnings = if is_first { env.unknown_variables() } else { Vec::new() };
    let settings = Settings::resolve(options, &env, &mut warnings);
    if is_first && !settings.no_hints {
        warnings.extend(env.without_effect());
        warnings.extend(unrecorded::features());
    }
    warnings.iter().for_each(|line| warn(line));
    hotpath_lane::set_recent(settings.logs_limit);
    hotpath_lane::set_memory_limit(settings.memory_limit);
    instruments::log::set_max_log_len(settings.max_log_len);
    for (resource, kinds) in RESOURCES {
        let rate = settings.rate(resource).unwrap_or(1.0);
        kinds.iter().for_each(|kind| hotpath_lane::set_sampling(*kind, rate));
    }
    hotpath_lane::set_filter(settings.site_filter());
    budget::prepare(&settings);
    settings
}

fn install_hooks() {
    hotpath_lane::clock::trust_counter(os::counter_is_trusted());
    lanes::set_token(os::thread_id);
    #[cfg(unix)]
    hotpath_lane::set_source(os::pages::map);
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    {
        os::thread_end::prepare();
        lanes::set_exit_notifier(os::thread_end::notice);
    }
    lanes::set_on_thread_start(on_thread_start);
    lanes::set_on_thread_exit(on_thread_exit);
    lanes::set_next_hit(settle);
    exit::watch(finish::finish_any);
    os::forks::watch_forks(os::Forks {
        hold: fork::lock_for_fork,
        begin: fork::begin_fork,
        release: fork::release_after_fork,
    });
}

/// Runs on a thread of the program that is about to record its first call.
fn on_thread_start() {
    threads::on_thread_start();
    cpu::on_thread_start();
    settle();
}

/// Runs on a thread that is about to record something for the first time in this session, or in this fork.
fn settle() {
    if os::signals::settle() {
        renew_deadline();
    }
}

/// Runs on a thread of the program at its end, while it still has its lane.
fn on_thread_exit(token: u64) {
    cpu::on_thread_exit(); // first: what follows is ours
    threads::on_thread_exit(token);
}

/// Sets the session's deadline anew in a fork, which has no thread that waits for it.
fn renew_deadline() {
    // Who records may hold the lock: then there is none.
    let Ok(shared) = SHARED.try_lock() else { return };
    if let State::Running(running) = &shared.state
        && let Some(time) = running.settings.shutdown.filter(|_| !running.is_background)
    {
        let id = running.id;
        let ran = clock::scale().nanos(now().saturating_sub(running.start));
        let left = time.saturating_sub(Duration::from_nanos(ran));
        drop(shared);
        exit::end_after(move || wait_for_end(id, left), finish::in_time);
    }
}
