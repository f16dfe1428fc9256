//! The format of pprof: protobuf in gzip, with all known weights as value types of one profile; the chosen one is the default.
//!
//! A difference has the samples of the head, and those of the base negated and with the label of `pprof -diff_base`, so that
//! percentages are relative to the base.

use std::collections::HashMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use prost::Message;

use super::pprof_proto::{Function, Label, Line, Location, Profile as Proto, Sample, ValueType};
use super::profile::{Node, Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};
use crate::time::unix_seconds;

pub(crate) fn write(profile: &Profile, weight: Index) -> std::io::Result<Vec<u8>> {
    // A header without time and name, so that the same report gives the same bytes.
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::default());
    gzip.write_all(&proto(profile, weight).encode_to_vec())?;
    gzip.finish()
}

fn proto(profile: &Profile, weight: Index) -> Proto {
    let known = profile.known();
    let mut strings = StringTable::new();
    let sample_type = known.iter().map(|&weight| {
        let (r#type, unit) = value_type(weight);
        ValueType { r#type: strings.index(r#type), unit: strings.index(unit) }
    });
    let sample_type = sample_type.collect();
    let (location, function) = locations(profile, &mut strings);
    let written_by =
        concat!("hotpath ", env!("CARGO_PKG_VERSION"), ": aggregated call tree of measured functions");
    let comment =
        std::iter::once(written_by).chain(profile.notes()).map(|note| strings.index(note)).collect();
    let base = vec![Label { key: strings.index("pprof::base"), str: strings.index("true") }];
    let heads = samples(profile, Side::Head, &known, &[]);
    let bases = samples(profile, Side::Base, &known, &base);
    Proto {
        sample_type,
        sample: heads.into_iter().chain(bases).collect(),
        location,
        function,
        time_nanos: unix_seconds(&profile.head.created_at).map_or(0, |s| s.saturating_mul(1_000_000_000)),
        duration_nanos: signed(profile.head.duration_ns),
        comment,
        default_sample_type: strings.index(value_type(weight).0),
        string_table: strings.table,
    }
}

/// Returns the name and the unit that viewers of pprof know.
fn value_type(weight: Index) -> (&'static str, &'static str) {
    let weight = &WEIGHTS[weight];
    let name = match weight.name {
        "time" => "wall",
        "cpu" => "cpu_samples",
        "bytes" => "alloc_space",
        "count" => "alloc_objects",
        name => name,
    };
    let unit = match weight.unit {
        Unit::Nanos => "nanoseconds",
        Unit::Bytes => "bytes",
        Unit::Count => "count",
    };
    (name, unit)
}

/// Returns a location and a function per frame; ids start at 1.
fn locations(profile: &Profile, strings: &mut StringTable) -> (Vec<Location>, Vec<Function>) {
    let locations = profile.frames.iter().zip(1..).map(|(frame, id)| {
        let name = strings.index(&frame.name);
        let filename = frame.source.as_ref().map_or(0, |source| strings.index(&source.file));
        let line = frame.source.as_ref().map_or(0, |source| i64::from(source.line));
        let function = Function { id, name, system_name: name, filename, start_line: line };
        (Location { id, line: vec![Line { function_id: id, line }] }, function)
    });
    locations.unzip()
}

/// Returns a sample per node of this side with an exclusive weight.
fn samples(profile: &Profile, side: Side, known: &[Index], label: &[Label]) -> Vec<Sample> {
    let value = |node: &Node, weight| {
        let own = signed(node.self_weight(side, weight).unwrap_or(0));
        if side == Side::Base { -own } else { own }
    };
    let samples = profile.nodes.iter().enumerate().filter_map(|(i, node)| {
        let values: Vec<i64> = known.iter().map(|&weight| value(node, weight)).collect();
        let location = |node: usize| profile.nodes[node].frame as u64 + 1;
        values.iter().any(|&value| value != 0).then(|| Sample {
            location_id: profile.path(i).into_iter().rev().map(location).collect(),
            value: values,
            label: label.to_vec(),
        })
    });
    samples.collect()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The string table, without duplicates.
struct StringTable {
    table: Vec<String>,
    known: HashMap<String, i64>,
}

impl StringTable {
    fn new() -> Self {
        Self { table: vec![String::new()], known: HashMap::from([(String::new(), 0)]) }
    }

    fn index(&mut self, text: &str) -> i64 {
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        let index = self.table.len() as i64;
        self.table.push(text.to_owned());
        self.known.insert(text.to_owned(), index);
        index
    }
}
