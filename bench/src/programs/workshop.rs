//! The builds of the programs, below `target/programs`; the repository is not written to.
//!
//! | place there | what |
//! |---|---|
//! | `fetched/NAME` | a package whose only dependency is the crate, so that cargo fetches its sources |
//! | `NAME/FOLDER` | the sources of a crate, instrumented for a build |
//! | `NAME/fresh` | the same while they are being made; only what differs is copied, so that cargo builds no more than it has to |
//! | `NAME/BUILD.bin` | the program |
//! | `NAME/input` | what it reads |

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    input,
    mode::Build,
    profile::Function,
    program::{INPUT, Program, REPOSITORY, Source},
};
use crate::peer;

/// The published crate that takes our place.
const PUBLISHED: &str = "0.30.3";
const ATTRIBUTE: &str = "#[hotpath::measure]";

pub struct Workshop {
    repository: PathBuf,
    /// The folder in which cargo builds the packages of this repository.
    target: PathBuf,
    /// `target/programs`
    root: PathBuf,
    /// The command of this repository, which instruments.
    hotpath: PathBuf,
}

impl Workshop {
    /// Instruments with `hotpath`, or with the command of this repository.
    pub fn here(hotpath: Option<PathBuf>) -> Result<Self, String> {
        let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
        let repository = bench.parent().unwrap_or(bench).to_owned();
        let target = peer::target_directory()?;
        let built = || {
            peer::build(&repository, "hotpath-cli", &target)?;
            Ok::<_, String>(target.join("release").join("hotpath"))
        };
        let hotpath = hotpath.map_or_else(built, Ok)?;
        Ok(Self { root: target.join("programs"), repository, target, hotpath })
    }

    /// The folder in which a program runs.
    pub fn home(&self, program: &Program) -> PathBuf {
        self.root.join(program.name)
    }

    /// The words of the command line, with the input written.
    pub fn arguments(&self, program: &Program) -> Result<Vec<String>, String> {
        let input = self.home(program).join("input");
        let crate_folder = || match program.source {
            Source::Registry { version } => self.fetched(program.name, version),
            Source::Repository { .. } => Err(format!("{} is no crate of the registry", program.name)),
        };
        input::write(&program.input, &input, crate_folder)?;
        let word = |word: &&str| {
            let word = word.replace(INPUT, &input.to_string_lossy());
            word.replace(REPOSITORY, &self.repository.to_string_lossy())
        };
        Ok(program.arguments.iter().map(word).collect())
    }

    /// Builds a program; `None` if it has no such build. `kept` are the functions that stay instrumented where not all do.
    pub fn build(
        &self,
        program: &Program,
        build: Build,
        kept: &[&Function],
    ) -> Result<Option<PathBuf>, String> {
        eprintln!("building {}: {build:?}", program.name);
        let built = match &program.source {
            Source::Registry { version } => Some(self.build_crate(program.name, version, build, kept)?),
            Source::Repository { workspace, package, plain, whole } => {
                self.build_package(workspace, package, build, plain, whole)?
            }
        };
        let Some(built) = built else { return Ok(None) };
        // The next build has the same name.
        let file = self.home(program).join(format!("{build:?}.bin"));
        make_folder(&self.home(program))?;
        fs::copy(&built, &file).map_err(|error| format!("{}: {error}", built.display()))?;
        Ok(Some(file))
    }

    fn build_package(
        &self,
        workspace: &str,
        package: &str,
        build: Build,
        plain: &[&str],
        whole: &[&str],
    ) -> Result<Option<PathBuf>, String> {
        let features = match build {
            Build::Plain => plain,
            Build::Whole => whole,
            Build::Long | Build::Alone(_) | Build::Published => return Ok(None),
        };
        // A workspace of its own has a target folder of its own.
        let target = if workspace.is_empty() { self.target.clone() } else { self.target.join("peers") };
        cargo_build(&self.repository.join(workspace), Some(package), features, &target)?;
        Ok(Some(target.join("release").join(package)))
    }

    fn build_crate(
        &self,
        name: &str,
        version: &str,
        build: Build,
        kept: &[&Function],
    ) -> Result<PathBuf, String> {
        let fetched = self.fetched(name, version)?;
        let home = self.root.join(name);
        let (fresh, sources) = (home.join("fresh"), home.join(build.folder()));
        if fresh.exists() {
            fs::remove_dir_all(&fresh).map_err(|error| format!("{}: {error}", fresh.display()))?;
        }
        copy(&fetched, &fresh)?;
        let manifest = fresh.join("Cargo.toml");
        // It stands inside the folder of another workspace.
        edit(&manifest, |text| text + "\n[workspace]\n")?;
        if build != Build::Plain {
            self.instrument(&manifest)?;
        }
        match build {
            Build::Published => edit(&manifest, |text| with_published(&text))?,
            Build::Long | Build::Alone(_) => keep_only(&fresh, Path::new(""), kept)?,
            Build::Plain | Build::Whole => {}
        }
        copy(&fresh, &sources)?;
        let features: &[&str] = if build == Build::Plain { &[] } else { &["hotpath"] };
        let target = self.root.join("target");
        cargo_build(&sources, None, features, &target)?;
        Ok(target.join("release").join(name))
    }

