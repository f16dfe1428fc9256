//! Edits of a `Cargo.toml` that preserve its comments, order and spacing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::source_file::Text;
use crate::file::shown;

/// A manifest that is being edited.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) path: PathBuf,
    pub(super) before: Text,
    document: DocumentMut,
}

/// The source of the dependency on hotpath.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Registry,
    Git(String),
    /// The folder of the crate.
    Path(PathBuf),
    /// The entry in `[workspace.dependencies]`.
    Workspace,
}

/// The version of the interface that programs are written for.
const VERSION: &str = "0.16";

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let before = Text::read(path)?;
        let document = before.text.parse().with_context(|| format!("{}: invalid TOML", shown(path)))?;
        Ok(Self { path: path.to_owned(), before, document })
    }

    /// Returns the edited text.
    pub(super) fn after(&self) -> String {
        let text = self.document.to_string();
        // The TOML library writes new lines as `\n`.
        if self.before.crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// Returns whether it has `[workspace.dependencies]`.
    pub(super) fn has_workspace_dependencies(&self) -> bool {
        self.document.get("workspace").and_then(|table| table.get("dependencies")).is_some()
    }

    /// Adds `hotpath` to `[workspace.dependencies]`, unless it is there.
    pub(super) fn add_workspace_dependency(&mut self, origin: &Origin) -> Result<()> {
        let folder = self.folder();
        let workspace = table(self.document.as_table_mut(), "workspace")?;
        let dependencies = table(workspace, "dependencies")?;
        if !dependencies.contains_key("hotpath") {
            insert(dependencies, "hotpath", origin.value(&folder, false));
        }
        Ok(())
    }

    /// Adds `hotpath` to `[dependencies]`.
    pub(super) fn add_dependency(&mut self, origin: &Origin, optional: bool) -> Result<()> {
        let value = origin.value(&self.folder(), optional);
        insert(table(self.document.as_table_mut(), "dependencies")?, "hotpath", value);
        Ok(())
    }

    /// Ensures that there is a feature `name` that enables `values`, itself or through others.
    pub(super) fn add_feature(&mut self, name: &str, values: &[&str], existing: Existing) -> Result<()> {
        if let Some(features) = self.document.get("features").and_then(Item::as_table_like)
            && features.contains_key(name)
        {
            let missing: Vec<_> = values.iter().filter(|value| !enables(features, name, value)).collect();
            if existing == Existing::Keep || missing.is_empty() {
                return Ok(());
            }
            let list = self.document["features"][name].as_array_mut();
            let list = list.ok_or_else(|| anyhow!("feature `{name}`: expected an array"))?;
            for value in missing {
                list.push(*value);
            }
            return Ok(());
        }
        let list: Array = values.iter().copied().collect();
        insert(table(self.document.as_table_mut(), "features")?, name, Value::Array(list));
        Ok(())
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).to_owned()
    }
}

/// The treatment of an existing feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// Leaves it unchanged.
    Keep,
    /// Adds the missing values.
    Extend,
}

impl Origin {
    /// Returns the value of `hotpath =` in a manifest in `folder`.
    fn value(&self, folder: &Path, optional: bool) -> Value {
        let mut table = InlineTable::new();
        match self {
            Self::Registry if !optional => return Value::from(VERSION),
            Self::Registry => table.insert("version", VERSION.into()),
            Self::Git(url) => table.insert("git", url.as_str().into()),
            Self::Path(path) => table.insert("path", relative(folder, path).into()),
            Self::Workspace => table.insert("workspace", true.into()),
        };
        if optional {
            table.insert("optional", true.into());
        }
        Value::InlineTable(table)
    }
}

/// Returns the relative path from one folder to another, with `/`; the whole path if there is none.
fn relative(from: &Path, to: &Path) -> String {
    let (from, to) = (from.canonicalize().unwrap_or(from.into()), to.canonicalize().unwrap_or(to.into()));
    let common = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    if common == 0 {
        return to.display().to_string();
    }
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Returns the table of this name, and creates it if it is missing.
fn table<'a>(parent: &'a mut dyn TableLike, name: &str) -> Result<&'a mut dyn TableLike> {
    if !parent.contains_key(name) {
        parent.insert(name, Item::Table(Table::new()));
    }
    match parent.get_mut(name).and_then(Item::as_table_like_mut) {
        Some(table) => Ok(table),
        None => bail!("`{name}`: expected a table"),
    }
}

/// Adds an entry; in its place if the entries are in alphabetical order.
fn insert(table: &mut dyn TableLike, key: &str, value: Value) {
    let keys: Vec<_> = table.iter().map(|(key, _)| key.to_owned()).collect();
    table.insert(key, Item::Value(value));
    if keys.is_sorted() {
        table.sort_values();
    }
}

/// Returns whether the feature `name` enables `wanted`, itself or through other features.
fn enables(features: &dyn TableLike, name: &str, wanted: &str) -> bool {
    let mut seen = vec![name.to_owned()];
    let mut next = 0;
    while let Some(name) = seen.get(next).cloned() {
        next += 1;
        for value in
            features.get(&name).and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            // `hotpath/hotpath` enables the optional dependency, too; `hotpath?/hotpath` does not.
            let implied = wanted.strip_prefix("dep:").and_then(|krate| value.strip_prefix(krate));
            if value == wanted || implied.is_some_and(|rest| rest.starts_with('/')) {
                return true;
            }
            if !seen.iter().any(|other| other == value) {
                seen.push(value.to_owned());
            }
        }
    }
    false
}
