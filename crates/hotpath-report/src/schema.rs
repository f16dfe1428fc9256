//! The JSON Schema of a report, made from the same declarations as the report itself.
//!
//! It is committed as `schema/report.json`; a test fails when that file is stale.

use crate::column::{ColumnInfo, Heading, Merge, Part, Wire};
use crate::finding::Confidence;
use crate::report::SCHEMA_VERSION;
use crate::section::{Declaration, Envelope};
use crate::sections::SECTIONS;
use crate::value::Unit;
use serde_json::{Map, Value as Json, json};

/// The JSON Schema (2020-12) of a report, indented, with a newline at the end.
///
/// ```
/// assert!(hotpath_report::schema().contains("https://json-schema.org/draft/2020-12/schema"));
/// ```
pub fn schema() -> String {
    format!("{:#}\n", document())
}

/// The JSON Schema of one section, with the definitions it needs; `None` for a name that no section has.
pub fn section_schema(name: &str) -> Option<Json> {
    let readings: Vec<&Declaration> = SECTIONS.iter().filter(|section| section.spec.name == name).collect();
    readings.first()?;
    let mut schema = section(&readings);
    schema["$defs"] = json!({ "location": place(true), "source": place(false), "histogram": histogram() });
    Some(schema)
}

fn document() -> Json {
    let mut properties = Keys::default();
    properties.required("type", json!({ "const": "hotpath_report" }));
    properties.required("schema_version", json!({ "const": SCHEMA_VERSION }));
    properties.optional("label", described("string", "A name for this run."));
    properties.required("duration_ns", described("integer", "Nanoseconds from the start of profiling."));
    properties.required("version", nullable("string", "Version of the profiler."));
    properties.required("meta", meta());
    properties.required("overhead", overhead());
    properties.optional("budget", budget());
    for section in SECTIONS {
        properties.optional(section.spec.name, json!({ "$ref": format!("#/$defs/{}", section.spec.name) }));
    }
    properties
        .required("call_tree", json!({ "type": "array", "items": { "$ref": "#/$defs/call_tree_node" } }));
    properties.optional("cpu_stacks", cpu_stacks());
    properties.optional(
        "time_sampling",
        map_of("number", "Resources whose times are sampled, with the rate (0-1)."),
    );
    properties.optional("user_metadata", map_of("string", "Metadata of the user."));
    properties.optional(
        "rounded",
        described("boolean", "True if the numbers were read from formatted strings, and are rounded."),
    );
    properties.optional("notes", list_of("string", "Notes on what was lost or left out, one sentence each."));
    properties.optional("findings", json!({ "type": "array", "items": { "$ref": "#/$defs/finding" } }));
    let mut schema = properties.object("A report of one profiled run.");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("hotpath report");
    schema["$defs"] = definitions();
    schema
}

/// The keys of an object, in any order: a schema says what may be there, not where.
#[derive(Default)]
struct Keys {
    properties: Map<String, Json>,
    patterns: Map<String, Json>,
    required: Vec<String>,
}

impl Keys {
    fn required(&mut self, key: &str, schema: Json) {
        self.required.push(key.to_owned());
        self.optional(key, schema);
    }

    /// Of two schemas for one key the first stays.
    fn optional(&mut self, key: &str, schema: Json) {
        self.properties.entry(key).or_insert(schema);
    }

    fn object(self, about: &str) -> Json {
        let mut schema = json!({ "type": "object", "description": about, "properties": self.properties });
        if !self.patterns.is_empty() {
            schema["patternProperties"] = Json::Object(self.patterns);
        }
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema
    }
}

fn cpu_stacks() -> Json {
    let list = |keys: Keys, about: &str| json!({ "type": "array", "items": keys.object(about) });
    let mut module = Keys::default();
    module.required("path", described("string", "Path of the file."));
    module.required("build_id", nullable("string", "Build id of the file."));
    let mut frame = Keys::default();
    frame.required("module", nullable("integer", "Place in `modules`; null for code in no file."));
    frame.required("address", described("integer", "Address as the file counts."));
    frame.optional("names", list_of("string", "Functions there, the innermost inlined one first."));
    let mut stack = Keys::default();
    stack.required("samples", described("integer", "Number of samples with this stack."));
    stack.required("path", list_of("string", "Measured functions, outermost first."));
    stack.required("frames", list_of("integer", "Places in `frames`, innermost first."));
    let mut keys = Keys::default();
    keys.required("period_ns", nullable("integer", "CPU time that a sample stands for."));
    keys.required("lost_samples", described("integer", "Samples whose stack found no room."));
    keys.required("modules", list(module, "The program, or a library."));
    keys.required("frames", list(frame, "A place in code."));
    keys.required("stacks", list(stack, "A stack."));
    keys.object("Native stacks of CPU samples.")
}