    fn instrument(&self, manifest: &Path) -> Result<(), String> {
        let mut command = Command::new(&self.hotpath);
        command.args(["init", "--functions", "100000", "--write", "--path"]).arg(&self.repository);
        said(command.arg("--manifest-path").arg(manifest)).map(drop)
    }

    /// The folder of a crate's sources, as cargo unpacks them.
    fn fetched(&self, name: &str, version: &str) -> Result<PathBuf, String> {
        let folder = self.root.join("fetched").join(name);
        make_folder(&folder.join("src"))?;
        let manifest = folder.join("Cargo.toml");
        let text = format!(
            "[package]\nname = \"fetched\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{name} = \"={version}\"\n"
        );
        write_if_other(&manifest, text.as_bytes())?;
        write_if_other(&folder.join("src/lib.rs"), b"")?;
        let metadata =
            said(cargo().args(["metadata", "--format-version", "1", "--manifest-path"]).arg(&manifest))?;
        let metadata: Value =
            serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let path = packages
            .filter(|package| package["name"] == name)
            .find_map(|package| Path::new(package["manifest_path"].as_str()?).parent().map(Path::to_owned));
        path.ok_or_else(|| format!("cargo fetches no {name}"))
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn cargo_build(root: &Path, package: Option<&str>, features: &[&str], target: &Path) -> Result<(), String> {
    let mut command = cargo();
    command.args(["build", "--release", "--quiet", "--bins", "--features", &features.join(",")]);
    command.args(package.iter().flat_map(|package| ["--package", package]));
    command.arg("--manifest-path").arg(root.join("Cargo.toml")).arg("--target-dir").arg(target);
    // Warnings of others are no news.
    said(&mut command).map(drop)
}

/// Returns the output of a command; its errors, if it fails.
fn said(command: &mut Command) -> Result<String, String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn make_folder(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn write_if_other(file: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(file).is_ok_and(|known| known == content) {
        return Ok(());
    }
    fs::write(file, content).map_err(|error| format!("{}: {error}", file.display()))
}

/// Copies a folder's files; those that are there already with the same content keep their time.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    make_folder(to)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            write_if_other(&target, &fs::read(&path).map_err(failed)?)?;
        }
    }
    Ok(())
}

fn edit(file: &Path, change: impl FnOnce(String) -> String) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    write_if_other(file, change(text).as_bytes())
}

/// The manifest with the published crate.
fn with_published(manifest: &str) -> String {
    let line = |line: &str| match line.starts_with("hotpath = { path = ") {
        true => format!("hotpath = \"={PUBLISHED}\"\n"),
        false => format!("{line}\n"),
    };
    manifest.lines().map(line).collect()
}

/// Takes the attribute off all functions but `kept`, in the folder `below` the root and in those in it.
fn keep_only(root: &Path, below: &Path, kept: &[&Function]) -> Result<(), String> {
    let folder = root.join(below);
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = below.join(entry.map_err(failed)?.file_name());
        if root.join(&path).is_dir() {
            keep_only(root, &path, kept)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let sources = kept.iter().filter_map(|function| function.source.as_ref());
            let lines = sources.filter(|(file, _)| Path::new(file) == path).map(|(_, line)| *line);
            let lines: Vec<usize> = lines.collect();
            edit(&root.join(&path), |text| with_attributes_at(&text, &lines))?;
        }
    }
    Ok(())
}

/// The source with the attributes of the functions at these lines, and no others. All lines keep their numbers.
fn with_attributes_at(text: &str, functions: &[usize]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_attribute = |line: &&str| line.trim() == ATTRIBUTE;
    let above = |&function: &usize| lines.iter().take(function).rposition(is_attribute);
    let kept: Vec<usize> = functions.iter().filter_map(above).collect();
    let line = |(index, line): (usize, &&str)| {
        if is_attribute(line) && !kept.contains(&index) { "\n".into() } else { format!("{line}\n") }
    };
    lines.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{with_attributes_at, with_published};

    #[test]
    fn only_the_nearest_attributes_above_stay() {
        let text = "#[hotpath::measure]\nfn a() {}\n  #[hotpath::measure]\n  #[inline]\n  fn b() {}\n#[hotpath::measure]\nfn c() {}\n";
        let alone = "\nfn a() {}\n  #[hotpath::measure]\n  #[inline]\n  fn b() {}\n\nfn c() {}\n";
        assert_eq!(with_attributes_at(text, &[5]), alone);
        assert_eq!(with_attributes_at(text, &[2, 5, 7]), text);
        assert!(!with_attributes_at(text, &[]).contains("measure"));
    }

    #[test]
    fn only_the_dependency_is_replaced() {
        let manifest =
            "[dependencies]\nhotpath = { path = \"../x\" }\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\n";
        let expected =
            "[dependencies]\nhotpath = \"=0.30.3\"\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\n";
        assert_eq!(with_published(manifest), expected);
    }
}
