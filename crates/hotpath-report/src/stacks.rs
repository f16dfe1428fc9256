//! Native stacks of CPU samples: addresses as they were found, and their names once somebody looked them up.
//!
//! A program under measurement only notes addresses; `hotpath report --symbolize` finds the names afterwards, in the files that the
//! addresses point into. What must stay true: an index in a stack or frame is one of a frame or module in the same value.

use crate::sorting::{sort_by, sorted_indices};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// The stacks of all threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuStacks {
    /// Nanoseconds of CPU time that a sample stands for; unknown if runs with different ones were merged.
    pub period_ns: Option<u64>,
    /// Samples whose stack found no room.
    pub lost_samples: u64,
    /// The program and its libraries.
    pub modules: Vec<Module>,
    /// The places on the stacks, each once.
    pub frames: Vec<Frame>,
    /// The stacks, each once, the most samples first.
    pub stacks: Vec<Stack>,
}

/// A file of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Module {
    /// Its path.
    pub path: String,
    /// The build id, in hexadecimal digits; empty if the file has none.
    pub build_id: String,
}

/// A place in code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// Index of the module; `None` for code in no file.
    pub module: Option<u32>,
    /// Address as the module's file counts, else as the process did. Of a call it is one inside the calling instruction.
    pub address: u64,
    /// The functions there: that of the innermost inlined call first. Empty while not looked up, or not found.
    pub names: Vec<String>,
}

/// A stack, and how often it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Samples.
    pub samples: u64,
    /// The measured functions that the thread was in, outermost first.
    pub path: Vec<String>,
    /// Indices of the frames, innermost first.
    pub frames: Vec<u32>,
}

impl CpuStacks {
    /// Adds those of another run, or of another thread; the same stack again adds its samples.
    pub fn add(&mut self, other: &CpuStacks) {
        self.period_ns = match (self.is_empty(), other.is_empty()) {
            (true, _) => other.period_ns,
            (_, true) => self.period_ns,
            _ => self.period_ns.filter(|own| Some(*own) == other.period_ns),
        };
        self.lost_samples = self.lost_samples.saturating_add(other.lost_samples);
        let mut modules = Interned::of(std::mem::take(&mut self.modules));
        let mut frames = Interned::of(std::mem::take(&mut self.frames));
        let mut stacks = BTreeMap::new();
        for Stack { samples, path, frames } in self.stacks.drain(..) {
            *stacks.entry((path, frames)).or_insert(0_u64) += samples;
        }
        for stack in &other.stacks {
            let own = stack.frames.iter().filter_map(|index| {
                let frame = other.frames.get(*index as usize)?.clone();
                let module = frame.module.and_then(|index| other.modules.get(index as usize));
                let module = module.map(|module| modules.index(module.clone()));
                Some(frames.index(Frame { module, ..frame }))
            });
            let samples: &mut u64 = stacks.entry((stack.path.clone(), own.collect())).or_default();
            *samples = samples.saturating_add(stack.samples);
        }
        (self.modules, self.frames) = (modules.into_items(), frames.into_items());
        let stack = |((path, frames), samples)| Stack { samples, path, frames };
        self.stacks = stacks.into_iter().map(stack).collect();
        self.sort();
    }

    /// Brings all lists into one order, whatever came first: the most samples first, else by name and address.
    fn sort(&mut self) {
        let modules = sort(&mut self.modules);
        for frame in &mut self.frames {
            frame.module = frame.module.map(|index| modules[index as usize]);
        }
        let frames = sort(&mut self.frames);
        for index in self.stacks.iter_mut().flat_map(|stack| &mut stack.frames) {
            *index = frames[*index as usize];
        }
        sort_by(&mut self.stacks, |a, b| {
            let largest_first = b.samples.cmp(&a.samples);
            largest_first.then_with(|| a.path.cmp(&b.path)).then_with(|| a.frames.cmp(&b.frames))
        });
    }

    fn is_empty(&self) -> bool {
        self.stacks.is_empty() && self.lost_samples == 0
    }

    /// The names of a stack, outermost first: those that were found, else file and address.
    ///
    /// ```
    /// use hotpath_report::stacks::{CpuStacks, Frame, Module, Stack};
    /// let frame = |address, names: &[&str]| Frame {
    ///     module: Some(0),
    ///     address,
    ///     names: names.iter().map(|name| (*name).to_owned()).collect(),
    /// };
    /// let stacks = CpuStacks {
    ///     modules: vec![Module { path: "/usr/bin/app".into(), ..Module::default() }],
    ///     frames: vec![frame(0x40, &["app::inlined", "app::outer"]), frame(0x99, &[])],
    ///     ..CpuStacks::default()
    /// };
    /// let stack = Stack { samples: 1, path: Vec::new(), frames: vec![0, 1] };
    /// assert_eq!(stacks.names(&stack), ["app+0x99", "app::outer", "app::inlined"]);
    /// ```
    pub fn names(&self, stack: &Stack) -> Vec<String> {
        let frames = stack.frames.iter().rev().filter_map(|index| self.frames.get(*index as usize));
        frames.flat_map(|frame| self.names_of(frame)).collect()
    }

    fn names_of(&self, frame: &Frame) -> Vec<String> {
        if !frame.names.is_empty() {
            return frame.names.iter().rev().cloned().collect();
        }
        let module = frame.module.and_then(|index| self.modules.get(index as usize));
        let file = module.and_then(|module| module.path.rsplit('/').next()).unwrap_or_default();
        let plus = if file.is_empty() { "" } else { "+" };
        vec![format!("{file}{plus}{:#x}", frame.address)]
    }
}

impl Serialize for CpuStacks {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("period_ns", &self.period_ns)?;
        map.serialize_entry("lost_samples", &self.lost_samples)?;
        map.serialize_entry("modules", &self.modules)?;
        map.serialize_entry("frames", &self.frames)?;
        map.serialize_entry("stacks", &self.stacks)?;
        map.end()
    }
}

impl Serialize for Module {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("build_id", &(!self.build_id.is_empty()).then_some(&self.build_id))?;
        map.end()
    }
}

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("module", &self.module)?;
        map.serialize_entry("address", &self.address)?;
        if !self.names.is_empty() {
            map.serialize_entry("names", &self.names)?;
        }
        map.end()
    }
}

impl Serialize for Stack {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("samples", &self.samples)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("frames", &self.frames)?;
        map.end()
    }
}

/// Sorts a list; where each item went.
fn sort<T: Ord + Clone>(items: &mut Vec<T>) -> Vec<u32> {
    let order = sorted_indices(items.len(), &|a, b| items[a].cmp(&items[b]));
    let mut places = vec![0; items.len()];
    for (place, index) in (0..).zip(&order) {
        places[*index] = place;
    }
    *items = order.into_iter().map(|index| items[index].clone()).collect();
    places
}

/// Values that are listed once each and named by their place in the list.
struct Interned<T> {
    items: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn of(items: Vec<T>) -> Self {
        let places = items.iter().zip(0..).map(|(item, place)| (item.clone(), place)).collect();
        Self { items, places }
    }

    fn index(&mut self, item: T) -> u32 {
        let next = self.items.len() as u32;
        *self.places.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            next
        })
    }

    fn into_items(self) -> Vec<T> {
        self.items
    }
}
