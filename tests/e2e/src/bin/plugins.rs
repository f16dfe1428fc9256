//! Loads two plugins and does with them what its arguments say: `begin 0 REPORT`, `end 0`, `term`, `int`, `abort`, `own-handler`, and
//! `exit` with the number of signals that this handled. Waits for its end then. It measures nothing itself.
#![allow(unsafe_code, reason = "loads libraries, and sends signals to itself")]

use std::{
    collections::HashMap,
    ffi::{CStr, CString, c_char, c_void},
    sync::atomic::{AtomicI32, Ordering},
};

type Begin = unsafe extern "C" fn(*const c_char) -> *mut c_void;
type End = unsafe extern "C" fn(*mut c_void);

struct Plugin {
    begin: Begin,
    end: End,
}

impl Plugin {
    fn load(path: String) -> Self {
        let path = CString::new(path).expect("a path");
        // SAFETY: a path that ends with 0, of a library without constructors of its own.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!library.is_null(), "{path:?} can be loaded");
        let begin = symbol(library, c"begin");
        let end = symbol(library, c"end");
        // SAFETY: the library declares them so.
        unsafe {
            Self {
                begin: std::mem::transmute::<*mut c_void, Begin>(begin),
                end: std::mem::transmute::<*mut c_void, End>(end),
            }
        }
    }
}

fn symbol(library: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: a library that stays loaded, and a name that ends with 0.
    let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
    assert!(!symbol.is_null(), "it has {name:?}");
    symbol
}

fn send(signal: libc::c_int) {
    // SAFETY: sends a signal to this process.
    unsafe { libc::kill(libc::getpid(), signal) };
}

/// How often the program's own handler was called.
static HANDLED: AtomicI32 = AtomicI32::new(0);

extern "C" fn handle(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next();
    let plugins = [next(), next()].map(|path| Plugin::load(path.expect("a path of a plugin")));
    let mut guards = HashMap::new();
    while let Some(step) = next() {
        let mut which = || next().expect("which plugin");
        match step.as_str() {
            "begin" => {
                let plugin = which();
                let report = CString::new(which()).expect("a path");
                // SAFETY: a path that ends with 0.
                let guard =
                    unsafe { (plugins[plugin.parse::<usize>().expect("a number")].begin)(report.as_ptr()) };
                assert!(guards.insert(plugin, guard).is_none(), "one at a time");
            }
            "end" => {
                let plugin = which();
                let guard = guards.remove(&plugin).expect("it has begun");
                // SAFETY: what this plugin's `begin` gave, once.
                unsafe { (plugins[plugin.parse::<usize>().expect("a number")].end)(guard) };
            }
            "term" => send(libc::SIGTERM),
            "int" => send(libc::SIGINT),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(HANDLED.load(Ordering::Relaxed)),
            "own-handler" => {
                let handler = handle as *const () as libc::sighandler_t;
                // SAFETY: the handler adds to an atomic.
                unsafe { libc::signal(libc::SIGTERM, handler) };
            }
            other => panic!("no step: {other}"),
        }
    }
    loop {
        std::thread::park();
    }
}
