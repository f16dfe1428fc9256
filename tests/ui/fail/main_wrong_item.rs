#[hotpath::main]
struct Program;

#[hotpath::main]
const fn constant() {}

fn main() {
    let _ = Program;
    constant();
}
