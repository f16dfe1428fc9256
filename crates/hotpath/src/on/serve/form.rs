//! `?format=…`: in which form an answer is wanted.

use hotpath_http::Answer;
use hotpath_report::Form;

/// The form that the query of a request asks for, else `usual`; other parameters are nobody's. The word `json-` may be left out.
pub(super) fn asked(query: &str, usual: Form) -> Result<Form, Answer> {
    let Some(name) = query.split('&').find_map(|pair| pair.strip_prefix("format=")) else { return Ok(usual) };
    let form = name.parse().or_else(|_| format!("json-{name}").parse());
    form.map_err(|_| Answer::error(400, &format!("there is no format {name}: json, compat or compat-0.16")))
}

#[cfg(test)]
mod tests {
    use hotpath_report::Interface::{V0_16, V0_30};

    use super::*;

    #[test]
    fn known_and_unknown_forms() {
        let form = |query| asked(query, Form::Compat(V0_16)).map_err(|answer| answer.status);
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
