//! The parameters of a tool, as data, from which both the schema for clients and the validation of calls are derived.

use serde_json::{Map, Value as Json, json};

/// One parameter of a tool.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) about: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

/// The values of a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text,
    /// An integer in this range.
    Whole {
        min: u64,
        max: u64,
        default: u64,
    },
    /// A number in this range.
    Number {
        min: f64,
        max: f64,
        default: f64,
    },
    /// One of these words; the first is the default.
    Choice(Vec<String>),
    /// One of these words, or none.
    OneOf(Vec<String>),
    /// Any of these words.
    Several(Vec<String>),
    /// A number or a name.
    IdOrName,
}

impl Parameter {
    /// Returns an optional parameter.
    pub(crate) fn new(name: &'static str, kind: Kind, about: impl Into<String>) -> Self {
        Self { name, about: about.into(), kind, required: false }
    }

    /// Makes it required.
    pub(crate) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn schema(&self) -> Json {
        let mut schema = match &self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Whole { min, max, default } => {
                json!({ "type": "integer", "minimum": min, "maximum": max, "default": default })
            }
            Kind::Number { min, max, default } => {
                json!({ "type": "number", "minimum": min, "maximum": max, "default": default })
            }
            Kind::Choice(words) => json!({ "type": "string", "enum": words, "default": words.first() }),
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
            // Without the words: the schema of the answer has them, and every client keeps this schema in its context.
            Kind::Several(_) => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::IdOrName => json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] }),
        };
        schema["description"] = json!(self.about);
        schema
    }
}

/// Returns the input schema of a tool with these parameters.
pub(crate) fn input_schema(parameters: &[Parameter]) -> Map<String, Json> {
    let properties: Map<String, Json> = parameters.iter().map(|p| (p.name.to_owned(), p.schema())).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Json::Object(properties));
    let required: Vec<&str> = parameters.iter().filter(|p| p.required).map(|p| p.name).collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}
