//! The committed schema is the one that the declarations make, and reports keep to it.

use crate::fixtures::*;
use hotpath_report::{Heading, SECTIONS};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

fn schema() -> Json {
    serde_json::from_str(&hotpath_report::schema()).expect("JSON")
}

#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/report.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == hotpath_report::schema(),
        "schema/report.json is stale; renew it with `cargo xtask schema`"
    );
}

/// Follows `$ref`, and of `anyOf` takes the part that is not `null`.
fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    if let Some(parts) = schema["anyOf"].as_array() {
        return resolve(root, &parts[0]);
    }
    match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).expect("a definition"),
        None => schema,
    }
}

/// Every key of a value is declared with a type that fits, and every required key is there.
fn check(root: &Json, schema: &Json, value: &Json, path: &str) {
    let nullable =
        schema["anyOf"].is_array() || schema["type"].as_array().is_some_and(|t| t.contains(&"null".into()));
    if value.is_null() {
        assert!(nullable, "{path} may not be null");
        return;
    }
    let schema = resolve(root, schema);
    match value {
        Json::Object(fields) => {
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(fields.contains_key(key.as_str().expect("a key")), "{path} has no {key}");
            }
            fields.iter().for_each(|(key, value)| {
                check(root, field(schema, key, path), value, &format!("{path}.{key}"))
            });
        }
        Json::Array(items) => items.iter().for_each(|item| check(root, &schema["items"], item, path)),
        Json::String(_) => assert!(allows(schema, "string"), "{path} is text"),
        Json::Number(n) if n.is_u64() || n.is_i64() => {
            assert!(allows(schema, "integer") || allows(schema, "number"), "{path}");
            let least = schema["minimum"].as_i64();
            assert!(least.is_none_or(|least| n.as_i64().is_none_or(|n| n >= least)), "{path} is {n}")
        }
        Json::Number(_) => assert!(allows(schema, "number"), "{path} is a float"),
        _ => assert!(allows(schema, "boolean"), "{path}"),
    }
}

fn allows(schema: &Json, kind: &str) -> bool {
    let kinds = &schema["type"];
    kinds == kind
        || kinds.as_array().is_some_and(|kinds| kinds.contains(&kind.into()))
        || schema.get("const").is_some()
        || schema.get("enum").is_some()
}

fn field<'a>(schema: &'a Json, key: &str, path: &str) -> &'a Json {
    let percentile = |pattern: &str| {
        let (prefix, suffix) = pattern.split_once(r"p[0-9]+(\.[0-9]+)?").expect("a pattern of percentiles");
        let (prefix, suffix) = (prefix.trim_start_matches('^'), suffix.trim_end_matches('$'));
        let number = key.strip_prefix(prefix).and_then(|key| key.strip_suffix(suffix));
        number.and_then(|number| number.strip_prefix('p')).is_some_and(|number| number.parse::<f64>().is_ok())
    };
    let pattern = || schema["patternProperties"].as_object()?.iter().find(|(pattern, _)| percentile(pattern));
    let declared = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
    declared
        .or_else(|| pattern().map(|(_, schema)| schema))
        .unwrap_or_else(|| panic!("{path}.{key} is not declared"))
}

#[test]
fn reports_keep_to_the_schema() {
    let schema = schema();
    let readings = alloc_readings().map(|(metric, scope)| report(vec![alloc_section(metric, scope)]));
    for report in readings.chain([
        full_report(),
        report(vec![tokio_runtimes(), rw_locks(), mutexes()]),
        hotpath_report::Report::default(),
    ]) {
        let value: Json = serde_json::from_str(&json(&report)).expect("JSON");
        check(&schema, &schema, &value, "report");
    }
}

#[test]
fn every_column_says_what_it_means() {
    for section in SECTIONS {
        let lists = section.lists.iter().flat_map(|list| list.columns());
        for column in section.columns().into_iter().chain(section.fields()).chain(lists) {
            assert!(column.about.ends_with('.'), "{}: {} has no sentence", section.spec.name, column.key);
        }
    }
}

#[test]
fn no_two_columns_of_a_section_share_a_key() {
    for section in SECTIONS {
        let columns = section.columns();
        let keys: BTreeSet<_> = columns.iter().map(|column| column.key).collect();
        assert_eq!(keys.len(), columns.len(), "{}", section.spec.name);
        let headings = Heading::expand(&columns, &[95.0]);
        let written: Vec<_> =
            headings.iter().flat_map(|h| [h.number_key(), h.formatted_key()]).flatten().collect();
        assert_eq!(written.iter().collect::<BTreeSet<_>>().len(), written.len(), "{written:?}");
    }
}
