//! A page for each section of a report, from the columns that it declares.

use std::collections::HashSet;

use hotpath_report::{
    ColumnInfo, Declaration, Derived, Heading, LogDeclaration, Merge, Part, SECTIONS, Since, Unit,
    section_schema,
};

use crate::{
    pages::{Page, SETTINGS, cell, table},
    schema,
};

const DECLARATION: &str = "the columns in `crates/hotpath-report`";

/// The pages of all sections, and the one that lists them.
pub fn pages() -> Vec<Page> {
    let names = names();
    std::iter::once(index(&names)).chain(names.iter().map(|name| page(&readings(name)))).collect()
}

/// The names of all sections, in the order of the report.
pub fn names() -> Vec<&'static str> {
    let mut names = Vec::new();
    for section in SECTIONS {
        if !names.contains(&section.spec.name) {
            names.push(section.spec.name);
        }
    }
    names
}

/// The declarations with this name: a section with several readings has several.
fn readings(name: &str) -> Vec<&'static Declaration> {
    SECTIONS.iter().filter(|section| section.spec.name == name).collect()
}

fn index(names: &[&str]) -> Page {
    let mut body = String::from(
        "A report has these sections, in this order; `HOTPATH_REPORT` selects among them by name. A section that recorded nothing is \
         left out. Each page lists the section's \
         columns: the header in tables, the meaning, the kind with the unit of the number in JSON, and the keys in JSON. `{avg,p95}` in a \
         key stands for several keys, and `p95` for every percentile that the program asks for. The console shows the same meanings when \
         you press `?`.\n\n",
    );
    let rows = names.iter().map(|name| {
        let spec = readings(name)[0].spec;
        let link = format!("[`{name}`]({name}.md)");
        [link, spec.title.to_owned(), cell(spec.description)]
    });
    table(&mut body, ["Section", "One row per", "Content"], rows);
    body.push_str(
        "## Kinds of columns\n\n\
         | Kind | Meaning |\n\
         | :-- | :-- |\n\
         | counter | adds up while the program runs; of two reports the numbers are added |\n\
         | gauge | the state at the moment of the report |\n\
         | maximum, minimum | the largest, the smallest value so far |\n\
         | distribution | average, percentiles, smallest, largest, sum, and a histogram with a relative error of at most 0.4 % |\n\
         | identity | says which row it is |\n\
         | attribute | describes the row |\n\
         | a formula | computed from other columns, which are named by their keys |\n\n\
         A value that is not known is `-` in a table and `null` in JSON, never 0.\n",
    );
    Page::new("sections/index.md", DECLARATION, "Sections and columns", &body)
}

