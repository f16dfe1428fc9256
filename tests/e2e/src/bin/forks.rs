//! Forks while a session runs; both processes exit.
#![allow(unsafe_code, reason = "there is no safe fork")]

#[hotpath::measure]
fn work() {}

#[hotpath::main]
fn main() {
    work();
    // SAFETY: the child does nothing but exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        std::process::exit(0);
    }
    let mut status = -1;
    // SAFETY: `child` is ours, and `status` is a place for the answer.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    println!("child ended with {status}");
}