fn definitions() -> Json {
    let mut definitions = Map::new();
    for declared in SECTIONS {
        let readings: Vec<&Declaration> =
            SECTIONS.iter().filter(|s| s.spec.name == declared.spec.name).collect();
        definitions.entry(declared.spec.name).or_insert_with(|| section(&readings));
    }
    definitions.insert("call_tree_node".to_owned(), call_tree_node());
    definitions.insert("finding".to_owned(), finding());
    definitions.insert("location".to_owned(), place(true));
    definitions.insert("source".to_owned(), place(false));
    definitions.insert("histogram".to_owned(), histogram());
    Json::Object(definitions)
}

/// A section; several readings of one name give the keys that any of them has.
fn section(readings: &[&Declaration]) -> Json {
    let spec = readings[0].spec;
    let mut keys = Keys::default();
    match spec.envelope {
        Envelope::Functions => {
            let modes: Vec<&str> = distinct(readings.iter().map(|reading| reading.spec.short));
            keys.required("profiling_mode", json!({ "enum": modes }));
            keys.required("time_elapsed", described("string", "Length of the run."));
            keys.required("total_elapsed_ns", described("integer", "Length of the run in nanoseconds."));
            keys.required("description", described("string", "Description of the section."));
            keys.required("caller_name", described("string", "The function that holds the guard."));
        }
        Envelope::Elapsed | Envelope::Named(_) | Envelope::List | Envelope::Log(_) => {
            keys.required("current_elapsed_ns", described("integer", "Length of the run in nanoseconds."));
        }
    }
    keys.required("percentiles", list_of("number", "Percentiles of the distributions."));
    let scopes: Vec<&str> = distinct(readings.iter().filter_map(|reading| reading.spec.scope));
    if !scopes.is_empty() {
        keys.required("scope", json!({ "enum": scopes }));
    }
    let percent_base = || nullable("integer", "Value of 100 %, in the unit of the totals.");
    if readings.iter().all(|reading| !reading.spec.base.is_empty()) {
        keys.required("percent_base", percent_base());
    } else if readings.iter().any(|reading| !reading.spec.base.is_empty()) {
        keys.optional("percent_base", percent_base());
    }
    keys.required("total_count", described("integer", "Rows there are."));
    keys.required("included_count", described("integer", "Rows in this report."));
    add_columns(&mut keys, readings, Declaration::fields);
    keys.required(spec.envelope.rows_key(), rows(readings));
    for list in readings[0].lists {
        keys.required(list.spec.name, rows(&[list]));
    }
    keys.object(spec.description)
}

fn rows(readings: &[&Declaration]) -> Json {
    let mut row = Keys::default();
    add_columns(&mut row, readings, Declaration::columns);
    json!({ "type": "array", "items": row.object(&format!("One {}.", readings[0].spec.title)) })
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for word in words {
        if !distinct.contains(&word) {
            distinct.push(word);
        }
    }
    distinct
}

/// Adds the keys of every reading; a key is required if all of them always write it.
fn add_columns(keys: &mut Keys, readings: &[&Declaration], of: fn(&Declaration) -> Vec<&'static ColumnInfo>) {
    let written = |reading: &&Declaration| -> Vec<(String, bool, Json)> {
        Heading::expand(&of(reading), &[0.0]).iter().flat_map(written_keys).collect()
    };
    let all: Vec<Vec<(String, bool, Json)>> = readings.iter().map(written).collect();
    let everywhere =
        |key: &str| all.iter().all(|keys| keys.iter().any(|(own, always, _)| own == key && *always));
    let mut required: Vec<String> = Vec::new();
    for (key, _, schema) in all.iter().flatten() {
        if let Some(suffix) = key.strip_prefix('^') {
            keys.patterns.insert(format!("^{suffix}"), schema.clone());
            continue;
        }
        keys.optional(key, schema.clone());
        if everywhere(key) && !required.contains(key) {
            required.push(key.clone());
        }
    }
    keys.required.extend(required);
}

