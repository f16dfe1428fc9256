//! Functions that are nothing but assembly are left alone.

#![deny(warnings)]

#[cfg(target_arch = "x86_64")]
#[hotpath::measure_all]
mod assembly {
    #[unsafe(naked)]
    pub extern "C" fn raw() -> u64 {
        std::arch::naked_asm!("mov rax, 7", "ret")
    }

    #[cfg_attr(all(), unsafe(naked))]
    pub extern "C" fn conditional() -> u64 {
        std::arch::naked_asm!("mov rax, 8", "ret")
    }

    pub fn plain() -> u64 {
        raw() + conditional()
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod assembly {
    pub fn plain() -> u64 {
        15
    }
}

fn main() {
    assert_eq!(assembly::plain(), 15);
}
