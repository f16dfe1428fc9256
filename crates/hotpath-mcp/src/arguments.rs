//! What a call gave, checked against the parameters of its tool.
//!
//! Agents often write numbers as text, and some write whole ones as `3.0`; both are taken for what they are. Anything else that
//! does not fit is a problem that names the parameter, what was given and what would be right.

use crate::parameter::{Kind, Parameter};
use crate::problem::{Problem, shortened};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The arguments of a call; every one of them fits its parameter, and defaults are filled in.
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

/// How a row is named in a call. A number that can be no id is a name that no row has, so that the answer lists the ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Number(u64),
    Name(String),
}

impl Arguments {
    /// Checks what was given.
    pub(crate) fn check(
        tool: &str,
        parameters: &[Parameter],
        given: &Map<String, Json>,
    ) -> Result<Self, Problem> {
        if let Some(unknown) = given.keys().find(|key| parameters.iter().all(|p| p.name != key.as_str())) {
            let what = format!("parameter of `{tool}` called");
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
                    return Err(Problem::new(format!("`{tool}` needs the parameter `{name}`: {about}")));
                }
                None => {}
            }
        }
        Ok(Self(checked))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Argument::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Option<&[String]> {
        match self.0.get(name)? {
            Argument::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// A whole number; 0 for a parameter that the tool does not have.
    pub(crate) fn whole(&self, name: &str) -> u64 {
        match self.0.get(name) {
            Some(Argument::Whole(number)) => *number,
            _ => 0,
        }
    }

    /// A number; 0 for a parameter that the tool does not have.
    pub(crate) fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(Argument::Number(number)) => *number,
            _ => 0.0,
        }
    }

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
        Problem::new(format!("`{name}` should be {expected}, not `{}`.", shortened(&value.to_string())))
    };
    let text = |json: &Json| json.as_str().map(str::to_owned);
    match &parameter.kind {
        Kind::Text => text(value).map(Argument::Text).ok_or_else(|| wrong("a text".to_owned())),
        Kind::Whole { min, max, .. } => {
            let fits = whole(value).filter(|number| (min..=max).contains(&number));
            fits.map(Argument::Whole).ok_or_else(|| wrong(format!("a whole number from {min} to {max}")))
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
                known(name, text(item).ok_or_else(|| wrong("a list of texts".to_owned()))?, words)
            };
            let items = match value {
                Json::Array(items) => items.iter().map(one).collect::<Result<_, _>>()?,
                Json::String(list) => list
                    .split(',')
                    .map(|item| known(name, item.trim().to_owned(), words))
                    .collect::<Result<_, _>>()?,
                _ => return Err(wrong("a list of texts".to_owned())),
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
    Err(Problem::unknown(&format!("`{parameter}` called"), &word, words))
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::String(text) => whole_in(text),
        _ => value.as_u64().or_else(|| without_fraction(value.as_f64()?)),
    }
}

/// The whole number that a text is.
pub(crate) fn whole_in(text: &str) -> Option<u64> {
    let text = text.trim();
    text.parse().ok().or_else(|| without_fraction(text.parse().ok()?))
}

/// `3.0` is 3. Beyond 2^53 a float does not tell which whole number was meant.
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
    fn what_fits_is_taken_and_defaults_are_filled_in() {
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
    fn whole_numbers_come_as_numbers_with_a_point_and_as_texts() {
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
                problem.starts_with("`limit` should be a whole number from 1 to 100, not `"),
                "{problem}"
            );
        }
        assert_eq!(whole(&json!(9_007_199_254_740_994.0)), None, "one of several");
    }

    #[test]
    fn what_does_not_fit_is_told_with_what_would() {
        let told = |given: Json, part: &str| {
            let problem = check(given).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        };
        told(json!({}), "`tool` needs the parameter `name`: The function.");
        told(json!({ "name": 1, "limit": 1e12 }), "`limit` should be a whole number from 1 to 100, not");
        told(json!({ "name": 1, "limit": -1 }), "not `-1`");
        told(json!({ "name": 1, "limit": [2] }), "not `[2]`");
        told(json!({ "name": {} }), "an id (a number) or a name, not `{}`");
        told(json!({ "name": "" }), "an id (a number) or a name");
        told(json!({ "name": 1, "sort": "call" }), "Did you mean `calls`?");
        told(json!({ "name": 1, "columns": ["x"] }), "Valid: `calls`, `total_ns`.");
        told(
            json!({ "name": 1, "limt": 3 }),
            "There is no parameter of `tool` called `limt`. Did you mean `limit`?",
        );
        told(json!({ "name": 1, "limit": "9".repeat(10_000) }), "…");
    }
}