/// Keys that a heading writes, whether they are always written, and their schemas. A pattern starts with `^`.
fn written_keys(heading: &Heading) -> Vec<(String, bool, Json)> {
    let always = !heading.column.is_optional();
    let about = describe(heading);
    let formatted = heading.formatted_key().map(|key| (key, nullable("string", &about)));
    let number = heading.number_key().map(|key| (key, number(heading, &about)));
    let pattern = |key: String| match heading.part {
        Part::Percentile(_) => format!("^{}$", key.replacen("p0", "p[0-9]+(\\.[0-9]+)?", 1)),
        _ => key,
    };
    let own = formatted.into_iter().chain(number).map(|(key, schema)| (pattern(key), schema));
    let nested = heading.nested_keys().map(|(key, _)| (key.to_owned(), nested_percentiles(&about)));
    nested.into_iter().chain(own).map(|(key, schema)| (key, always, schema)).collect()
}

fn describe(heading: &Heading) -> String {
    let part = match heading.part {
        Part::Whole => return heading.column.about.to_owned(),
        Part::Avg => "mean",
        Part::Percentile(_) => "percentile",
        Part::Min => "smallest",
        Part::Max => "largest",
        Part::Sum => "sum",
        Part::Histogram => "histogram",
    };
    format!("{} ({part})", heading.column.about.trim_end_matches('.'))
}

fn number(heading: &Heading, about: &str) -> Json {
    if heading.part == Part::Histogram {
        return either_null("histogram", about);
    }
    match (heading.column.unit, heading.column.wire) {
        (Unit::Place, Wire::Place { with_column: true }) => either_null("location", about),
        (Unit::Place, _) => either_null("source", about),
        (Unit::Name, _) if heading.column.merge == Merge::Key => described("string", about),
        (Unit::Name, _) => nullable("string", about),
        (Unit::Text, _) => nullable("string", about),
        (Unit::Flag, _) => nullable("boolean", about),
        (Unit::Percent | Unit::Rate | Unit::Load | Unit::Float, _) => nullable("number", about),
        (Unit::SignedBytes, _) => nullable("integer", about),
        (Unit::Count | Unit::Nanos | Unit::Bytes, _) => {
            let mut schema = nullable("integer", about);
            schema["minimum"] = json!(0);
            schema
        }
    }
}

fn nested_percentiles(about: &str) -> Json {
    let text = json!({ "type": ["string", "null"] });
    json!({ "type": "object", "additionalProperties": text, "description": about })
}

fn described(kind: &str, about: &str) -> Json {
    json!({ "type": kind, "description": about })
}

fn nullable(kind: &str, about: &str) -> Json {
    json!({ "type": [kind, "null"], "description": about })
}

fn either_null(definition: &str, about: &str) -> Json {
    json!({ "anyOf": [{ "$ref": format!("#/$defs/{definition}") }, { "type": "null" }], "description": about })
}

fn list_of(kind: &str, about: &str) -> Json {
    json!({ "type": "array", "items": { "type": kind }, "description": about })
}

fn map_of(kind: &str, about: &str) -> Json {
    json!({ "type": "object", "additionalProperties": { "type": kind }, "description": about })
}

fn meta() -> Json {
    let mut keys = Keys::default();
    keys.required("version", nullable("string", "Version of the profiler."));
    keys.required("os", nullable("string", "Operating system."));
    keys.required("arch", nullable("string", "Processor architecture."));
    keys.required("rustc", nullable("string", "Compiler."));
    keys.required("created_at", nullable("string", "When the report was made, RFC 3339, in UTC."));
    keys.required("command", nullable("string", "The command line."));
    keys.optional("git_sha", described("string", "Commit of the profiled program."));
    keys.optional(
        "build_id",
        described("string", "Build id of the executable: reports with the same one ran the same bytes."),
    );
    keys.optional("source_root", described("string", "Folder that source places are relative to."));
    keys.object("Origin of the report.")
}

