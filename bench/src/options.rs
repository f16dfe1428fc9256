//! The command line.

use std::path::PathBuf;

use crate::{
    case::{CASES, Case},
    peer::{PEERS, Peer},
    topic::Topic,
};

/// What to measure.
#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    /// The number of calls is divided by this.
    pub divisor: u64,
    pub peers: Vec<&'static Peer>,
    pub cases: Vec<&'static Case>,
    pub json: Option<PathBuf>,
}

/// What `--help` prints.
pub fn usage() -> String {
    let peers: Vec<String> = PEERS.iter().map(|peer| format!("  {:<15} {}", peer.name, peer.about)).collect();
    let cases: Vec<String> = CASES.iter().map(|case| format!("  {:<15} {}", case.name, case.about)).collect();
    format!(
        "usage: bench [--rounds N] [--quick] [--only PEER,…] [--cases CASE,…] [--json FILE]

  --rounds N    runs of each case with each peer (default 7)
  --quick       3 rounds with a tenth of the calls
  --only        these peers only; `bare` or `bare-flow` comes along, as what they are compared with
  --cases       these cases only
  --json FILE   write every run there too

`bench outcomes` measures whether comparisons are right, `bench programs` what whole programs cost; each has a --help of its own

peers:\n{}\n\ncases:\n{}",
        peers.join("\n"),
        cases.join("\n")
    )
}

impl Options {
    /// Reads the arguments after the program's name; `None` when help was asked for.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut rounds, mut quick, mut json) = (None, false, None);
        let (mut peers, mut cases) = (PEERS.iter().collect(), CASES.iter().collect());
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                "--help" | "-h" => return Ok(None),
                "--quick" => quick = true,
                "--rounds" => rounds = Some(number(&value()?)?),
                "--json" => json = Some(value()?.into()),
                "--only" => peers = with_bare(chosen(&value()?, &PEERS, |peer| peer.name)?),
                "--cases" => cases = chosen(&value()?, &CASES, |case| case.name)?,
                _ => return Err(format!("unknown option {flag}; see --help")),
            }
        }
        let (default, divisor) = if quick { (3, 10) } else { (7, 1) };
        Ok(Some(Self { rounds: rounds.unwrap_or(default), divisor, peers, cases, json }))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| format!("{text} is not a number of rounds"))
}

/// The peers, and the programs without a profiler that they are compared with, in the order of the columns.
fn with_bare(peers: Vec<&'static Peer>) -> Vec<&'static Peer> {
    let topics: Vec<Topic> = peers.iter().flat_map(|peer| peer.topics).copied().collect();
    let is_needed = |known: &Peer| topics.iter().any(|topic| topic.bare() == known.name);
    let chosen = |known: &Peer| peers.iter().any(|peer| peer.name == known.name);
    PEERS.iter().filter(|known| is_needed(known) || chosen(known)).collect()
}

/// Those of `all` that the comma list names, in the order of `all`.
fn chosen<T>(
    list: &str,
    all: &'static [T],
    name: impl Fn(&T) -> &'static str,
) -> Result<Vec<&'static T>, String> {
    let wanted: Vec<&str> = list.split(',').map(str::trim).collect();
    match wanted.iter().find(|wanted| !all.iter().any(|item| name(item) == **wanted)) {
        Some(unknown) => {
            Err(format!("{unknown} is not one of {}", all.iter().map(name).collect::<Vec<_>>().join(", ")))
        }
        None => Ok(all.iter().filter(|item| wanted.contains(&name(item))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
            .map(|options| options.expect("no help asked"))
    }

    #[test]
    fn everything_seven_times_unless_told_otherwise() {
        let options = parse("").expect("valid");
        assert_eq!((options.rounds, options.divisor), (7, 1));
        assert_eq!((options.peers.len(), options.cases.len()), (PEERS.len(), CASES.len()));
    }

    #[test]
    fn quick_gives_way_to_a_number_of_rounds() {
        let options = parse("--rounds 5 --quick").expect("valid");
        assert_eq!((options.rounds, options.divisor), (5, 10));
    }

    #[test]
    fn the_bare_program_is_always_there() {
        let peers = |line| {
            let options = parse(line).expect("valid");
            options.peers.iter().map(|peer| peer.name).collect::<Vec<_>>()
        };
        assert_eq!(peers("--only published-flow"), ["bare-flow", "published-flow"]);
        assert_eq!(peers("--only bare"), ["bare"]);
        let options = parse("--only ours --cases nested,empty").expect("valid");
        assert_eq!(options.peers.iter().map(|peer| peer.name).collect::<Vec<_>>(), ["bare", "ours"]);
        assert_eq!(options.cases.iter().map(|case| case.name).collect::<Vec<_>>(), ["empty", "nested"]);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            parse("--only other").is_err_and(|error| error.starts_with("other is not one of bare, counting"))
        );
        assert!(parse("--rounds 0").is_err_and(|error| error.contains('0')));
        assert!(parse("--json").is_err_and(|error| error == "--json needs a value"));
        assert!(parse("--fast").is_err_and(|error| error.contains("--fast")));
    }
}
