//! Uses every public name and every form of every macro; what it prints is the same whether profiling is on or off.

#![deny(warnings)]
#![forbid(unsafe_code)]

mod api;
mod executor;
mod forms;
mod locks;
mod older;
mod sessions;

fn main() {
    println!("first {}", first());
    println!("sessions {}", sessions::all());
    println!("api {}", api::names());
    println!("allocation {}", api::allocation());
    println!("older {}", older::all());
    #[cfg(feature = "libraries")]
    println!("libraries {}", older::libraries());
}

#[hotpath::main(format = "none")]
fn first() -> u64 {
    api::controls();
    hotpath::measure_block!("print", println!("in a session"));
    let on_a_thread = std::thread::spawn(forms::all).join().unwrap_or_default();
    let older = older::all().len() as u64;
    forms::all() + locks::all() + on_a_thread + older
}
