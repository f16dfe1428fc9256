//! The common model of all formats: the flattened call tree of a report with the exclusive (self) weights of each node; or two
//! trees, matched path by path.
//!
//! Invariants: parents precede their children; a path occurs once; an unknown weight is `None`.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail};
use hotpath_report::{Report, Source, TreeNode, Value, tree};

use super::native::{self, Frames, Native};
use super::weight::{CPU, Index, SelfWeights, WEIGHTS, self_weights};

/// A weighted call tree, or the difference of two.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The name of the program.
    pub(crate) title: String,
    /// The runs; only a difference has a `base`.
    pub(crate) head: Run,
    pub(crate) base: Option<Run>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) nodes: Vec<Node>,
}

/// Facts about a whole run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// The source of the report, for people.
    pub(crate) from: String,
    pub(crate) duration_ns: u64,
    /// RFC 3339, or empty.
    pub(crate) created_at: String,
    pub(crate) git_sha: Option<String>,
    pub(crate) os: String,
    /// The notes of the report: what was lost or left out.
    pub(crate) notes: Vec<String>,
}

/// A function or block; one, however many paths lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) source: Option<Source>,
}

/// A function on one path.
#[derive(Debug)]
pub(crate) struct Node {
    /// Position of the caller in [`Profile::nodes`], smaller than the node's own.
    pub(crate) parent: Option<usize>,
    /// Position in [`Profile::frames`].
    pub(crate) frame: usize,
    /// `None` if only the base has this path.
    pub(crate) head: Option<SelfWeights>,
    /// `None` if only the head has this path, or if there is no base.
    pub(crate) base: Option<SelfWeights>,
}

impl Profile {
    /// Returns the profile of a report; `from` names its source.
    pub(crate) fn of(report: &Report, from: &str) -> Result<Self> {
        Self::build(report, from, None)
    }

    /// Returns the difference of two reports.
    pub(crate) fn difference(base: (&Report, &str), head: (&Report, &str)) -> Result<Self> {
        Self::build(head.0, head.1, Some(base))
    }

    fn build(head: &Report, from: &str, base: Option<(&Report, &str)>) -> Result<Self> {
        let mut builder = Builder { sources: sources(head), head: Samples::of(head), ..Builder::default() };
        let heads = folded(head, from)?;
        let bases = match base {
            Some((base, from)) => {
                for (name, source) in sources(base) {
                    builder.sources.entry(name).or_insert(source);
                }
                builder.base = Samples::of(base);
                folded(base, from)?
            }
            None => Vec::new(),
        };
        builder.level(None, &heads, &bases);
        Ok(Self {
            title: title(head),
            head: run(head, from),
            base: base.map(|(report, from)| run(report, from)),
            frames: builder.frames,
            nodes: builder.nodes,
        })
    }

    /// Returns the weights that the run has; of a difference, those that both runs have.
    pub(crate) fn known(&self) -> Vec<Index> {
        (0..WEIGHTS.len()).filter(|&weight| self.require(weight).is_ok()).collect()
    }

    /// Checks that the run has a weight.
    ///
    /// # Errors
    ///
    /// If no node has it, or all are 0. The message names what is missing.
    pub(crate) fn require(&self, weight: Index) -> Result<()> {
        let sides = [(Some(&self.head), Side::Head), (self.base.as_ref(), Side::Base)];
        let mut largest = 0;
        for (run, side) in sides.into_iter().filter_map(|(run, side)| Some((run?, side))) {
            let mut values = self.nodes.iter().filter_map(|node| node.self_weight(side, weight)).peekable();
            if values.peek().is_none() {
                bail!("{} has no {}", run.from, WEIGHTS[weight].missing);
            }
            largest = values.fold(largest, u64::max);
        }
        if largest == 0 {
            bail!("nothing to show: {} is 0 everywhere", WEIGHTS[weight].title.to_lowercase());
        }
        Ok(())
    }

    /// Returns the inclusive weights of the nodes of the head.
    pub(crate) fn totals(&self, weight: Index) -> Vec<u64> {
        let own = |node: &Node| node.self_weight(Side::Head, weight).unwrap_or(0);
        let mut totals: Vec<u64> = self.nodes.iter().map(own).collect();
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                totals[parent] = totals[parent].saturating_add(totals[i]);
            }
        }
        totals
    }

    /// Returns the nodes from the root to this one.
    pub(crate) fn path(&self, node: usize) -> Vec<usize> {
        let mut path: Vec<usize> =
            std::iter::successors(Some(node), |&node| self.nodes[node].parent).collect();
        path.reverse();
        path
    }

    /// Returns the notes of all runs.
    pub(crate) fn notes(&self) -> impl Iterator<Item = &str> {
        self.head.notes.iter().chain(self.base.iter().flat_map(|base| &base.notes)).map(String::as_str)
    }
}

/// A side of a difference. A profile of one report has only the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Head,
    Base,
}

impl Node {
    /// Returns its exclusive weight; `None` if it is unknown, or if the side does not have this path.
    pub(crate) fn self_weight(&self, side: Side, weight: Index) -> Option<u64> {
        let weights = match side {
            Side::Head => &self.head,
            Side::Base => &self.base,
        };
        weights.as_ref().and_then(|weights| weights[weight])
    }
}

