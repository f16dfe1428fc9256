//! JSON schemas without references.
//!
//! Some clients reject a tool whose schema contains `$ref` or `$defs`. So every definition is inlined; a recursive one, such as a
//! node of a tree, is inlined to a fixed depth, below which any object is valid.

use serde_json::{Map, Value as Json, json};

/// The depth of a recursive definition.
const LEVELS: usize = 2;
/// The prefix of a reference.
const PREFIX: &str = "#/$defs/";

/// Inlines the definitions of a schema.
pub(crate) fn without_references(mut schema: Json) -> Json {
    let definitions = match schema.as_object_mut().and_then(|schema| schema.remove("$defs")) {
        Some(Json::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    inlined(schema, &definitions, &mut Vec::new())
}

/// Inlines the references of a part; `within` are the names of the definitions around it.
fn inlined(part: Json, definitions: &Map<String, Json>, within: &mut Vec<String>) -> Json {
    match part {
        Json::Array(items) => items.into_iter().map(|item| inlined(item, definitions, within)).collect(),
        Json::Object(mut fields) => {
            let name = fields.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix(PREFIX));
            let Some(name) = name.map(str::to_owned) else {
                let fields = fields.into_iter();
                return fields.map(|(key, value)| (key, inlined(value, definitions, within))).collect();
            };
            let mut whole = definition(&name, definitions, within);
            // The fields next to the reference are more specific.
            fields.remove("$ref");
            if let Some(whole) = whole.as_object_mut() {
                whole.extend(fields);
            }
            whole
        }
        other => other,
    }
}

fn definition(name: &str, definitions: &Map<String, Json>, within: &mut Vec<String>) -> Json {
    let depth = within.iter().filter(|outer| *outer == name).count();
    match definitions.get(name) {
        Some(definition) if depth < LEVELS => {
            within.push(name.to_owned());
            let whole = inlined(definition.clone(), definitions, within);
            within.pop();
            whole
        }
        Some(_) => json!({ "type": "object", "description": "Recursive." }),
        None => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_inlined_with_the_fields_next_to_its_reference() {
        let schema = json!({
            "type": "object",
            "properties": { "at": { "anyOf": [{ "$ref": "#/$defs/location" }, { "type": "null" }] },
                "also": { "$ref": "#/$defs/location", "description": "Another one." } },
            "$defs": { "location": { "type": "object", "description": "A location." } },
        });
        let expected = json!({
            "type": "object",
            "properties": { "at": { "anyOf": [{ "type": "object", "description": "A location." }, { "type": "null" }] },
                "also": { "type": "object", "description": "Another one." } },
        });
        assert_eq!(without_references(schema), expected);
    }

    #[test]
    fn a_recursive_definition_is_inlined_to_a_fixed_depth() {
        let schema = json!({
            "items": { "$ref": "#/$defs/node" },
            "$defs": { "node": { "type": "object", "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } } },
        });
        let inlined = without_references(schema);
        let children = "/properties/children/items";
        let level = |n: usize| inlined.pointer(&format!("/items{}", children.repeat(n))).cloned();
        assert!(level(1).is_some_and(|node| node.get("properties").is_some()));
        assert!(
            level(LEVELS).is_some_and(|node| node["type"] == "object" && node.get("properties").is_none())
        );
        assert!(!inlined.to_string().contains("$ref"));
    }
}
