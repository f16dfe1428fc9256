//! The program that is compared, `peers/ours-work`: which functions can be made slower, and who calls them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::peer::{Workshop, forget_settings};

const PEER: &str = "ours-work";

pub struct Subject {
    pub program: PathBuf,
    /// The functions that can be made slower.
    functions: Vec<String>,
    callers: Callers,
}

impl Subject {
    /// Builds it, and asks it.
    pub fn prepare(workshop: &Workshop) -> Result<Self, String> {
        workshop.build(PEER)?;
        let program = workshop.program(PEER);
        let functions = said(Command::new(&program).arg("--functions"))?;
        let functions: Vec<String> = functions.lines().map(str::to_owned).collect();
        let callers = Callers::read(&report(&program, &workshop.target.join("subject.json"))?)?;
        match functions.iter().find(|function| callers.of(function).next().is_none()) {
            Some(lost) => Err(format!("{lost} is not in the call tree of {PEER}")),
            None if functions.is_empty() => Err(format!("{PEER} has no functions")),
            None => Ok(Self { program, functions, callers }),
        }
    }

    /// The functions named, or all.
    pub fn chosen(&self, names: &[String]) -> Result<Vec<String>, String> {
        match names.iter().find(|name| !self.functions.contains(name)) {
            Some(name) => Err(format!("{name} is not one of {}", self.functions.join(", "))),
            None if names.is_empty() => Ok(self.functions.clone()),
            None => Ok(names.to_vec()),
        }
    }

    /// Whether `caller` does its work through `function`, directly or not.
    pub fn is_caller(&self, caller: &str, function: &str) -> bool {
        self.callers.of(function).any(|name| name == caller)
    }
}

/// The report of one run.
fn report(program: &Path, file: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    forget_settings(&mut command);
    command.env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_OUTPUT_PATH", file);
    said(command.env("HOTPATH_METRICS_SERVER_OFF", "true"))?;
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn said(command: &mut Command) -> Result<String, String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{PEER} cannot run: {error}"))?;
    if !output.status.success() {
        return Err(format!("{PEER}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// For each function, without what it is in, all that are above it in the call tree.
#[derive(Debug, Default)]
struct Callers(BTreeMap<String, BTreeSet<String>>);

impl Callers {
    fn read(report: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(report).map_err(|error| format!("the report: {error}"))?;
        let mut callers = Self::default();
        callers.add(&report["call_tree"], &mut Vec::new());
        Ok(callers)
    }

    fn add(&mut self, nodes: &Value, above: &mut Vec<String>) {
        for node in nodes.as_array().into_iter().flatten() {
            let name = node["name"].as_str().unwrap_or_default();
            let name = name.rsplit("::").next().unwrap_or(name).to_owned();
            self.0.entry(name.clone()).or_default().extend(above.iter().cloned());
            above.push(name);
            self.add(&node["children"], above);
            above.pop();
        }
    }

    fn of(&self, function: &str) -> impl Iterator<Item = &str> {
        self.0.get(function).into_iter().flatten().map(String::as_str)
    }
}

#[cfg(test)]
impl Subject {
    /// One whose `main` calls `load` and `store`, and whose `load` calls `read`.
    pub fn example() -> Self {
        let report = r#"{"call_tree":[{"name":"app::main","children":[
            {"name":"app::io::load","children":[{"name":"app::io::read","children":[]}]},
            {"name":"app::store","children":[]}]}]}"#;
        let callers = Callers::read(report).expect("JSON");
        let functions = ["read", "store"].map(str::to_owned).to_vec();
        Self { program: "app".into(), functions, callers }
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;

    #[test]
    fn all_that_are_above_in_the_tree_are_callers() {
        let subject = Subject::example();
        assert!(subject.is_caller("load", "read") && subject.is_caller("main", "read"));
        assert!(!subject.is_caller("read", "load") && !subject.is_caller("store", "read"));
        assert!(!subject.is_caller("main", "main"));
    }

    #[test]
    fn only_functions_that_can_be_slower_are_chosen() {
        let subject = Subject::example();
        assert_eq!(subject.chosen(&[]), Ok(vec!["read".to_owned(), "store".to_owned()]));
        assert_eq!(subject.chosen(&["store".to_owned()]), Ok(vec!["store".to_owned()]));
        assert!(subject.chosen(&["load".to_owned()]).is_err_and(|error| error.contains("read, store")));
    }
}
