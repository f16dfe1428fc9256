//! A report as it comes is one that the committed schema describes.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{Yields, session_with};
use serde_json::{Map, Value};

/// The part of JSON Schema that ours uses. A keyword it does not know is a mistake, not a pass.
struct Schema(Value);

/// Keywords that say nothing about the value.
const REMARKS: [&str; 5] = ["$schema", "$defs", "title", "description", "patternProperties"];

impl Schema {
    /// What is wrong with `value`, with the path to it.
    fn errors(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(keywords) = schema.as_object() else { return errors.push(format!("{at}: schema {schema}")) };
        for (keyword, wanted) in keywords {
            let is_right = match keyword.as_str() {
                "type" => is_of_type(wanted, value),
                "const" => wanted == value,
                "enum" => list(wanted).contains(value),
                "minimum" => value.as_f64().is_none_or(|value| Some(value) >= wanted.as_f64()),
                "minItems" => {
                    value.as_array().is_none_or(|items| Some(items.len() as u64) >= wanted.as_u64())
                }
                "maxItems" => {
                    value.as_array().is_none_or(|items| Some(items.len() as u64) <= wanted.as_u64())
                }
                "required" => {
                    value.as_object().is_none_or(|map| list(wanted).iter().all(|key| has(map, key)))
                }
                "anyOf" => list(wanted).iter().any(|option| self.accepts(option, value)),
                "$ref" => {
                    self.errors(self.definition(wanted), value, at, errors);
                    true
                }
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.errors(wanted, item, &format!("{at}[{n}]"), errors);
                    }
                    true
                }
                "properties" | "additionalProperties" => {
                    self.members(keywords, value, at, keyword, errors);
                    true
                }
                remark => REMARKS.contains(&remark),
            };
            if !is_right {
                errors.push(format!("{at}: {keyword} {wanted} does not hold for {value}"));
            }
        }
    }

    fn accepts(&self, schema: &Value, value: &Value) -> bool {
        let mut errors = Vec::new();
        self.errors(schema, value, "", &mut errors);
        errors.is_empty()
    }

    fn members(
        &self,
        schema: &Map<String, Value>,
        value: &Value,
        at: &str,
        keyword: &str,
        errors: &mut Vec<String>,
    ) {
        for (key, member) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            match (keyword, described(schema, key)) {
                ("properties", Some(own)) => self.errors(own, member, &at, errors),
                ("properties", None) => errors.push(format!("{at} is not described")),
                (_, None) => self.errors(&schema[keyword], member, &at, errors),
                (_, Some(_)) => {}
            }
        }
    }

    fn definition(&self, reference: &Value) -> &Value {
        let name =
            reference.as_str().and_then(|name| name.strip_prefix("#/$defs/")).expect("a local reference");
        &self.0["$defs"][name]
    }
}

/// The schema of the member `key`, by its name or by a pattern.
fn described<'a>(schema: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let by_pattern = patterns.filter(|(pattern, _)| matches(pattern, key)).map(|(_, schema)| schema);
    schema.get("properties").and_then(|named| named.get(key)).into_iter().chain(by_pattern).next()
}

/// All patterns of the schema are a text, a number, a text: `^p[0-9]+(\.[0-9]+)?_ns$`.
fn matches(pattern: &str, key: &str) -> bool {
    const NUMBER: &str = r"[0-9]+(\.[0-9]+)?";
    let whole = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    let (before, after) =
        whole.and_then(|whole| whole.split_once(NUMBER)).expect("a pattern of the known form");
    let number = key.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    number.is_some_and(|number| number.parse::<f64>().is_ok())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has(map: &Map<String, Value>, key: &Value) -> bool {
    key.as_str().is_some_and(|key| map.contains_key(key))
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    wanted.as_str().map_or_else(|| list(wanted).iter().filter_map(Value::as_str).any(is), is)
}

#[hotpath::measure]
fn plain() {}

#[hotpath::measure(future = true)]
async fn later() {
    Yields(1).await;
}

#[hotpath::future_fn]
async fn future_only() {}

#[test]
fn holds_for_a_real_report() {
    let text = include_str!("../../../schema/report.json");
    let schema = Schema(serde_json::from_str(text).expect("the schema is JSON"));
    let pairs = [("commit".to_owned(), "abc".to_owned())];
    let session = session_with(|builder| {
        builder
            .percentiles(&[50.0, 99.9])
            .user_metadata(pairs.into())
            .report("all")
            .functions_time_sampling_rate(0.5)
    });
    (0..20).for_each(|_| plain());
    smol::block_on(async { (later().await, future_only().await) });
    hotpath::measure_block!("block", ());
    let report = session.report().0;
    assert_eq!(report["futures"]["data"].as_array().map(Vec::len), Some(2), "{report:#}");
    let mut errors = Vec::new();
    schema.errors(&schema.0, &report, "$", &mut errors);
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn the_check_itself_finds_errors() {
    let schema = Schema(
        serde_json::json!({ "type": "object", "required": ["n"], "properties": { "n": { "minimum": 0 } } }),
    );
    let holds = |value: Value| schema.accepts(&schema.0, &value);
    assert!(holds(serde_json::json!({ "n": 1 })));
    assert!(
        !holds(serde_json::json!({ "n": -1 }))
            && !holds(serde_json::json!({}))
            && !holds(serde_json::json!([]))
    );
    assert!(!holds(serde_json::json!({ "n": 1, "unheard of": 1 })));
}
