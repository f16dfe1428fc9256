//! The arguments of a call, validated against the parameters of its tool.
//!
//! Agents often write numbers as strings, and some write integers as `3.0`; both are accepted. Any other mismatch is a problem
//! that names the parameter, the value and what is expected.

use crate::parameter::{Kind, Parameter};
use crate::problem::{Problem, shortened};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The arguments of a call: valid, and with defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(BTreeMap<&'static str, Argument>);

#[derive(Clone, Debug, PartialEq)]
enum Argument {
    Whole(u64),
    Number(f64),
    Text(String),
    Texts(Vec<String>),
    Id(Id),
}

/// The id or name of a row. A number that cannot be an id is a name that no row has, so that the answer lists the ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Number(u64),
    Name(String),
}

impl Arguments {
    /// Validates the arguments of a call.
    pub(crate) fn check(
        tool: &str,
        parameters: &[Parameter],
        given: &Map<String, Json>,
    ) -> Result<Self, Problem> {
        if let Some(unknown) = given.keys().find(|key| parameters.iter().all(|p| p.name != key.as_str())) {
            let what = format!("`{tool}` parameter");
            return Err(Problem::unknown(&what, unknown, parameters.iter().map(|p| p.name)));
        }
        let mut checked = BTreeMap::new();
        for parameter in parameters {
            let value = given.get(parameter.name).filter(|value| !value.is_null());
            let argument = match value {
                Some(value) => Some(read(parameter, value)?),
                None => default(&parameter.kind),
            };
            match argument {
                Some(argument) => _ = checked.insert(parameter.name, argument),
                None if parameter.required => {
                    let (name, about) = (parameter.name, &parameter.about);
                    return Err(Problem::new(format!("`{tool}` requires the parameter `{name}`: {about}")));
                }
                None => {}
            }
        }
        Ok(Self(checked))
    }

    /// Returns a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Argument::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name)? {
            Argument::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// Returns an integer; 0 for a parameter that the tool does not have.
    pub(crate) fn whole(&self, name: &str) -> u64 {
        match self.0.get(name) {
            Some(Argument::Whole(number)) => *number,
            _ => 0,
        }
    }

    /// Returns a number; 0 for a parameter that the tool does not have.
    pub(crate) fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(Argument::Number(number)) => *number,
            _ => 0.0,
        }
    }

    /// Returns an id or name.
    pub(crate) fn id(&self, name: &str) -> Option<&Id> {
        match self.0.get(name)? {
            Argument::Id(id) => Some(id),
            _ => None,
        }
    }
}

fn default(kind: &Kind) -> Option<Argument> {
    match kind {
        Kind::Whole { default, .. } => Some(Argument::Whole(*default)),
        Kind::Number { default, .. } => Some(Argument::Number(*default)),
        Kind::Choice(words) => words.first().cloned().map(Argument::Text),
        Kind::Text | Kind::OneOf(_) | Kind::Several(_) | Kind::IdOrName => None,
    }
}

fn read(parameter: &Parameter, value: &Json) -> Result<Argument, Problem> {
    let name = parameter.name;
    let wrong = |expected: String| {
        Problem::new(format!(
            "Invalid `{name}`: expected {expected}, found `{}`.",
            shortened(&value.to_string())
        ))
    };
    let text = |json: &Json| json.as_str().map(str::to_owned);
    match &parameter.kind {
        Kind::Text => text(value).map(Argument::Text).ok_or_else(|| wrong("a string".to_owned())),
        Kind::Whole { min, max, .. } => {
            let fits = whole(value).filter(|number| (min..=max).contains(&number));
            fits.map(Argument::Whole).ok_or_else(|| wrong(format!("an integer from {min} to {max}")))
        }
        Kind::Number { min, max, .. } => {
            let fits = number(value).filter(|number| (min..=max).contains(&number));
            fits.map(Argument::Number).ok_or_else(|| wrong(format!("a number from {min} to {max}")))
        }
        Kind::Choice(words) | Kind::OneOf(words) => {
            let word = text(value).ok_or_else(|| wrong(format!("one of `{}`", words.join("`, `"))))?;
            known(name, word, words).map(Argument::Text)
        }
        Kind::Several(words) => {
            let one = |item: &Json| {
                known(name, text(item).ok_or_else(|| wrong("a list of strings".to_owned()))?, words)
            };
            let items = match value {
                Json::Array(items) => items.iter().map(one).collect::<Result<_, _>>()?,
                Json::String(list) => list
                    .split(',')
                    .map(|item| known(name, item.trim().to_owned(), words))
                    .collect::<Result<_, _>>()?,
                _ => return Err(wrong("a list of strings".to_owned())),
            };
            Ok(Argument::Texts(items))
        }
        Kind::IdOrName => match value {
            Json::Number(number) => {
                Ok(Argument::Id(whole(value).map_or_else(|| Id::Name(number.to_string()), Id::Number)))
            }
            Json::String(name) if !name.is_empty() => Ok(Argument::Id(Id::Name(name.clone()))),
            _ => Err(wrong("an id (a number) or a name".to_owned())),
        },
    }
}

