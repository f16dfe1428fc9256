//! The query `?format=…`: the form of an answer.

use hotpath_http::Answer;
use hotpath_report::Form;

/// Returns the form that a query requests, else `usual`; other parameters are ignored. The prefix `json-` can be left out.
pub(super) fn requested(query: &str, usual: Form) -> Result<Form, Answer> {
    let Some(name) = query.split('&').find_map(|pair| pair.strip_prefix("format=")) else { return Ok(usual) };
    let form = name.parse().or_else(|_| format!("json-{name}").parse());
    form.map_err(|_| {
        Answer::error(400, &format!("unknown format {name}; available: json, compat, compat-0.16"))
    })
}

#[cfg(test)]
mod tests {
    use hotpath_report::Interface::{V0_16, V0_30};

    use super::*;

    #[test]
    fn known_and_unknown_forms() {
        let form = |query| requested(query, Form::Compat(V0_16)).map_err(|answer| answer.status);
        assert_eq!(form("format=json"), Ok(Form::Whole));
        assert_eq!(form("limit=5&format=compat"), Ok(Form::Compat(V0_30)));
        assert_eq!(form("format=JSON-compat-0.16&format=x"), Ok(Form::Compat(V0_16)));
        for none in ["", "form=json", "&&"] {
            assert_eq!(form(none), Ok(Form::Compat(V0_16)), "{none}");
        }
        for wrong in ["format=", "format=table", "format=compat-0.17"] {
            assert_eq!(form(wrong), Err(400), "{wrong}");
        }
    }
}
