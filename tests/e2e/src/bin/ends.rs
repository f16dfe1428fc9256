//! Ends the way its first argument says, after two measured calls and a line of its own.
#![allow(unsafe_code, reason = "signals of its own")]

use std::{
    io::{BufRead, Write, stdin},
    process::ExitCode,
    thread,
    time::Duration,
};

#[hotpath::measure]
fn work(n: u32) -> u32 {
    n + 1
}

#[hotpath::measure]
fn exits(status: i32) -> ! {
    std::process::exit(status)
}

#[hotpath::main]
fn main() -> ExitCode {
    println!("own output {}", work(1) + work(2));
    match std::env::args().nth(1).as_deref() {
        Some("panic") => panic!("on purpose"),
        Some("thread-panic") => assert!(thread::spawn(|| panic!("on purpose")).join().is_err()),
        Some("exit") => std::process::exit(3),
        Some("exit-inside") => exits(4),
        Some("exit-thread") => {
            thread::spawn(|| exits(5));
            wait();
        }
        Some("exit-while-printing") => {
            let _lock = std::io::stdout().lock();
            std::process::exit(6);
        }
        Some("abort") => std::process::abort(),
        Some("wait") => wait(),
        Some("signals") => signals(),
        Some("fill") => fill(),
        Some("code") => return ExitCode::from(7),
        _ => {}
    }
    ExitCode::SUCCESS
}

/// Says that it waits, and waits for a line.
fn wait() {
    println!("ready");
    let _flushed = std::io::stdout().flush();
    let _read = stdin().lock().read_line(&mut String::new());
}

/// Two signals: their numbers, and the microseconds between them, are the arguments.
fn signals() {
    let mut arguments = std::env::args().skip(2).map(|text| text.parse::<u64>().expect("a number"));
    let mut next = || arguments.next().expect("an argument");
    let (first, second, pause) = (next(), next(), next());
    let raise = |signal: u64| {
        // SAFETY: sends a signal to this process.
        unsafe { libc::kill(libc::getpid(), signal as i32) };
    };
    raise(first);
    thread::sleep(Duration::from_micros(pause));
    raise(second);
    loop {
        thread::park();
    }
}

/// Fills standard output, until nobody reads it any more, and holds it.
fn fill() {
    let mut stdout = std::io::stdout().lock();
    eprintln!("ready");
    while stdout.write_all(&[b'x'; 1024]).is_ok() {}
    wait();
}
