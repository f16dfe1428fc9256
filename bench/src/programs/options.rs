//! The command line of `bench programs`.

use std::path::PathBuf;

use super::{
    mode::{ALONE, ALONE_BUILT, MODES, Mode, PLAIN, TIMED},
    program::{PROGRAMS, Program},
};

/// The wanted measurements.
#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    pub programs: Vec<&'static Program>,
    pub modes: Vec<&'static Mode>,
    pub alone: Alone,
    /// The command that instruments, if not that of this repository.
    pub hotpath: Option<PathBuf>,
    pub json: Option<PathBuf>,
}

/// A way to measure functions one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    Never,
    /// By focus, so that the hooks of the others are there and record nothing.
    Recorded,
    /// By a build for each, in which no other is instrumented.
    Built,
}

/// Returns the text of `--help`.
pub fn usage() -> String {
    let line = |(name, about): (&str, &str)| format!("  {name:<15} {about}");
    let programs: Vec<String> = PROGRAMS.iter().map(|program| line((program.name, program.about))).collect();
    let modes: Vec<String> = names_of_modes().map(line).collect();
    format!(
        "usage: bench programs [--rounds N] [--quick] [--only NAME,…] [--modes MODE,…] [--hotpath FILE]
                      [--json FILE]

  --rounds N      runs of each program in each mode (default 7)
  --quick         3 rounds, without `published`
  --only          these programs only
  --modes         these modes only; `plain` and `timed` come along, as what the others are compared with
  --hotpath FILE  the command that instruments; without it that of this repository is built
  --json FILE     write every run there too

programs:\n{}\n\nmodes:\n{}",
        programs.join("\n"),
        modes.join("\n")
    )
}

fn names_of_modes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let alone = (ALONE, "one function recorded after the other, each that takes 2 % of the run");
    let built = (ALONE_BUILT, "the same, with no other instrumented: one build for each; not by default");
    MODES.iter().map(|mode| (mode.name, mode.about)).chain([alone, built])
}

impl Options {
    /// Reads the arguments after `programs`; `None` when help was asked for.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut rounds, mut quick, mut hotpath, mut json) = (None, false, None, None);
        let (mut programs, mut modes) = (None, None);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                "--help" | "-h" => return Ok(None),
                "--quick" => quick = true,
                "--rounds" => rounds = Some(number(&value()?)?),
                "--hotpath" => hotpath = Some(value()?.into()),
                "--json" => json = Some(value()?.into()),
                "--only" => programs = Some(named(&value()?, PROGRAMS.iter().map(|program| program.name))?),
                "--modes" => modes = Some(named(&value()?, names_of_modes().map(|(name, _)| name))?),
                _ => return Err(format!("unknown option {flag}; see bench programs --help")),
            }
        }
        let is_chosen = |chosen: &Option<Vec<String>>, name: &str| {
            chosen.as_ref().is_none_or(|names| names.iter().any(|chosen| chosen == name))
        };
        let has_mode = |mode: &&Mode| {
            [PLAIN, TIMED].contains(&mode.name)
                || is_chosen(&modes, mode.name) && !(quick && modes.is_none() && mode.name == "published")
        };
        Ok(Some(Self {
            rounds: rounds.unwrap_or(if quick { 3 } else { 7 }),
            programs: PROGRAMS.iter().filter(|program| is_chosen(&programs, program.name)).collect(),
            modes: MODES.iter().filter(has_mode).collect(),
            alone: match &modes {
                Some(names) if names.iter().any(|name| name == ALONE_BUILT) => Alone::Built,
                _ if is_chosen(&modes, ALONE) => Alone::Recorded,
                _ => Alone::Never,
            },
            hotpath,
            json,
        }))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| format!("{text} is not a number of rounds"))
}

/// The names of the comma list, all of them known.
fn named(list: &str, known: impl Iterator<Item = &'static str>) -> Result<Vec<String>, String> {
    let known: Vec<&str> = known.collect();
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("{name} is not one of {}", known.join(", "))),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
            .map(|options| options.expect("no help asked"))
    }

    fn modes(line: &str) -> Vec<&'static str> {
        parse(line).expect("valid").modes.iter().map(|mode| mode.name).collect()
    }

    #[test]
    fn everything_seven_times_unless_told_otherwise() {
        let options = parse("").expect("valid");
        assert_eq!((options.rounds, options.programs.len(), options.modes.len()), (7, 5, MODES.len()));
        assert_eq!(options.alone, Alone::Recorded);
    }

    #[test]
    fn quick_leaves_out_the_published_crate_unless_asked_for() {
        assert_eq!(parse("--quick").map(|options| options.rounds), Ok(3));
        assert!(!modes("--quick").contains(&"published"));
        assert!(modes("--quick --modes published").contains(&"published"));
    }

    #[test]
    fn what_others_are_compared_with_is_always_there() {
        assert_eq!(modes("--modes rate-0"), ["plain", "timed", "rate-0"]);
        assert_eq!(modes("--modes alone"), ["plain", "timed"]);
        let alone = |line| parse(line).map(|options| options.alone);
        assert_eq!(alone("--modes rate-0"), Ok(Alone::Never));
        assert_eq!(alone("--modes alone"), Ok(Alone::Recorded));
        assert_eq!(alone("--modes timed,alone-built"), Ok(Alone::Built));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse("--only grep").is_err_and(|error| error.starts_with("grep is not one of hexyl")));
        assert!(parse("--modes slow").is_err_and(|error| error.contains("alone")));
        assert!(parse("--rounds 0").is_err_and(|error| error.contains('0')));
        assert!(parse("--json").is_err_and(|error| error == "--json needs a value"));
        assert!(parse("--fast").is_err_and(|error| error.contains("--fast")));
    }
}
