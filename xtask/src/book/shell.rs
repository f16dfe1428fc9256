//! Runs the shell blocks of the documents whose fence says `sh run`.
//!
//! A block runs at the root of the repository, as its reader would, with the freshly built command first on the path and
//! `target/book/run` as the folder for temporary files. It must leave nothing behind in the repository.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    Problem, Result,
    document::{Block, Document},
    target_folder,
};

/// The longest that a block may take; it may build an example.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// Runs the blocks of all documents in their order; returns those that failed.
pub fn run(root: &Path, documents: &BTreeMap<String, Document>) -> Result<Vec<Problem>> {
    let is_run = |block: &&Block| block.language() == "sh" && block.attributes().any(|word| word == "run");
    let blocks: Vec<(&Document, &Block)> = documents
        .values()
        .flat_map(|document| document.blocks.iter().filter(is_run).map(move |block| (document, block)))
        .collect();
    eprintln!("── {} shell blocks", blocks.len());
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    crate::cargo(&["build", "--package", "hotpath-cli"], &[])?;
    let target = target_folder(root);
    let temporary = target.join("book/run");
    std::fs::create_dir_all(&temporary).map_err(|error| format!("{}: {error}", temporary.display()))?;
    let mut problems = Vec::new();
    for (document, block) in blocks {
        eprintln!("── {}:{}", document.path, block.line);
        let before = entries(root);
        let log = temporary.join("output");
        let failed = bash(&block.text, root, &target.join("debug"), &temporary, &log)
            .and_then(|bash| ended(bash, DEADLINE))
            .map_err(|error| format!("{error}\n{}", tail(&log)))
            .err();
        let left: Vec<String> = entries(root).difference(&before).cloned().collect();
        let left = left.first().map(|_| format!("the block leaves {} in the repository", left.join(", ")));
        problems.extend(failed.or(left).map(|text| Problem {
            path: document.path.clone(),
            line: block.line,
            text,
        }));
    }
    Ok(problems)
}

/// The command that runs a block, with what it prints in the file `log`.
fn bash(script: &str, root: &Path, programs: &Path, temporary: &Path, log: &Path) -> Result<Command> {
    let cannot = |error| format!("{}: {error}", log.display());
    let output = File::create(log).map_err(cannot)?;
    let errors = output.try_clone().map_err(cannot)?;
    let mut path = programs.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    bash.args(["-eu", "-o", "pipefail", "-c", script]).current_dir(root);
    bash.stdin(Stdio::null()).stdout(output).stderr(errors);
    bash.env("PATH", path).env("TMPDIR", temporary);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut bash, 0);
    Ok(bash)
}

/// The last lines of a file.
fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Waits for a command; an error says how it failed.
fn ended(mut command: Command, deadline: Duration) -> Result {
    let mut child = command.spawn().map_err(|error| format!("cannot start bash: {error}"))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("the block ended with {status}")),
            Ok(None) if begun.elapsed() < deadline => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                end(&mut child);
                return Err(format!("the block had not ended after {} s", deadline.as_secs()));
            }
            Err(error) => return Err(format!("cannot wait for the block: {error}")),
        }
    }
}

/// Ends a block with whatever it started; some of that may have ended by itself already.
fn end(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    let _ = child.kill();
    let _ = child.wait();
}

/// The files and folders at the root of the repository.
fn entries(root: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, deadline: Duration) -> Result {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let log = path.join("output");
        ended(bash(script, path, path, path, &log)?, deadline)
            .map_err(|error| format!("{error}\n{}", tail(&log)))
    }

    #[test]
    fn a_block_fails_at_its_first_failing_command() {
        let long = Duration::from_secs(60);
        assert_eq!(ran("true\ntest -d \"$TMPDIR\"", long), Ok(()));
        assert!(ran("false\ntrue", long).is_err());
        assert!(ran("false | true", long).is_err());
        let unset = ran("echo \"$no_such_variable\"", long).expect_err("it is not set");
        assert!(unset.contains("no_such_variable: unbound variable"), "{unset}");
    }

    #[test]
    fn a_block_that_hangs_is_ended() {
        let failed = ran("sleep 600", Duration::from_millis(100)).expect_err("it hangs");
        assert!(failed.contains("had not ended"), "{failed}");
    }
}
