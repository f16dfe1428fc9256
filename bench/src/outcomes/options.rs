//! The command line of `bench outcomes`.

use std::path::PathBuf;

/// What to measure.
#[derive(Debug)]
pub struct Options {
    /// Comparisons of the program with itself.
    pub same: usize,
    /// Comparisons with each kind of slow-down.
    pub trials: usize,
    /// Processors that the neighbour uses on average; 0 without a neighbour.
    pub load: f64,
    /// The functions to be made slower; all, if none.
    pub functions: Vec<String>,
    /// The command to be tried, if not that of this repository.
    pub hotpath: Option<PathBuf>,
    /// Where the reports of all runs are kept.
    pub keep: Option<PathBuf>,
    pub json: Option<PathBuf>,
}

/// What `--help` prints.
pub const USAGE: &str = "\
usage: bench outcomes [--aa N] [--trials N] [--neighbour bursts|none] [--load CORES] [--functions NAME,…] [--quick]
                      [--hotpath FILE] [--keep FOLDER] [--json FILE]

  --aa N              comparisons of the program with itself (default 200)
  --trials N          comparisons with a function 10 % slower, and as many with 30 % (default 20)
  --neighbour WHAT    bursts of arithmetic and of memory traffic beside the comparisons (default), or none
  --load CORES        processors that the neighbour uses on average (default 0.5)
  --functions NAME,…  the functions that take turns at being slower (default: all of peers/ours-work)
  --quick             5 comparisons of the program with itself, 2 with each slow-down
  --hotpath FILE      the command to be tried; without it that of this repository is built
  --keep FOLDER       keeps the reports of all runs there; it must not be there yet
  --json FILE         write every comparison there too";

impl Options {
    /// Reads the arguments after `outcomes`; `None` when help was asked for.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut same, mut trials, mut quick) = (None, None, false);
        let (mut has_neighbour, mut load) = (true, 0.5);
        let (mut functions, mut hotpath, mut keep, mut json) = (Vec::new(), None, None, None);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                "--help" | "-h" => return Ok(None),
                "--quick" => quick = true,
                "--aa" => same = Some(number(&value()?)?),
                "--trials" => trials = Some(number(&value()?)?),
                "--neighbour" => has_neighbour = is_bursts(&value()?)?,
                "--load" => load = cores(&value()?)?,
                "--functions" => functions = value()?.split(',').map(str::to_owned).collect(),
                "--hotpath" => hotpath = Some(value()?.into()),
                "--keep" => keep = Some(value()?.into()),
                "--json" => json = Some(value()?.into()),
                _ => return Err(format!("unknown option {flag}; see bench outcomes --help")),
            }
        }
        let default = if quick { (5, 2) } else { (200, 20) };
        Ok(Some(Self {
            same: same.unwrap_or(default.0),
            trials: trials.unwrap_or(default.1),
            load: if has_neighbour { load } else { 0.0 },
            functions,
            hotpath,
            keep,
            json,
        }))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text} is not a number of comparisons"))
}

fn is_bursts(text: &str) -> Result<bool, String> {
    match text {
        "bursts" => Ok(true),
        "none" => Ok(false),
        _ => Err(format!("{text} is no neighbour; there are bursts, none")),
    }
}

fn cores(text: &str) -> Result<f64, String> {
    let cores = text.parse().ok().filter(|cores: &f64| cores.is_finite() && *cores > 0.0);
    cores.ok_or_else(|| format!("{text} is not a number of processors above 0"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
            .map(|options| options.expect("no help asked"))
    }

    #[test]
    fn defaults_ask_for_the_whole_truth() {
        let options = parse("").expect("valid");
        assert_eq!((options.same, options.trials, options.load), (200, 20, 0.5));
        let quick = parse("--quick --trials 0").expect("valid");
        assert_eq!((quick.same, quick.trials), (5, 0));
    }

    #[test]
    fn no_neighbour_is_a_load_of_nothing() {
        assert_eq!(parse("--neighbour none --load 0.7").map(|options| options.load), Ok(0.0));
        assert_eq!(parse("--neighbour bursts --load 0.7").map(|options| options.load), Ok(0.7));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, word) in
            [("--aa many", "many"), ("--neighbour loud", "loud"), ("--load 0", "0"), ("--json", "--json")]
        {
            assert!(parse(line).is_err_and(|error| error.contains(word)), "{line}");
        }
        assert!(parse("--fast").is_err_and(|error| error.contains("--fast")));
    }
}
