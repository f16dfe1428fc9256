//! Whatever a program does that a report on its way into a file, a pipe or a descriptor may meet. The first argument says what.
#![allow(unsafe_code, reason = "a program may give SIGPIPE its default action, and fork")]

use std::{
    fs::File,
    io::{BufRead, Write, stdin},
    os::fd::AsRawFd,
    path::PathBuf,
};

use hotpath::{Format, HotpathGuardBuilder};

#[hotpath::measure]
fn work() {}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let how = arguments.next().and_then(|how| how.into_string().ok()).unwrap_or_default();
    let path = arguments.next().map(PathBuf::from);
    match how.as_str() {
        "version" => version(),
        "sessions" => sessions(path.as_deref().expect("a path")),
        "to-stderr" => to_stderr(),
        _ => measured(&how, path),
    }
}

#[hotpath::main]
fn version() {
    println!("writes 1.0");
    std::process::exit(0);
}

#[hotpath::main(output = "stderr", format = "json")]
fn to_stderr() {
    work();
    println!("data");
}

/// Two sessions, told apart by their name.
fn sessions(path: &std::path::Path) {
    for name in ["first", "second"] {
        let guard = HotpathGuardBuilder::new(name).format(Format::Json).output_path(path).build();
        work();
        drop(guard);
    }
}

#[hotpath::main]
fn measured(how: &str, path: Option<PathBuf>) {
    work();
    println!("own output");
    match how {
        "chdir" | "chdir-exit" | "chdir-wait" => {
            std::env::set_current_dir(path.expect("a path")).expect("a folder")
        }
        "remove" => std::fs::remove_dir(path.expect("a path")).expect("an empty folder"),
        "log" => log(File::options().append(true).create(true).open(path.expect("a path")).expect("a file")),
        "log-from-start" => log(File::create(path.expect("a path")).expect("a file")),
        "open-for-later" => {
            std::mem::forget(File::options().write(true).open(path.expect("a path")).expect("a file"))
        }
        "close" => {
            let number = path.and_then(|number| number.to_str()?.parse().ok()).expect("a number");
            let null = File::create("/dev/null").expect("it is there");
            // SAFETY: what was open under the number is used by nothing any more.
            unsafe { libc::dup2(null.as_raw_fd(), number) };
        }
        // SAFETY: as C programs have it.
        "sigpipe" => _ = unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) },
        _ => {}
    }
    match how {
        "chdir-exit" => std::process::exit(3),
        "chdir-wait" => {
            println!("ready");
            let _flushed = std::io::stdout().flush();
            let _read = stdin().lock().read_line(&mut String::new());
        }
        _ => {}
    }
}

/// What a program logs, and that stays open to its end.
fn log(mut file: File) {
    writeln!(file, "a line of the log").expect("it is written");
    std::mem::forget(file);
}
