//! `hotpath init`: proposes the changes that instrument a crate, or prints an example program.
//!
//! | file | contents |
//! |---|---|
//! | `scenario.rs` | the example programs |
//! | `workspace.rs` | the packages, from `cargo metadata` |
//! | `source_file.rs`, `attributes.rs`, `functions.rs` | the sources: files, attributes, functions to measure first |
//! | `manifest.rs` | edits of `Cargo.toml` |
//! | `plan.rs` | all changes of files |
//! | `write.rs` | writes the changes: all or none |
//!
//! Without `--write` no file is modified. Existing instrumentation is kept, so a second run has nothing to do.

mod attributes;
mod functions;
mod manifest;
mod plan;
mod scenario;
mod source_file;
mod workspace;
mod write;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use similar::TextDiff;

use self::manifest::Origin;
use self::plan::{Options, Plan};
use self::scenario::Scenario;
use self::workspace::Workspace;
use crate::file::shown;
use crate::target::print;

pub use self::scenario::bootstrap_script;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without SCENARIO, it analyses the crate in this folder and prints the changes as a patch.\n\
    The names of the scenarios and of the crate's features are those of the guide for hotpath 0.16."
)]
pub(crate) struct Arguments {
    /// Prints an example program instead of analysing a crate
    #[arg(value_enum)]
    scenario: Option<Scenario>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    /// Writes the changes
    #[arg(long, conflicts_with = "scenario")]
    write: bool,
    /// Makes the dependency optional, with attributes behind `cfg_attr`
    #[arg(long, conflicts_with = "scenario")]
    optional: bool,
    /// Adds the feature `hotpath-mcp`, so that an AI agent can query the running program. A lock file must then have syn 2.0.87 or
    /// later
    #[arg(long, conflicts_with = "scenario")]
    mcp: bool,
    /// Number of functions to measure
    #[arg(long, value_name = "N", default_value_t = 5, conflicts_with = "scenario")]
    functions: usize,
    /// Cargo.toml of the crate or workspace
    #[arg(long, value_name = "PATH", conflicts_with = "scenario")]
    manifest_path: Option<PathBuf>,
    /// Package of the workspace
    #[arg(short, long, value_name = "NAME", conflicts_with = "scenario")]
    package: Option<String>,
    /// Program of the package [default: all]
    #[arg(long, value_name = "NAME", conflicts_with = "scenario")]
    bin: Option<String>,
    /// Git repository of hotpath, instead of the registry
    #[arg(long, value_name = "URL", conflicts_with_all = ["scenario", "path"])]
    git: Option<String>,
    /// Folder of hotpath, instead of the registry
    #[arg(long, value_name = "DIR", conflicts_with = "scenario")]
    path: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if let Some(scenario) = arguments.scenario {
        return print(&if arguments.json { scenario.json() } else { scenario.text() });
    }
    let manifest = match &arguments.manifest_path {
        Some(path) if path.is_dir() => path.join("Cargo.toml"),
        Some(path) => path.clone(),
        None => workspace::manifest_above(
            &std::env::current_dir().context("cannot determine the current folder")?,
        )?,
    };
    let workspace = Workspace::read(&manifest)?;
    let package = workspace.choose(&manifest, arguments.package.as_deref())?;
    let options = Options {
        bin: arguments.bin.clone(),
        functions: arguments.functions,
        optional: arguments.optional,
        mcp: arguments.mcp,
        origin: arguments.origin()?,
    };
    let plan = Plan::make(&workspace, package, &options)?;
    if arguments.write {
        write::all(&plan.changes)?;
    }
    print(&if arguments.json {
        as_json(&plan, &workspace.root, arguments.write)
    } else {
        as_text(&plan, &workspace.root, arguments.write)
    })
}

impl Arguments {
    fn origin(&self) -> Result<Origin> {
        Ok(match (&self.git, &self.path) {
            (Some(url), _) => Origin::Git(url.clone()),
            (None, None) => Origin::Registry,
            (None, Some(folder)) => {
                // The folder of the crate, or of the repository that it is in.
                let candidates = [folder.clone(), folder.join("crates/hotpath")];
                let Some(found) = candidates.into_iter().find(|folder| is_hotpath(folder)) else {
                    bail!("--path {}: does not contain the crate hotpath", shown(folder));
                };
                Origin::Path(found)
            }
        })
    }
}

fn is_hotpath(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: Option<toml_edit::DocumentMut> = manifest.parse().ok();
    manifest.is_some_and(|manifest| {
        manifest.get("package").and_then(|package| package.get("name")?.as_str()) == Some("hotpath")
    })
}

/// Returns the changes as a patch for `git apply`.
fn patch(plan: &Plan, root: &Path) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let path = plan::shown(root, &change.path);
        let diff = TextDiff::from_lines(&change.before, &change.after);
        _ = write!(text, "{}", diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")));
    }
    text
}

fn as_text(plan: &Plan, root: &Path, written: bool) -> String {
    let mut text = String::new();
    if plan.changes.is_empty() {
        _ = writeln!(text, "{}: nothing to do, it is already instrumented.", plan.package);
    } else {
        text += &patch(plan, root);
        text.push('\n');
    }
    if !plan.functions.is_empty() {
        _ = writeln!(text, "Functions to measure first in {}:", plan.package);
        plan.functions.iter().for_each(|function| _ = writeln!(text, "  {function}"));
    }
    for note in &plan.notes {
        _ = writeln!(text, "Note: {note}.");
    }
    if !plan.changes.is_empty() {
        let files = plan.changes.len();
        let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        _ = match written {
            true => writeln!(text, "Written: {files}."),
            false => {
                writeln!(text, "Nothing was written. To write the changes, add --write.")
            }
        };
    }
    _ = writeln!(text, "Then: {}", plan.command);
    text
}

fn as_json(plan: &Plan, root: &Path, written: bool) -> String {
    let files: Vec<_> = plan.changes.iter().map(|change| plan::shown(root, &change.path)).collect();
    let plan = json!({
        "package": plan.package,
        "files": files,
        "patch": patch(plan, root),
        "functions": plan.functions,
        "notes": plan.notes,
        "command": plan.command,
        "written": written && !plan.changes.is_empty(),
    });
    format!("{plan:#}\n")
}
