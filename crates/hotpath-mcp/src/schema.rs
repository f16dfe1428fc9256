//! Schemas as clients are told them: without references.
//!
//! Some clients refuse a tool whose schema holds `$ref` or `$defs`. So every definition is written out where it is used; one that
//! holds itself, such as a node of a tree, is written out a few times, and below that it is any object.

use serde_json::{Map, Value as Json, json};

/// So often a definition stands within itself.
const LEVELS: usize = 2;
/// How a reference begins.
const PREFIX: &str = "#/$defs/";

/// The schema with its definitions written out.
pub(crate) fn without_references(mut schema: Json) -> Json {
    let definitions = match schema.as_object_mut().and_then(|schema| schema.remove("$defs")) {
        Some(Json::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    written_out(schema, &definitions, &mut Vec::new())
}

/// The same of a part; `within` are the names of the definitions that it stands in.
fn written_out(part: Json, definitions: &Map<String, Json>, within: &mut Vec<String>) -> Json {
    match part {
        Json::Array(items) => items.into_iter().map(|item| written_out(item, definitions, within)).collect(),
        Json::Object(mut fields) => {
            let name = fields.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix(PREFIX));
            let Some(name) = name.map(str::to_owned) else {
                let fields = fields.into_iter();
                return fields.map(|(key, value)| (key, written_out(value, definitions, within))).collect();
            };
            let mut whole = definition(&name, definitions, within);
            // What stands beside the reference says more of this place.
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
            let whole = written_out(definition.clone(), definitions, within);
            within.pop();
            whole
        }
        Some(_) => json!({ "type": "object", "description": "The same again." }),
        None => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_stands_where_it_is_used_and_keeps_what_stood_beside_it() {
        let schema = json!({
            "type": "object",
            "properties": { "at": { "anyOf": [{ "$ref": "#/$defs/place" }, { "type": "null" }] },
                "also": { "$ref": "#/$defs/place", "description": "Where else." } },
            "$defs": { "place": { "type": "object", "description": "Where." } },
        });
        let expected = json!({
            "type": "object",
            "properties": { "at": { "anyOf": [{ "type": "object", "description": "Where." }, { "type": "null" }] },
                "also": { "type": "object", "description": "Where else." } },
        });
        assert_eq!(without_references(schema), expected);
    }

    #[test]
    fn a_definition_that_holds_itself_ends() {
        let schema = json!({
            "items": { "$ref": "#/$defs/node" },
            "$defs": { "node": { "type": "object", "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } } },
        });
        let told = without_references(schema);
        let children = "/properties/children/items";
        let level = |n: usize| told.pointer(&format!("/items{}", children.repeat(n))).cloned();
        assert!(level(1).is_some_and(|node| node.get("properties").is_some()));
        assert!(
            level(LEVELS).is_some_and(|node| node["type"] == "object" && node.get("properties").is_none())
        );
        assert!(!told.to_string().contains("$ref"));
    }
}
