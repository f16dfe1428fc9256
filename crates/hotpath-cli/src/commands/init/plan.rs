//! What to add to a crate: computed whole, before anything is shown or written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::functions::{Functions, Main, Proposal};
use super::manifest::{Fixed, Manifest, Origin};
use super::source_file::SourceFile;
use super::workspace::{Dependency, Package, Target, Workspace};

/// What is wished.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) bin: Option<String>,
    pub(super) functions: usize,
    pub(super) optional: bool,
    pub(super) origin: Origin,
}

/// What to do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The package it is for.
    pub(super) package: String,
    pub(super) changes: Vec<Change>,
    /// Functions that are proposed, with place and reason.
    pub(super) functions: Vec<String>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
    /// What to run afterwards.
    pub(super) command: String,
}

/// A file, before and after.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// How a package uses hotpath: that decides how an attribute is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `#[hotpath::measure]`: the dependency is always there.
    Plain,
    /// `#[cfg_attr(feature = "hotpath", hotpath::measure)]`: it is optional.
    Optional,
}

impl Plan {
    pub(super) fn make(workspace: &Workspace, package: &Package, options: &Options) -> Result<Self> {
        let mut planner = Planner::new(workspace, package, options)?;
        planner.look()?;
        planner.package()?;
        planner.mains();
        planner.functions()?;
        Ok(planner.finish())
    }
}

/// Bytes to put into a file.
struct Insertion {
    at: usize,
    attribute: String,
}