fn page(readings: &[&'static Declaration]) -> Page {
    let spec = readings[0].spec;
    let mut body = format!("{}\n\n", cell(spec.description));
    for fact in facts(readings) {
        body.push_str(&format!("- {fact}\n"));
    }
    body.push('\n');
    body.push_str("## Columns\n\n");
    columns(&mut body, &union(readings.iter().flat_map(|reading| reading.columns())));
    let fields = union(readings.iter().flat_map(|reading| reading.fields()));
    if !fields.is_empty() {
        body.push_str("## Totals\n\nNumbers of the section as a whole, beside its rows in JSON.\n\n");
        columns(&mut body, &fields);
    }
    for list in readings[0].lists {
        body.push_str(&format!("## List `{}`\n\n{}\n\n", list.spec.name, cell(list.spec.description)));
        columns(&mut body, &list.columns());
    }
    for (i, log) in readings[0].logs.iter().enumerate() {
        events(&mut body, spec.name, log, i, readings[0].logs.len());
    }
    around(&mut body, readings);
    Page::new(&format!("sections/{}.md", spec.name), DECLARATION, &format!("`{}`", spec.name), &body)
}

/// What holds for the section as a whole, a line each.
fn facts(readings: &[&Declaration]) -> Vec<String> {
    let spec = readings[0].spec;
    let shown = match spec.default_limit {
        0 => "all".to_owned(),
        limit => format!("at most {limit}"),
    };
    let setting = format!("HOTPATH_{}_LIMIT", spec.stem.to_uppercase());
    let is_setting = SETTINGS.iter().any(|known| known.name == setting);
    let change = if is_setting { format!("; `{setting}` changes that") } else { String::new() };
    let mut facts = vec![
        format!("One row per: {}", spec.title),
        format!("Rows shown: {shown}{change}"),
        format!("Over HTTP: `GET /{}`", spec.name),
    ];
    let scopes = readings.iter().filter_map(|reading| reading.spec.scope).map(|scope| format!("`{scope}`"));
    let scopes = distinct(scopes.collect());
    if !scopes.is_empty() {
        facts.push(format!("Scopes: {}", scopes.join(", ")));
    }
    facts
}

fn distinct(words: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.into_iter().filter(|word| seen.insert(word.clone())).collect()
}

/// Each column once: of several readings with the same keys the one that a table shows.
fn union(columns: impl Iterator<Item = &'static ColumnInfo>) -> Vec<&'static ColumnInfo> {
    let mut union: Vec<&'static ColumnInfo> = Vec::new();
    for column in columns {
        let own = json_keys(column);
        let holds = |more: &[String], less: &[String]| less.iter().all(|key| more.contains(key));
        let is_better = |known: &'static ColumnInfo, keys: &[String]| {
            holds(&own, keys) && (own.len() > keys.len() || headers(known).is_empty())
        };
        if let Some(known) = union.iter_mut().find(|known| is_better(known, &json_keys(known))) {
            *known = column;
        } else if !union.iter().any(|known| holds(&json_keys(known), &own)) {
            union.push(column);
        }
    }
    union
}

fn columns(body: &mut String, columns: &[&'static ColumnInfo]) {
    let rows = columns.iter().map(|column| {
        let header = headers(column);
        let header = if header.is_empty() { "JSON only".to_owned() } else { cell(&header) };
        [header, cell(column.about), kind(column), keys(column)]
    });
    table(body, ["Header", "Meaning", "Kind", "JSON keys"], rows);
}

/// The headings of a column; `p95` stands for every percentile.
fn headings(column: &'static ColumnInfo) -> Vec<Heading> {
    Heading::expand(&[column], &[95.0])
}

fn headers(column: &'static ColumnInfo) -> String {
    let headings = headings(column);
    let shown = headings.iter().filter(|heading| heading.in_table()).map(Heading::header);
    distinct(shown.filter(|header| !header.is_empty()).collect()).join(", ")
}

/// The keys that a column has in JSON.
fn json_keys(column: &'static ColumnInfo) -> Vec<String> {
    let of = |heading: &Heading| {
        let nested = heading.nested_keys().map(|(object, key)| format!("{object}.{key}"));
        [nested, heading.formatted_key(), heading.number_key()]
    };
    distinct(headings(column).iter().flat_map(of).flatten().collect())
}

/// The keys in short: `wait_{avg,p95}_ns` stands for two.
fn keys(column: &'static ColumnInfo) -> String {
    let headings = headings(column);
    let formatted: Vec<String> = headings.iter().filter_map(Heading::formatted_key).collect();
    let nested =
        headings.iter().filter_map(Heading::nested_keys).map(|(object, key)| format!("{object}.{key}"));
    let (whole, numbers): (Vec<&Heading>, Vec<&Heading>) =
        headings.iter().partition(|heading| heading.part == Part::Histogram);
    let of = |headings: Vec<&Heading>| -> Vec<String> {
        headings.into_iter().filter_map(Heading::number_key).collect()
    };
    let groups = [formatted, nested.collect(), of(numbers), of(whole)];
    let groups: Vec<String> =
        groups.iter().filter(|group| !group.is_empty()).map(|group| folded(group)).collect();
    distinct(groups).join(", ")
}

/// Several words as one, with what differs in braces.
fn folded(words: &[String]) -> String {
    let [first, more @ ..] = words else { return String::new() };
    if more.is_empty() {
        return format!("`{first}`");
    }
    let common = |length: usize, same: &dyn Fn(&str, &str) -> bool| {
        (0..=length)
            .rev()
            .find(|&n| first.is_char_boundary(n) && more.iter().all(|word| same(word, &first[..n])))
    };
    let prefix = common(first.len(), &|word, start| word.starts_with(start)).unwrap_or_default();
    let rest = &first[prefix..];
    let suffix = (0..=rest.len())
        .find(|&n| rest.is_char_boundary(n) && more.iter().all(|word| word[prefix..].ends_with(&rest[n..])))
        .map_or("", |n| &rest[n..]);
    let parts: Vec<&str> = words.iter().map(|word| &word[prefix..word.len() - suffix.len()]).collect();
    format!("`{}{{{}}}{suffix}`", &first[..prefix], parts.join(","))
}

/// The kind of a column with the unit of its number in JSON.
fn kind(column: &ColumnInfo) -> String {
    let unit = match column.unit {
        Unit::Nanos => "ns",
        Unit::Bytes | Unit::SignedBytes => "bytes",
        Unit::Percent => "%",
        Unit::Load => "% of one CPU",
        Unit::Rate => "per second",
        other => other.noun(),
    };
    let kind = match (column.derived, column.since, column.merge) {
        (Some(derived), ..) => &formula(derived),
        _ if column.dist.is_some() => "distribution",
        (_, Since::Latest, _) => "gauge",
        (.., Merge::Sum) => "counter",
        (.., Merge::Max) => "maximum",
        (.., Merge::Min) => "minimum",
        (.., Merge::Key) => "identity",
        _ => "attribute",
    };
    format!("{kind}, {unit}")
}

fn formula(derived: Derived) -> String {
    match derived {
        Derived::Copy { of } => format!("`{of}`"),
        Derived::Share { of } => format!("`{of}` ÷ the section's 100 %"),
        Derived::Portion { of, whole } => format!("`{of}` ÷ `{whole}`"),
        Derived::Ratio { of, per } => format!("`{of}` ÷ `{per}`"),
        Derived::PerSecond { of, over } => format!("`{of}` ÷ seconds of `{over}`"),
        Derived::Difference { of, less } => format!("`{of}` − `{less}`"),
    }
}

/// The recent events of a row.
fn events(body: &mut String, section: &str, log: &LogDeclaration, index: usize, count: usize) {
    let number = if count == 1 { String::new() } else { format!(" {}", index + 1) };
    body.push_str(&format!("## Events{number}\n\n{} ", cell(log.list.spec.description)));
    let only = match log.of {
        Some((key, text)) => format!(" for rows whose `{key}` is `{text}`"),
        None => String::new(),
    };
    body.push_str(&format!("`GET {}`{only}.\n\n", log.path(section, "{id}")));
    columns(body, &log.list.columns());
}

/// The keys of the JSON object that stand around the rows and are not declared as totals.
fn around(body: &mut String, readings: &[&'static Declaration]) {
    let spec = readings[0].spec;
    let Some(mut section) = section_schema(spec.name) else { return };
    let declared: Vec<String> = readings
        .iter()
        .flat_map(|reading| reading.fields())
        .flat_map(headings)
        .flat_map(|heading| [heading.formatted_key(), heading.number_key()])
        .flatten()
        .chain(readings[0].lists.iter().map(|list| list.spec.name.to_owned()))
        .collect();
    let Some(properties) = section["properties"].as_object_mut() else { return };
    properties.retain(|key, _| !declared.contains(key) && key != spec.envelope.rows_key());
    body.push_str(&format!(
        "## Around the rows\n\nIn JSON the rows are the array `{}`; beside it stand:\n\n",
        spec.envelope.rows_key()
    ));
    schema::keys(body, &section, "../json.md");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_in_one_part_are_folded() {
        let words = |words: &[&str]| folded(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["wait_avg_ns", "wait_p95_ns", "wait_sum_ns"]), "`wait_{avg,p95,sum}_ns`");
        assert_eq!(words(&["avg", "p95"]), "`{avg,p95}`");
        assert_eq!(words(&["calls"]), "`calls`");
    }

    #[test]
    fn every_section_is_selected_by_its_name() {
        for name in names() {
            assert!(name.parse::<hotpath::Section>().is_ok(), "HOTPATH_REPORT does not know {name}");
        }
    }

    #[test]
    fn every_column_has_a_meaning_and_a_key() {
        for section in SECTIONS {
            for column in section.columns().into_iter().chain(section.fields()) {
                let name = format!("{}.{}", section.spec.name, column.key);
                assert!(!column.about.is_empty(), "{name} has no `about`");
                assert!(!keys(column).is_empty(), "{name} has no key");
            }
        }
    }
}
