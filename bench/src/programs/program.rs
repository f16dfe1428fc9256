//! The programs, and what each is given to do.

/// A command line program.
#[derive(Debug)]
pub struct Program {
    /// Of the crate and its binary, or of the package in this repository.
    pub name: &'static str,
    pub about: &'static str,
    pub source: Source,
    /// In these, [`INPUT`] stands for the input, and [`REPOSITORY`] for the folder of this repository.
    pub arguments: &'static [&'static str],
    pub input: Input,
}

/// The place of the sources.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// A crate of the registry, instrumented whole by `hotpath init`.
    Registry { version: &'static str },
    /// A package of this repository, which has its attributes. `workspace` is its folder; the features belong to the plain build
    /// and to the instrumented one.
    Repository {
        workspace: &'static str,
        package: &'static str,
        plain: &'static [&'static str],
        whole: &'static [&'static str],
    },
}

/// The input of a program. It is the same on every machine, and as old as the version of the program.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing, or what its arguments name.
    None,
    /// So many random bytes.
    Random(usize),
    /// A file of its own crate, so many times.
    Own { file: &'static str, times: usize },
}

pub const INPUT: &str = "{input}";
pub const REPOSITORY: &str = "{repository}";

/// In the order of the tables.
pub const PROGRAMS: [Program; 5] = [
    Program {
        name: "hexyl",
        about: "prints 3 MB in hexadecimal: tiny calls",
        source: Source::Registry { version: "0.17.0" },
        arguments: &[INPUT],
        input: Input::Random(3_000_000),
    },
    Program {
        name: "pulldown-cmark",
        about: "turns Markdown into HTML: many functions, deep calls",
        source: Source::Registry { version: "0.13.6" },
        arguments: &[INPUT],
        input: Input::Own { file: "README.md", times: 5_000 },
    },
    Program {
        name: "zopfli",
        about: "compresses: some long calls and many tiny ones",
        source: Source::Registry { version: "0.8.3" },
        arguments: &[INPUT],
        input: Input::Own { file: "src/deflate.rs", times: 1 },
    },
    Program {
        name: "codestat",
        about: "reads a tree of sources: threads and tasks (`examples/codestat`)",
        source: Source::Repository { workspace: "", package: "codestat", plain: &[], whole: &["hotpath"] },
        arguments: &["{repository}/crates"],
        input: Input::None,
    },
    Program {
        name: "ours-work",
        about: "many kinds of work, calls of a microsecond and more (`peers/ours-work`)",
        source: Source::Repository {
            workspace: "bench/peers",
            package: "peer-ours-work",
            plain: &["hotpath/hotpath-off"],
            whole: &[],
        },
        arguments: &[],
        input: Input::None,
    },
];