fn overhead() -> Json {
    let mut keys = Keys::default();
    keys.required("per_call_ns", described("number", "Nanoseconds per measured call."));
    keys.required("calls", described("integer", "Measured calls."));
    keys.required("total_ns", described("integer", "Nanoseconds in all."));
    keys.required("percent", described("number", "Share of the run, 0-100."));
    let mut part = Keys::default();
    part.required("name", described("string", "The kind of work."));
    part.required("count", described("integer", "How often it was done."));
    part.required("per_call_ns", described("number", "Nanoseconds each time."));
    part.required("total_ns", described("integer", "Nanoseconds in all."));
    keys.optional("parts", json!({ "type": "array", "items": part.object("A part of the cost.") }));
    json!({ "anyOf": [keys.object("The cost of the profiler itself."), { "type": "null" }] })
}

fn budget() -> Json {
    let mut keys = Keys::default();
    keys.required("percent", described("number", "Share of CPU time that measuring may take, 0-100."));
    keys.required("spent_percent", described("number", "Share that it took, 0-100."));
    keys.required("estimated_functions", described("integer", "Functions whose times are estimates."));
    keys.required("functions", described("integer", "Measured functions."));
    keys.object("The budget of the run, and what measuring took of it.")
}

fn call_tree_node() -> Json {
    let mut keys = Keys::default();
    keys.required("name", described("string", "Path of the function, or the label of the block."));
    keys.required("calls", described("integer", "Calls on this path."));
    keys.required("total_ns", described("integer", "Nanoseconds inside, inclusive of callees."));
    keys.required("self_ns", described("integer", "Nanoseconds inside, exclusive of measured callees."));
    let error = "nanoseconds: there if not every call was timed, so that it is an estimate.";
    keys.optional("total_se_ns", described("integer", &format!("Standard error of `total_ns` in {error}")));
    keys.optional("self_se_ns", described("integer", &format!("Standard error of `self_ns` in {error}")));
    keys.optional("alloc_bytes", described("integer", "Bytes allocated by the function itself."));
    keys.optional("alloc_count", described("integer", "Allocations by the function itself."));
    keys.optional("cpu_samples", described("integer", "CPU samples that hit the function itself."));
    keys.required("children", json!({ "type": "array", "items": { "$ref": "#/$defs/call_tree_node" } }));
    keys.object("One function, called on one path.")
}

/// The JSON Schema of a finding; it refers to `#/$defs/location`, which [`section_schema`] has.
pub fn finding_schema() -> Json {
    finding()
}

fn finding() -> Json {
    let mut keys = Keys::default();
    let words = [Confidence::Low, Confidence::Medium, Confidence::High].map(Confidence::as_str);
    keys.required("id", described("string", "The rule that found it; stable between versions."));
    keys.required("section", described("string", "The section that it was found in."));
    keys.required(
        "subject",
        described("string", "The row: a function, or the label of a channel, lock or future."),
    );
    keys.required("title", described("string", "The finding, in one line."));
    keys.required("weight", described("number", "Estimated share of the run that is at stake, 0-100."));
    keys.required("confidence", json!({ "enum": words, "description": "Confidence of the finding." }));
    keys.required("source", either_null("location", "Place of the subject in the source."));
    keys.required("evidence", json!({ "type": "array", "items": evidence() }));
    keys.required("next", described("string", "The next thing to ask or to look at."));
    keys.object("Something in the report that deserves a look. The largest weight stands first.")
}

fn evidence() -> Json {
    let mut keys = Keys::default();
    keys.required("key", described("string", "Name of the number."));
    keys.required("text", described("string", "As people read it, with its unit."));
    keys.optional("number", described("number", "The plain number, if it is one."));
    keys.optional("unit", described("string", "Unit of the plain number: ns, bytes, count or percent."));
    keys.object("A number or name that a finding rests on.")
}

fn place(with_column: bool) -> Json {
    let mut keys = Keys::default();
    keys.required("file", described("string", "File as the compiler names it."));
    keys.required("line", described("integer", "Line, from 1."));
    if with_column {
        keys.required("column", described("integer", "Column, from 1; 0 if unknown."));
    }
    keys.object("A place in the source.")
}

fn histogram() -> Json {
    let about = "Non-empty buckets, ascending: [lower bound, count]. A bucket is as wide as the power of two at or below its \
                 lower bound, divided by 128, and at least 1.";
    let bucket = json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 2 });
    json!({ "type": "array", "items": bucket, "description": about })
}