fn folded(report: &Report, from: &str) -> Result<Vec<TreeNode>> {
    if report.call_tree.is_empty() {
        bail!("{from} has no call tree: nothing was measured, or another version of the profiler wrote it");
    }
    Ok(tree::fold(report.call_tree.clone()))
}

fn title(report: &Report) -> String {
    let texts =
        [report.label.as_deref(), Some(&*report.caller_name), report.call_tree.first().map(|n| &*n.name)];
    texts.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or("hotpath").to_owned()
}

fn run(report: &Report, from: &str) -> Run {
    Run {
        from: from.to_owned(),
        duration_ns: report.duration_ns,
        created_at: report.meta.created_at.clone(),
        git_sha: report.meta.git_sha.clone(),
        os: report.meta.os.clone(),
        notes: report.all_notes(),
    }
}

/// Returns the source locations of functions. A name with two locations has none.
fn sources(report: &Report) -> HashMap<String, Option<Source>> {
    let mut known: HashMap<String, Option<Source>> = HashMap::new();
    let sections = ["functions_timing", "functions_alloc"].iter().filter_map(|name| report.section(name));
    for section in sections {
        for row in &section.rows {
            let (Some(name), Value::Place(source)) =
                (section.cell(row, "name").as_text(), section.cell(row, "source"))
            else {
                continue;
            };
            known
                .entry(name.to_owned())
                .and_modify(|known| {
                    if known.as_ref() != Some(source) {
                        *known = None;
                    }
                })
                .or_insert_with(|| Some(source.clone()));
        }
    }
    known
}

#[derive(Default)]
struct Builder<'a> {
    head: Samples<'a>,
    base: Samples<'a>,
    /// The names from the root to the current node.
    path: Vec<&'a str>,
    sources: HashMap<String, Option<Source>>,
    frames: Vec<Frame>,
    by_name: HashMap<String, usize>,
    nodes: Vec<Node>,
}

/// The native stacks of a side.
#[derive(Default)]
struct Samples<'a> {
    native: Native,
    caller: &'a str,
}

impl<'a> Samples<'a> {
    fn of(report: &'a Report) -> Self {
        let native = report.cpu_stacks.as_ref().map(|stacks| Native::of(stacks, &report.caller_name));
        Self { native: native.unwrap_or_default(), caller: &report.caller_name }
    }

    /// Moves samples from the node on this path to the native frames below it.
    fn take(&mut self, path: &[&str], weights: &mut Option<SelfWeights>) -> Frames {
        let Some(Some(samples)) = weights.as_mut().map(|weights| &mut weights[CPU]) else {
            return Frames::default();
        };
        let frames = self.native.take(path, self.caller, *samples);
        *samples -= frames.total() - frames.samples;
        frames
    }
}

impl<'a> Builder<'a> {
    /// Adds the nodes of one level and their descendants: those of the head in their order, then those that only the base has.
    fn level(&mut self, parent: Option<usize>, heads: &'a [TreeNode], bases: &'a [TreeNode]) {
        let in_base: HashMap<&str, &TreeNode> = bases.iter().map(|node| (&*node.name, node)).collect();
        for head in heads {
            let base = in_base.get(&*head.name).copied();
            self.node(parent, Some(head), base);
        }
        let in_head: HashMap<&str, ()> = heads.iter().map(|node| (&*node.name, ())).collect();
        for base in bases.iter().filter(|base| !in_head.contains_key(&*base.name)) {
            self.node(parent, None, Some(base));
        }
    }

    fn node(&mut self, parent: Option<usize>, head: Option<&'a TreeNode>, base: Option<&'a TreeNode>) {
        let Some(name) = head.or(base).map(|node| &*node.name) else { return };
        let at = self.nodes.len();
        let frame = self.frame(name);
        self.path.push(name);
        let mut node = Node { parent, frame, head: head.map(self_weights), base: base.map(self_weights) };
        let head_frames = self.head.take(&self.path, &mut node.head);
        let base_frames = self.base.take(&self.path, &mut node.base);
        self.nodes.push(node);
        self.native(at, Some(&head_frames), Some(&base_frames));
        self.level(Some(at), below(head), below(base));
        self.path.pop();
    }

    /// Adds the native frames below a node. They have only CPU samples.
    fn native(&mut self, parent: usize, head: Option<&Frames>, base: Option<&Frames>) {
        let names: BTreeSet<&String> =
            [head, base].into_iter().flatten().flat_map(|frames| frames.below.keys()).collect();
        for name in names {
            let head = head.and_then(|frames| frames.below.get(name));
            let base = base.and_then(|frames| frames.below.get(name));
            let weights = |frames: &Frames| {
                let mut weights = SelfWeights::default();
                weights[CPU] = Some(frames.samples);
                weights
            };
            let at = self.nodes.len();
            let frame = self.frame(&native::label(name));
            self.nodes.push(Node {
                parent: Some(parent),
                frame,
                head: head.map(weights),
                base: base.map(weights),
            });
            self.native(at, head, base);
        }
    }

    fn frame(&mut self, name: &str) -> usize {
        if let Some(&known) = self.by_name.get(name) {
            return known;
        }
        let source = self.sources.get(name).cloned().flatten();
        self.frames.push(Frame { name: name.to_owned(), source });
        self.by_name.insert(name.to_owned(), self.frames.len() - 1);
        self.frames.len() - 1
    }
}

fn below(node: Option<&TreeNode>) -> &[TreeNode] {
    node.map_or(&[], |node| &node.children)
}
