//! The attribute puts the counting allocator around one of the program's own, named by a path of this crate.

use memory::Ledger;

fn main() {
    let before = Ledger::read();
    profiled();
    println!("{}", Ledger::read().since(before).bytes);
}

#[hotpath::main(allocator = memory::Ledger)]
fn profiled() {
    memory::work::on_threads();
}
