//! Symbolization of native stacks, from the executable and the libraries that the program ran.
//!
//! Invariants: a file with another build id than the one that ran provides no names; a file that provides none is reported, once.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use addr2line::Loader;
use anyhow::{Result, anyhow, bail};
use hotpath_report::render::{self, name_cell, printable};
use hotpath_report::stacks::{CpuStacks, Frame, Module};
use object::Object;

/// Names all frames that have no name. Returns one message per file that provides no symbols.
pub(crate) fn symbolize(stacks: &mut CpuStacks) -> Vec<String> {
    let CpuStacks { modules, frames, .. } = stacks;
    let mut problems = Vec::new();
    for (index, module) in (0..).zip(modules.iter()) {
        let mut own: Vec<&mut Frame> =
            frames.iter_mut().filter(|frame| frame.module == Some(index) && frame.names.is_empty()).collect();
        if own.is_empty() {
            continue;
        }
        match open(module) {
            Ok(loader) => own.iter_mut().for_each(|frame| frame.names = names(&loader, frame.address)),
            Err(error) => problems.push(format!("{}: cannot symbolize: {error:#}", printable(&module.path))),
        }
    }
    problems
}

/// Opens the file of a module, if it is still the build that ran.
fn open(module: &Module) -> Result<Loader> {
    let path = Path::new(&module.path);
    if !path.is_absolute() {
        bail!("not a file"); // such as the vDSO
    }
    let bytes = std::fs::read(path)?;
    let file = object::File::parse(&*bytes)?;
    let build_id = file.build_id()?.unwrap_or_default();
    let build_id: String = build_id.iter().map(|byte| format!("{byte:02x}")).collect();
    if build_id != module.build_id {
        bail!("not the build that ran");
    }
    Loader::new(path).map_err(|error| anyhow!("{error}"))
}

/// Returns the functions at an address, the innermost inlined one first.
fn names(loader: &Loader, address: u64) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(|function| function.raw_name().ok());
            names.extend(name.map(|name| plain(&name)));
        }
    }
    if names.is_empty() {
        names.extend(loader.find_symbol(address).map(plain));
    }
    names
}

/// Demangles a symbol, without its hash.
fn plain(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// Rows of the table of native functions.
const ROWS: usize = 30;

/// Draws a table of the native functions in which the samples of measured functions are, most samples first.
pub(crate) fn table(stacks: &CpuStacks) -> String {
    let mut samples: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for stack in &stacks.stacks {
        let measured = stack.path.last().map_or("<outside>", String::as_str);
        let native = stacks.names(stack).pop().unwrap_or_else(|| "?".to_owned());
        *samples.entry((measured, native)).or_default() += stack.samples;
    }
    let total: u64 = samples.values().sum();
    let mut rows: Vec<_> = samples.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut text = format!(
        "cpu_stacks - CPU samples in native functions, by measured function ({}/{}).\n",
        rows.len().min(ROWS),
        rows.len()
    );
    let row = |((measured, native), count): &((&str, String), u64)| {
        let share = *count as f64 * 100.0 / total.max(1) as f64;
        vec![name_cell(measured), name_cell(native), count.to_string(), format!("{share:.2}%")]
    };
    let header = ["Function", "Native", "Samples", "% Total"].map(str::to_owned).to_vec();
    let shown = rows.iter().take(ROWS).map(row).collect();
    // Writing to a string cannot fail.
    let _ = render::write_grid(header, shown, &render::Options::default(), &mut text);
    if stacks.lost_samples > 0 {
        let _ = writeln!(text, "{} samples are missing: the table of stacks was full", stacks.lost_samples);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotpath_report::stacks::Stack;

    #[inline(never)]
    fn known() -> u32 {
        std::hint::black_box(7)
    }

    /// The running program as a module, and the address at which its file is mapped.
    #[cfg(target_os = "linux")]
    fn program() -> (Module, u64) {
        let path = std::env::current_exe().expect("it has a path");
        let bytes = std::fs::read(&path).expect("it is readable");
        let file = object::File::parse(&*bytes).expect("it is a program");
        let id = file.build_id().expect("it is a program").unwrap_or_default();
        let path = path.to_str().expect("it is text").to_owned();
        let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
        let first = maps.lines().find(|line| line.ends_with(&path)).expect("it is mapped");
        let begin = first.split('-').next().and_then(|text| u64::from_str_radix(text, 16).ok());
        let build_id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        (Module { path, build_id }, begin.expect("an address"))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_of_this_program_gets_the_name_of_its_function() {
        let (module, begin) = program();
        let address = (known as *const ()).addr() as u64 - begin;
        let frame = Frame { module: Some(0), address, names: Vec::new() };
        let of = |module: Module| CpuStacks {
            modules: vec![module],
            frames: vec![frame.clone()],
            ..CpuStacks::default()
        };
        let mut stacks = of(module.clone());
        assert_eq!(symbolize(&mut stacks), [""; 0]);
        let name = stacks.frames[0].names.last().expect("a name");
        assert!(name.ends_with("symbols::tests::known"), "{name}");
        let mut other = of(Module { build_id: "00".into(), ..module });
        let problems = symbolize(&mut other);
        assert!(problems[0].contains("not the build that ran"), "{problems:?}");
        assert!(other.frames[0].names.is_empty());
        let mut missing = of(Module { path: "/no/such/file".into(), build_id: String::new() });
        assert_eq!(symbolize(&mut missing).len(), 1);
        let mut virtual_file = of(Module { path: "linux-vdso.so.1".into(), build_id: String::new() });
        assert!(symbolize(&mut virtual_file)[0].contains("not a file"));
        assert_eq!(known(), 7);
    }

    #[test]
    fn samples_are_summed_by_measured_and_native_function() {
        let frame = |name: &str| Frame { module: None, address: 1, names: vec![name.to_owned()] };
        let stack = |samples, path: &[&str], frames: &[u32]| Stack {
            samples,
            path: path.iter().map(|name| (*name).to_owned()).collect(),
            frames: frames.to_vec(),
        };
        let stacks = CpuStacks {
            lost_samples: 4,
            frames: vec![frame("memcpy"), frame("app::read"), frame("hash\u{1b}[31m")],
            stacks: vec![
                stack(5, &["main", "app::load"], &[0, 1]),
                stack(3, &["main", "app::load"], &[0]),
                stack(2, &[], &[2]),
            ],
            ..CpuStacks::default()
        };
        let text = table(&stacks);
        assert!(text.contains("| app::load | memcpy    | 8       | 80.00%  |\n"), "{text}");
        assert!(text.contains("| <outside> | hash\u{fffd}[31m | 2       | 20.00%  |\n"), "{text}");
        assert!(text.ends_with("4 samples are missing: the table of stacks was full\n"), "{text}");
    }
}