struct Planner<'a> {
    workspace: &'a Workspace,
    package: &'a Package,
    options: &'a Options,
    bins: Vec<&'a Target>,
    /// Each file with the package it belongs to.
    files: Vec<(SourceFile, &'a Package)>,
    found: Functions,
    insertions: BTreeMap<usize, Vec<Insertion>>,
    manifests: BTreeMap<PathBuf, Manifest>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(workspace: &'a Workspace, package: &'a Package, options: &'a Options) -> Result<Self> {
        let bins: Vec<_> = match &options.bin {
            Some(name) => package.bins().filter(|bin| bin.name == *name).collect(),
            None => package.bins().collect(),
        };
        if let (Some(name), true) = (&options.bin, bins.is_empty()) {
            let names: Vec<_> = package.bins().map(|bin| bin.name.as_str()).collect();
            bail!("{} has no program {name}; it has: {}", package.name, names.join(", "));
        }
        if bins.is_empty() && package.lib().is_none() {
            bail!("{} has neither a program nor a library that could be measured", package.name);
        }
        let mut planner = Self {
            workspace,
            package,
            options,
            bins,
            files: Vec::new(),
            found: Functions::default(),
            insertions: BTreeMap::new(),
            manifests: BTreeMap::new(),
            plan: Plan::default(),
        };
        planner.usable(package)?;
        planner.plan.package.clone_from(&package.name);
        planner.plan.command = planner.command();
        Ok(planner)
    }

    /// Reads the sources: of the programs, of the library, and of members below.
    fn look(&mut self) -> Result<()> {
        let roots: Vec<_> = self.bins.iter().map(|bin| (bin.source.clone(), self.package, true)).collect();
        let own = self.package.lib().map(|lib| (lib.source.clone(), self.package, false));
        let members = self.workspace.members_below(self.package).into_iter();
        let members = members.filter(|member| self.usable(member).is_ok());
        let members: Vec<_> =
            members.filter_map(|member| Some((member.lib()?.source.clone(), member, false))).collect();
        for (root, package, is_program) in roots.into_iter().chain(own).chain(members) {
            self.read(&root, package, is_program)?;
        }
        Ok(())
    }

    fn read(&mut self, root: &Path, package: &'a Package, is_program: bool) -> Result<()> {
        if is_program {
            // Without its `main` there is nothing to say about a program.
            SourceFile::read(root)?;
        }
        let home = package.manifest.parent().unwrap_or(Path::new(""));
        if SourceFile::read(root).is_ok_and(|source| source.is_without_std()) {
            let place = self.shown(root);
            self.plan.notes.push(format!("{place} is `no_std`: left out"));
            return Ok(());
        }
        for source in SourceFile::follow(root, &mut self.plan.notes) {
            let is_known =
                self.files.iter().any(|(known, _)| super::workspace::same(&known.path, &source.path));
            let is_inside = match (source.path.canonicalize(), home.canonicalize()) {
                (Ok(path), Ok(home)) => path.starts_with(home),
                _ => false,
            };
            if is_known || !is_inside {
                continue;
            }
            self.found.add(self.files.len(), &source, is_program && source.path == root);
            self.files.push((source, package));
        }
        Ok(())
    }

    /// Dependency and features of the package itself.
    fn package(&mut self) -> Result<()> {
        self.depend(self.package)?;
        self.origin_note();
        let style = self.style(self.package);
        let is_always_on =
            self.own_dependency(self.package).is_some_and(|own| own.features.iter().any(|f| f == "hotpath"));
        if is_always_on {
            let name = &self.package.name;
            self.plan.notes.push(format!("the profiler is always on in {name}: its dependency says so"));
            self.plan.command = self.plan.command.replace(" --features hotpath", "");
            return Ok(());
        }
        let own_allocator = self.found.own_allocator;
        let libraries = libraries(self.package);
        let manifest = self.manifest(&self.package.manifest)?;
        let main: &[&str] =
            if style == Style::Optional { &["dep:hotpath", "hotpath/hotpath"] } else { &["hotpath/hotpath"] };
        manifest.add_feature("hotpath", main, Fixed::Never)?;
        for name in ["hotpath-alloc", "hotpath-cpu", "hotpath-mcp"] {
            if name == "hotpath-alloc" && own_allocator {
                continue;
            }
            manifest.add_feature(name, &["hotpath", &format!("hotpath/{name}")], Fixed::WhenThere)?;
        }
        if libraries.contains(&"hotpath/tokio") {
            manifest.add_feature("hotpath-tokio", &["hotpath", "hotpath/tokio"], Fixed::WhenThere)?;
        }
        if libraries.iter().any(|library| *library != "hotpath/tokio") {
            let values: Vec<_> = ["hotpath"].into_iter().chain(libraries).collect();
            manifest.add_feature("hotpath-data-flow", &values, Fixed::WhenThere)?;
        }
        if own_allocator {
            self.plan.notes.push(
                "the program has an allocator of its own, so `hotpath-alloc` is left out: name that allocator in \
                 `#[hotpath::main(allocator = …)]` instead of `#[global_allocator]`, then add \
                 `hotpath-alloc = [\"hotpath\", \"hotpath/hotpath-alloc\"]`"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// `#[hotpath::main]`.
    fn mains(&mut self) {
        let mut insertions = Vec::new();
        for main in &self.found.mains {
            if !main.is_marked && !self.found.is_guarded(main) {
                insertions.push((main.file, main.begin, self.attribute(self.package, "main", "")));
            }
        }
        for (file, at, attribute) in insertions {
            self.insert(file, at, attribute);
        }
        for bin in &self.bins {
            let has_main = |main: &Main| self.files[main.file].0.path == bin.source;
            if !self.found.mains.iter().any(has_main) {
                let place = self.shown(&bin.source);
                self.plan.notes.push(format!(
                    "no `fn main` is written out in {place}: put `#[hotpath::main]` on the function that runs the program"
                ));
            }
        }
        if self.bins.is_empty() {
            let lib = self.package.lib().map_or(&*self.package.name, |lib| &*lib.name);
            self.plan.notes.push(format!(
                "{lib} is a library, so a program, test or benchmark that uses it makes the report: \
                 `#[hotpath::main]` on its `main`, or `let _report = hotpath::HotpathGuardBuilder::new(\"{lib}\").build();` \
                 in a test"
            ));
        }
    }

    /// `#[hotpath::measure]`, and what that needs where the function is in another member.
    fn functions(&mut self) -> Result<()> {
        let mut chosen = Vec::new();
        for Proposal { function, why } in self.found.propose(self.options.functions) {
            let (source, package) = &self.files[function.file];
            let argument = match &function.of_type {
                Some(name) => format!("(impl_type = \"{name}\")"),
                None => String::new(),
            };
            let place = format!("{}:{}", self.shown(&source.path), function.line);
            let attribute = self.attribute(package, "measure", &argument);
            chosen.push((
                (function.file, function.begin, attribute),
                *package,
                format!("{} ({place}): {why}", function.name),
            ));
        }
        for ((file, at, attribute), package, text) in chosen {
            self.insert(file, at, attribute);
            self.plan.functions.push(text);
            if package.name != self.package.name {
                self.member(package)?;
            }
        }
        Ok(())
    }

    /// A member below: the dependency is enough, since cargo builds one hotpath, with the features that the program turns on.
    /// An optional one needs a feature to be there.
    fn member(&mut self, member: &'a Package) -> Result<()> {
        self.depend(member)?;
        if self.style(member) == Style::Plain {
            return Ok(());
        }
        self.manifest(&member.manifest)?.add_feature(
            "hotpath",
            &["dep:hotpath", "hotpath/hotpath"],
            Fixed::Never,
        )?;
        let key = self.package.dependency(&member.name).map_or(&*member.name, Dependency::key);
        let value = format!("{key}/hotpath");
        self.manifest(&self.package.manifest)?.add_feature("hotpath", &[&value], Fixed::Never)
    }

    /// Adds the dependency, where the workspace keeps them.
    fn depend(&mut self, package: &'a Package) -> Result<()> {
        if self.own_dependency(package).is_some() {
            return Ok(());
        }
        let optional = self.style(package) == Style::Optional;
        let root = self.workspace.root.join("Cargo.toml");
        let origin = self.options.origin.clone();
        if root.is_file() && self.manifest(&root)?.keeps_dependencies() {
            self.manifest(&root)?.keep_dependency(&origin)?;
            return self.manifest(&package.manifest)?.add_dependency(&Origin::Workspace, optional);
        }
        self.manifest(&package.manifest)?.add_dependency(&origin, optional)
    }

    /// Where the dependency points, if that is not what everybody wants.
    fn origin_note(&mut self) {
        if matches!(self.options.origin, Origin::Registry) && self.own_dependency(self.package).is_none() {
            self.plan.notes.push(
                "the dependency names the registry; `--git URL` or `--path DIR` takes hotpath from its repository"
                    .to_owned(),
            );
        }
    }

    /// The package's own hotpath. Under another name the attributes would not find it.
    fn usable(&self, package: &Package) -> Result<()> {
        match self.own_dependency(package) {
            Some(Dependency { rename: Some(name), .. }) => bail!(
                "{} has hotpath under the name {name}; what the attributes expand to needs the name `hotpath`",
                package.name
            ),
            _ => Ok(()),
        }
    }

    fn own_dependency<'b>(&self, package: &'b Package) -> Option<&'b Dependency> {
        package.dependency("hotpath")
    }

    fn style(&self, package: &Package) -> Style {
        let optional = self.own_dependency(package).map_or(self.options.optional, |own| own.optional);
        if optional { Style::Optional } else { Style::Plain }
    }

    fn attribute(&self, package: &Package, name: &str, arguments: &str) -> String {
        match self.style(package) {
            Style::Plain => format!("#[hotpath::{name}{arguments}]"),
            Style::Optional => format!("#[cfg_attr(feature = \"hotpath\", hotpath::{name}{arguments})]"),
        }
    }

    fn insert(&mut self, file: usize, at: usize, attribute: String) {
        self.insertions.entry(file).or_default().push(Insertion { at, attribute });
    }

    fn manifest(&mut self, path: &Path) -> Result<&mut Manifest> {
        if !self.manifests.contains_key(path) {
            self.manifests.insert(path.to_owned(), Manifest::read(path)?);
        }
        self.manifests.get_mut(path).ok_or_else(|| anyhow::anyhow!("{} is gone", path.display()))
    }

    fn command(&self) -> String {
        let is_alone = self.workspace.packages.len() == 1;
        let package = if is_alone { String::new() } else { format!(" -p {}", self.package.name) };
        match self.bins.as_slice() {
            [] => format!("cargo test{package} --features hotpath -- --test-threads=1 --nocapture"),
            [bin] if self.package.bins().count() > 1 => {
                format!("cargo run --release{package} --bin {} --features hotpath", bin.name)
            }
            [_] => format!("cargo run --release{package} --features hotpath"),
            [first, ..] => format!("cargo run --release{package} --bin {} --features hotpath", first.name),
        }
    }

    /// A path as people in the workspace name it.
    fn shown(&self, path: &Path) -> String {
        shown(&self.workspace.root, path)
    }

    fn finish(mut self) -> Plan {
        let manifests = self.manifests.into_values().map(|manifest| Change {
            after: manifest.after(),
            before: manifest.before.text,
            path: manifest.path,
        });
        let mut changes: Vec<_> = manifests.collect();
        for (file, insertions) in self.insertions {
            let source = &self.files[file].0;
            changes.push(Change {
                path: source.path.clone(),
                before: source.before.text.clone(),
                after: with(source, insertions),
            });
        }
        changes.retain(|change| change.before != change.after);
        self.plan.changes = changes;
        self.plan
    }
}

/// A path from the root of the workspace, with `/`.
pub(super) fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}

