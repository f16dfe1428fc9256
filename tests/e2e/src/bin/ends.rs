//! Ends the way its first argument says, after two measured calls and a line of its own.

use std::{
    io::{BufRead, Write, stdin},
    process::ExitCode,
    thread,
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
