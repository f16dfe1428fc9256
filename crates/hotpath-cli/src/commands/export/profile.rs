//! The one model that all formats are written from: the call tree of a report, flattened, with what each node weighs
//! itself; or two of them, matched path by path.
//!
//! What must stay true: parents stand before their children; a path stands once; what is unknown is `None`.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail};
use hotpath_report::{Report, Source, TreeNode, Value, tree};

use super::native::{self, Frames, Native};
use super::weight::{CPU, Index, Own, WEIGHTS, own};

/// A weighted call tree, or the difference of two.
#[derive(Debug)]
pub(crate) struct Profile {
    /// What ran.
    pub(crate) title: String,
    /// The runs it was made from; `base` is there in a difference.
    pub(crate) head: Run,
    pub(crate) base: Option<Run>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) nodes: Vec<Node>,
}

/// What is known of a run as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// Where the report came from, for people.
    pub(crate) from: String,
    pub(crate) duration_ns: u64,
    /// RFC 3339, or empty.
    pub(crate) created_at: String,
    pub(crate) git_sha: Option<String>,
    pub(crate) os: String,
    /// What the report says was lost or left out.
    pub(crate) notes: Vec<String>,
}

/// A function or block, once however many paths lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) source: Option<Source>,
}

/// A function called on one path.
#[derive(Debug)]
pub(crate) struct Node {
    /// Position of the caller in [`Profile::nodes`], smaller than the node's own.
    pub(crate) parent: Option<usize>,
    /// Position in [`Profile::frames`].
    pub(crate) frame: usize,
    /// `None` if only the base has this path.
    pub(crate) head: Option<Own>,
    /// `None` if only the head has it, and where nothing is compared.
    pub(crate) base: Option<Own>,
}

impl Profile {
    /// The call tree of `report`; `from` says where the report came from.
    pub(crate) fn of(report: &Report, from: &str) -> Result<Self> {
        Self::build(report, from, None)
    }

    /// What changed from `base` to `head`.
    pub(crate) fn difference(base: (&Report, &str), head: (&Report, &str)) -> Result<Self> {
        Self::build(head.0, head.1, Some(base))
    }

    fn build(head: &Report, from: &str, base: Option<(&Report, &str)>) -> Result<Self> {
        let mut made = Builder { sources: sources(head), head: Samples::of(head), ..Builder::default() };
        let heads = folded(head, from)?;
        let bases = match base {
            Some((base, from)) => {
                for (name, source) in sources(base) {
                    made.sources.entry(name).or_insert(source);
                }
                made.base = Samples::of(base);
                folded(base, from)?
            }
            None => Vec::new(),
        };
        made.level(None, &heads, &bases);
        Ok(Self {
            title: title(head),
            head: run(head, from),
            base: base.map(|(report, from)| run(report, from)),
            frames: made.frames,
            nodes: made.nodes,
        })
    }

    /// The weights that the run knows; of a difference those that both know.
    pub(crate) fn known(&self) -> Vec<Index> {
        (0..WEIGHTS.len()).filter(|&weight| self.require(weight).is_ok()).collect()
    }

    /// An error that names what is missing, if no node knows this weight, or none has any.
    pub(crate) fn require(&self, weight: Index) -> Result<()> {
        let sides = [(Some(&self.head), Side::Head), (self.base.as_ref(), Side::Base)];
        let mut largest = 0;
        for (run, side) in sides.into_iter().filter_map(|(run, side)| Some((run?, side))) {
            let mut values = self.nodes.iter().filter_map(|node| node.own(side, weight)).peekable();
            if values.peek().is_none() {
                bail!("{} has no {}", run.from, WEIGHTS[weight].missing);
            }
            largest = values.fold(largest, u64::max);
        }
        if largest == 0 {
            bail!("nothing to weigh: {} is 0 everywhere", WEIGHTS[weight].title.to_lowercase());
        }
        Ok(())
    }

    /// What each node of the head weighs with everything that it called.
    pub(crate) fn totals(&self, weight: Index) -> Vec<u64> {
        let own = |node: &Node| node.own(Side::Head, weight).unwrap_or(0);
        let mut totals: Vec<u64> = self.nodes.iter().map(own).collect();
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if let Some(parent) = node.parent {
                totals[parent] = totals[parent].saturating_add(totals[i]);
            }
        }
        totals
    }

    /// The nodes from the root down to this one.
    pub(crate) fn path(&self, node: usize) -> Vec<usize> {
        let mut path: Vec<usize> =
            std::iter::successors(Some(node), |&node| self.nodes[node].parent).collect();
        path.reverse();
        path
    }

    /// The notes of all runs.
    pub(crate) fn notes(&self) -> impl Iterator<Item = &str> {
        self.head.notes.iter().chain(self.base.iter().flat_map(|base| &base.notes)).map(String::as_str)
    }
}

/// A side of a difference. Where nothing is compared everything is the head's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Head,
    Base,
}

impl Node {
    /// What it weighs itself; `None` if that is not known, or if the side does not have this path.
    pub(crate) fn own(&self, side: Side, weight: Index) -> Option<u64> {
        let own = match side {
            Side::Head => &self.head,
            Side::Base => &self.base,
        };
        own.as_ref().and_then(|own| own[weight])
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

/// Where functions stand, as far as a section says so. A name that stands in two places has none.
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
    /// The names from the root to the node that is being added.
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

    /// Moves samples from a node of this path to the frames below it.
    fn take(&mut self, path: &[&str], own: &mut Option<Own>) -> Frames {
        let Some(Some(samples)) = own.as_mut().map(|own| &mut own[CPU]) else { return Frames::default() };
        let frames = self.native.take(path, self.caller, *samples);
        *samples -= frames.total() - frames.samples;
        frames
    }
}

impl<'a> Builder<'a> {
    /// Adds the nodes of one level and what is below: the head's in their order, then those that only the base has.
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
        let mut node = Node { parent, frame, head: head.map(own), base: base.map(own) };
        let head_frames = self.head.take(&self.path, &mut node.head);
        let base_frames = self.base.take(&self.path, &mut node.base);
        self.nodes.push(node);
        self.native(at, Some(&head_frames), Some(&base_frames));
        self.level(Some(at), below(head), below(base));
        self.path.pop();
    }

    /// Adds the native frames below a node. Of them nothing but samples is known.
    fn native(&mut self, parent: usize, head: Option<&Frames>, base: Option<&Frames>) {
        let names: BTreeSet<&String> =
            [head, base].into_iter().flatten().flat_map(|frames| frames.below.keys()).collect();
        for name in names {
            let head = head.and_then(|frames| frames.below.get(name));
            let base = base.and_then(|frames| frames.below.get(name));
            let own = |frames: &Frames| {
                let mut own = Own::default();
                own[CPU] = Some(frames.samples);
                own
            };
            let at = self.nodes.len();
            let frame = self.frame(&native::shown(name));
            self.nodes.push(Node { parent: Some(parent), frame, head: head.map(own), base: base.map(own) });
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
