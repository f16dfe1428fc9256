//! Forks while a session runs, as its arguments say.
//!
//! Without any, both processes exit. `daemon` or `double`: the parent, or parent and grandparent, go at once, and what is left ends
//! as the second argument says. `workers`: what is left forks too, and so do its forks, before all of them exit.
#![allow(unsafe_code, reason = "there is no safe fork")]

use std::{thread, time::Duration};

#[hotpath::measure]
fn work() {}

#[hotpath::measure]
fn daemon_work() {}

#[hotpath::main]
fn main() {
    work();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let how = arguments.iter().map(String::as_str).collect::<Vec<_>>();
    match how.as_slice() {
        ["daemon", way] => {
            leave_parent(|| end_parent(0));
            serve(way);
        }
        ["double", way] => {
            leave_parent(|| end_parent(0));
            leave_parent(|| end_parent(0));
            thread::spawn(daemon_work).join().expect("it does not panic");
            serve(way);
        }
        ["workers"] => {
            leave_parent(|| end_parent(0));
            with_child(|| {
                with_child(|| serve("exit"));
                serve("exit");
            });
            serve("exit");
        }
        [way] => with_child(|| serve(way)),
        _ => with_child(|| std::process::exit(0)),
    }
}

/// Forks; `child` is not expected to return.
fn with_child(child: impl FnOnce()) {
    // SAFETY: the child has one thread and goes on as a program does.
    let number = unsafe { libc::fork() };
    if number == 0 {
        child();
        return;
    }
    let mut status = -1;
    // SAFETY: `number` is our child's, and `status` is a place for the answer.
    unsafe { libc::waitpid(number, &raw mut status, 0) };
    println!("child ended with {status}");
}

fn leave_parent(in_parent: fn()) {
    // SAFETY: takes nothing and cannot fail.
    let parent = unsafe { libc::getpid() };
    // SAFETY: the child has one thread and goes on as a program does.
    if unsafe { libc::fork() } != 0 {
        in_parent();
    }
    // SAFETY: takes nothing; makes a daemon of the child.
    unsafe { libc::setsid() };
    // SAFETY: takes nothing and cannot fail.
    while unsafe { libc::getppid() } == parent {
        thread::sleep(Duration::from_millis(1));
    }
}

/// As daemons do: nothing else of the parent runs.
fn end_parent(status: i32) {
    // SAFETY: ends the process.
    unsafe { libc::_exit(status) };
}

fn serve(way: &str) {
    if way != "term-unmeasured" {
        daemon_work();
    }
    match way {
        "exit" => std::process::exit(3),
        "term" | "term-unmeasured" => raise(libc::SIGTERM),
        "int" => raise(libc::SIGINT),
        "wait" => {}
        _ => return,
    }
    loop {
        thread::park();
    }
}

fn raise(signal: i32) {
    // SAFETY: sends a signal to this process.
    unsafe { libc::kill(libc::getpid(), signal) };
}
