#[hotpath::measure]
#[unsafe(naked)]
extern "C" fn raw() -> u64 {
    core::arch::naked_asm!("")
}

#[hotpath::measure(log = true)]
#[cfg_attr(all(), unsafe(naked))]
extern "C" fn conditional() -> u64 {
    core::arch::naked_asm!("")
}

fn main() {
    raw();
    conditional();
}