fn known(parameter: &str, word: String, words: &[String]) -> Result<String, Problem> {
    if words.contains(&word) {
        return Ok(word);
    }
    Err(Problem::unknown(&format!("`{parameter}` value"), &word, words))
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::String(text) => whole_in(text),
        _ => value.as_u64().or_else(|| without_fraction(value.as_f64()?)),
    }
}

/// Parses a text as an integer.
pub(crate) fn whole_in(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| without_fraction(text.parse().ok()?))
}

/// Converts `3.0` to 3. Beyond 2^53, a float does not identify an integer.
fn without_fraction(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && (0.0..=EXACT).contains(&number)).then_some(number as u64)
}

fn number(value: &Json) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameters() -> Vec<Parameter> {
        vec![
            Parameter::new("limit", Kind::Whole { min: 1, max: 100, default: 20 }, "Rows."),
            Parameter::new("sort", Kind::OneOf(vec!["calls".into(), "total_ns".into()]), "Order."),
            Parameter::new("columns", Kind::Several(vec!["calls".into(), "total_ns".into()]), "Columns."),
            Parameter::new("name", Kind::IdOrName, "The function.").required(),
        ]
    }

    fn check(given: Json) -> Result<Arguments, String> {
        let Json::Object(given) = given else { panic!("an object") };
        Arguments::check("tool", &parameters(), &given).map_err(|problem| problem.to_string())
    }

    #[test]
    fn valid_arguments_are_accepted_and_defaults_filled_in() {
        let arguments = check(json!({ "name": 7 })).unwrap();
        assert_eq!(arguments.id("name"), Some(&Id::Number(7)));
        assert_eq!(arguments.whole("limit"), 20);
        let arguments = check(json!({ "name": "7", "limit": "5", "columns": "calls, total_ns" })).unwrap();
        assert_eq!(arguments.id("name"), Some(&Id::Name("7".into())));
        assert_eq!(arguments.whole("limit"), 5);
        assert_eq!(arguments.texts("columns").unwrap(), ["calls", "total_ns"]);
        assert_eq!(check(json!({ "name": 7, "sort": null })).unwrap().text("sort"), None);
    }

    #[test]
    fn integers_may_be_floats_and_strings() {
        for three in [json!(3), json!(3.0), json!("3"), json!(" 3 "), json!("3.0"), json!("3e0")] {
            assert_eq!(check(json!({ "name": 1, "limit": three })).unwrap().whole("limit"), 3, "{three}");
        }
        assert_eq!(check(json!({ "name": 3.0 })).unwrap().id("name"), Some(&Id::Number(3)));
        assert_eq!(check(json!({ "name": -1 })).unwrap().id("name"), Some(&Id::Name("-1".into())));
        for wrong in
            [json!(-1), json!(3.5), json!(1e30), json!("3.5"), json!("1e30"), json!("NaN"), json!("")]
        {
            let problem = check(json!({ "name": 1, "limit": wrong })).unwrap_err();
            assert!(
                problem.starts_with("Invalid `limit`: expected an integer from 1 to 100, found `"),
                "{problem}"
            );
        }
        assert_eq!(whole(&json!(9_007_199_254_740_994.0)), None, "one of several");
    }

    #[test]
    fn an_invalid_argument_is_named_with_what_is_expected() {
        let refused = |given: Json, part: &str| {
            let problem = check(given).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        };
        refused(json!({}), "`tool` requires the parameter `name`: The function.");
        refused(
            json!({ "name": 1, "limit": 1e12 }),
            "Invalid `limit`: expected an integer from 1 to 100, found",
        );
        refused(json!({ "name": 1, "limit": -1 }), "found `-1`");
        refused(json!({ "name": 1, "limit": [2] }), "found `[2]`");
        refused(json!({ "name": {} }), "an id (a number) or a name, found `{}`");
        refused(json!({ "name": "" }), "an id (a number) or a name");
        refused(json!({ "name": 1, "sort": "call" }), "Did you mean `calls`?");
        refused(json!({ "name": 1, "columns": ["x"] }), "Available: `calls`, `total_ns`.");
        refused(json!({ "name": 1, "limt": 3 }), "Unknown `tool` parameter `limt`. Did you mean `limit`?");
        refused(json!({ "name": 1, "limit": "9".repeat(10_000) }), "…");
    }
}
