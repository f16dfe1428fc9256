//! Writes the measured functions: as many as `MANY_FUNCTIONS` says.

use std::{env, fmt::Write, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=MANY_FUNCTIONS");
    println!("cargo::rerun-if-changed=build.rs");
    let count: u64 = env::var("MANY_FUNCTIONS").map_or(5000, |text| text.parse().expect("a number"));
    let mut source = String::new();
    for number in 0..count {
        // Different bodies, so that the compiler does not make one of them.
        writeln!(source, "#[hotpath::measure]\n#[inline(never)]\nfn f{number}(x: u64) -> u64 {{ x.rotate_left(7) ^ {number} }}")
            .expect("memory");
    }
    source.push_str("static FUNCTIONS: &[fn(u64) -> u64] = &[\n");
    (0..count).for_each(|number| writeln!(source, "f{number},").expect("memory"));
    source.push_str("];\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("functions.rs"), source).expect("the folder for output is writable");
}