/// The features for the libraries that a package uses, whose channels and runtimes can be watched.
fn libraries(package: &Package) -> Vec<&'static str> {
    const LIBRARIES: [(&[&str], &str); 5] = [
        (&["tokio"], "hotpath/tokio"),
        (&["futures", "futures-channel"], "hotpath/futures"),
        (&["crossbeam", "crossbeam-channel"], "hotpath/crossbeam"),
        (&["flume"], "hotpath/flume"),
        (&["async-channel"], "hotpath/async-channel"),
    ];
    let used = |names: &[&str]| names.iter().any(|name| package.dependency(name).is_some());
    LIBRARIES.into_iter().filter(|(names, _)| used(names)).map(|(_, feature)| feature).collect()
}

/// The text with these attributes in it: each on a line of its own, as deep as what it stands on.
fn with(source: &SourceFile, mut insertions: Vec<Insertion>) -> String {
    insertions.sort_by_key(|insertion| std::cmp::Reverse(insertion.at));
    let mut text = source.before.text.clone();
    for Insertion { at, attribute } in insertions {
        let at = at + source.skipped;
        let line = text[..at].rfind('\n').map_or(source.skipped, |newline| newline + 1);
        let in_front = &text[line..at];
        let separator = if in_front.trim().is_empty() {
            format!("{}{in_front}", source.before.newline())
        } else {
            " ".to_owned()
        };
        text.insert_str(at, &format!("{attribute}{separator}"));
    }
    text
}
