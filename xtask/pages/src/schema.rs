//! A JSON Schema as a page that people read.

use std::path::Path;

use serde_json::{Map, Value as Json};

use xtask::{Result, read, slug};

use crate::pages::{Page, cell, table};

/// The page about the JSON of reports and comparisons.
pub fn page(root: &Path) -> Result<Page> {
    let mut body = String::from(
        "A report is one JSON object; a comparison is another. Durations are whole nanoseconds (`_ns`), sizes whole bytes \
         (`_bytes`), shares numbers from 0 to 100. A formatted text stands beside many numbers: it is for people, so read the number. \
         A value that is not known is `null`, never 0. Keys may be added; ignore those that you do not know. The schemas are \
         `schema/report.json` and `schema/comparison.json`, and a running program answers with its own at `GET /schema`.\n\n",
    );
    let report = parse("the schema of reports", &hotpath_report::schema())?;
    objects(&mut body, "Report", "", &report, |name| {
        let is_section = hotpath_report::section_schema(name).is_some();
        is_section.then(|| format!("sections/{name}.md"))
    });
    let path = "schema/comparison.json";
    let comparison = parse(path, &read(&root.join(path))?)?;
    objects(&mut body, "Comparison", "Comparison: ", &comparison, |_| None);
    Ok(Page::new("json.md", "the JSON Schemas", "JSON", &body))
}

fn parse(name: &str, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))
}

/// Appends a chapter per object of a schema: the document itself, objects inside it, and definitions that have no page of their own.
fn objects(
    body: &mut String,
    title: &str,
    prefix: &str,
    schema: &Json,
    page_of: impl Fn(&str) -> Option<String>,
) {
    let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
    let links = Links { page: "", prefix, page_of: &page_of };
    body.push_str(&format!("## {title}\n\n{}\n\n", about(schema)));
    let mut inner = links.keys(body, "", schema);
    for (name, definition) in &definitions {
        if page_of(name).is_none() {
            inner.push((name.clone(), definition.clone()));
        }
    }
    for (name, object) in inner {
        links.chapter_of(body, &name, &object);
    }
}

/// Appends the keys of one object, with links to the chapters of the page `page`.
pub fn keys(body: &mut String, schema: &Json, page: &str) {
    Links { page, prefix: "", page_of: &|_| None }.keys(body, "", schema);
}

/// Where links to objects lead.
struct Links<'a> {
    /// The page that has the chapters of objects; empty for the same page.
    page: &'a str,
    /// Begins the title of each chapter.
    prefix: &'a str,
    /// The page of a definition that has one of its own.
    page_of: &'a dyn Fn(&str) -> Option<String>,
}

impl Links<'_> {
    /// Appends the table of an object's keys; returns the objects inside it that need a chapter.
    fn keys(&self, body: &mut String, path: &str, schema: &Json) -> Vec<(String, Json)> {
        let empty = Map::new();
        let mut inner = Vec::new();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let rows: Vec<[String; 3]> = schema["properties"]
            .as_object()
            .unwrap_or(&empty)
            .iter()
            .map(|(key, value)| {
                let name = format!("{path}{key}");
                if let Some(object) = object_in(value) {
                    inner.push((name.clone(), object.clone()));
                }
                let optional = if required.contains(&key.as_str()) { "" } else { ", optional" };
                [format!("`{key}`"), format!("{}{optional}", self.kind(&name, value)), cell(about(value))]
            })
            .collect();
        if rows.is_empty() {
            body.push_str(&format!("{}.\n\n", capitalized(&self.kind(path, schema))));
        } else {
            table(body, ["Key", "Value", "Meaning"], rows);
        }
        inner
    }

    /// Appends the chapter of an object, and those of the objects inside it.
    fn chapter_of(&self, body: &mut String, name: &str, object: &Json) {
        body.push_str(&format!("### {}`{name}`\n\n", self.prefix));
        if !about(object).is_empty() {
            body.push_str(&format!("{}\n\n", about(object)));
        }
        for (inner_name, inner) in self.keys(body, &format!("{name}."), object) {
            self.chapter_of(body, &inner_name, &inner);
        }
    }

    /// The form of a value in words.
    fn kind(&self, name: &str, schema: &Json) -> String {
        if let Some(definition) = schema["$ref"].as_str() {
            let definition = definition.trim_start_matches("#/$defs/");
            return match (self.page_of)(definition) {
                Some(page) => format!("[`{definition}`]({page})"),
                None => self.chapter(definition),
            };
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
            return values.join(" or ");
        }
        if !schema["const"].is_null() {
            return format!("`{}`", plain(&schema["const"]));
        }
        if let Some(kinds) = schema["anyOf"].as_array() {
            let kinds: Vec<String> = kinds.iter().map(|kind| self.kind(name, kind)).collect();
            return kinds.join(" or ");
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        let words: Vec<String> = kinds.iter().map(|kind| self.one(name, kind, schema)).collect();
        words.join(" or ")
    }

    fn one(&self, name: &str, kind: &str, schema: &Json) -> String {
        match kind {
            "array" => match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
                (Some(least), Some(most)) if least == most => {
                    format!("array of {least} ({})", self.kind(name, &schema["items"]))
                }
                _ => format!("array of {}", self.kind(name, &schema["items"])),
            },
            "object" if schema["properties"].is_object() => self.chapter(name),
            "object" if schema["additionalProperties"].is_object() => {
                format!("object of {}", self.kind(name, &schema["additionalProperties"]))
            }
            kind => kind.to_owned(),
        }
    }

    fn chapter(&self, name: &str) -> String {
        format!("[`{name}`]({}#{})", self.page, slug(&format!("{}{name}", self.prefix)))
    }
}

/// The object that a value is, or that its items are, if its keys stand in place.
fn object_in(schema: &Json) -> Option<&Json> {
    if schema["properties"].is_object() {
        return Some(schema);
    }
    if let Some(kinds) = schema["anyOf"].as_array() {
        return kinds.iter().find_map(object_in);
    }
    schema["items"].is_object().then(|| object_in(&schema["items"])).flatten()
}

fn about(schema: &Json) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_inside_an_object_is_a_chapter() {
        let schema = serde_json::json!({
            "description": "All.",
            "required": ["a"],
            "properties": {
                "a": { "type": ["integer", "null"], "description": "Number | text." },
                "b": { "type": "array", "items": { "properties": { "c": { "const": 1 } } , "type": "object" } },
                "d": { "anyOf": [{ "$ref": "#/$defs/e" }, { "type": "null" }] },
            },
            "$defs": { "e": { "enum": ["x", "y"], "description": "One of two." } },
        });
        let mut body = String::new();
        objects(&mut body, "Report", "", &schema, |_| None);
        for line in [
            "| `a` | integer or null | Number \\| text. |",
            "| `b` | array of [`b`](#b), optional |  |",
            "| `d` | [`e`](#e) or null, optional |  |",
            "### `b`",
            "| `c` | `1`, optional |  |",
            "`x` or `y`.",
        ] {
            assert!(body.contains(line), "{line} is missing in\n{body}");
        }
    }
}
