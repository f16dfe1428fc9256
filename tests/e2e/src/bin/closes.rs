//! Closes all descriptors that it does not know, opens a file of its own under each number, and ends as its first argument says.
//! The second is a folder for those files.
#![allow(unsafe_code, reason = "closes what is not its own")]

use std::{fs::File, path::Path};

#[hotpath::measure]
fn work() {}

#[hotpath::main]
fn main() {
    work();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [way, folder] = arguments.as_slice() else { panic!("two arguments") };
    // SAFETY: what a daemon does. Of this program itself nothing is open there.
    unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
    let files: Vec<File> = (0..40)
        .map(|number| File::create(Path::new(folder).join(number.to_string())).expect("it can be made"))
        .collect();
    work();
    if way == "term" {
        // SAFETY: sends a signal to this process.
        unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
        loop {
            std::thread::park();
        }
    }
    // Each is still open.
    files.iter().for_each(|file| assert_eq!(file.metadata().expect("it is open").len(), 0));
    drop(files);
}
