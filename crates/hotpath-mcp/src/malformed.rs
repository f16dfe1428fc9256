//! What is said of a request whose method is known and whose parameters are not what the protocol has for it.
//!
//! The library of the protocol takes such a request for one of an unknown method, and would answer that there is no `tools/call`.

use crate::problem::shortened;
use rmcp::ErrorData;
use rmcp::model::{CustomRequest, ErrorCode};
use serde_json::Value as Json;

/// Methods without parameters that somebody could have to mend.
const OTHERS: [&str; 6] =
    ["initialize", "ping", "tools/list", "resources/list", "resources/templates/list", "prompts/list"];

/// The error for a request that the library could not read.
pub(crate) fn error(request: &CustomRequest) -> ErrorData {
    match problem(&request.method, request.params.as_ref()) {
        Some(problem) => ErrorData::invalid_params(problem, None),
        None => {
            let method = shortened(&request.method);
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("There is no method `{method}`."), None)
        }
    }
}

/// What is wrong; nothing for a method that is unknown.
fn problem(method: &str, params: Option<&Json>) -> Option<String> {
    let (named, arguments) = match method {
        "tools/call" => ("name", Some("{\"limit\": 5}")),
        "prompts/get" => ("name", Some("{\"function\": \"parse\"}")),
        "resources/read" => ("uri", None),
        _ if OTHERS.contains(&method) => {
            return Some(format!("The `params` of `{method}` are not what the protocol has for it."));
        }
        _ => return None,
    };
    let Some(params) = params.and_then(Json::as_object) else {
        return Some(format!("`{method}` needs `params`, an object with `{named}`."));
    };
    if !params.get(named).is_some_and(Json::is_string) {
        return Some(format!("`{method}` needs `{named}`, a text, in its `params`."));
    }
    let given = params.get("arguments").filter(|given| !given.is_object() && !given.is_null());
    if let Some((example, given)) = arguments.zip(given) {
        let given = shortened(&given.to_string());
        return Some(format!("`arguments` should be an object such as `{example}`, not `{given}`."));
    }
    Some(format!("The `params` of `{method}` are not what the protocol has for it."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_known_method_is_told_which_parameter_is_wrong() {
        let told = |method: &str, params: Json| {
            let error = error(&CustomRequest::new(method, Some(params)));
            assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
            error.message.into_owned()
        };
        for arguments in [json!("{}"), json!([]), json!(3), json!(true)] {
            let said = told("tools/call", json!({ "name": "overview", "arguments": arguments }));
            let given =
                format!("`arguments` should be an object such as `{{\"limit\": 5}}`, not `{arguments}`.");
            assert_eq!(said, given);
        }
        assert!(told("tools/call", json!({ "arguments": {} })).contains("needs `name`, a text"));
        assert!(told("tools/call", json!({ "name": 7 })).contains("needs `name`, a text"));
        assert!(told("tools/call", json!([])).contains("an object with `name`"));
        assert!(told("prompts/get", json!({ "name": "x", "arguments": [] })).contains("an object such as"));
        assert!(told("resources/read", json!({})).contains("needs `uri`, a text"));
        assert!(told("tools/list", json!({ "cursor": 7 })).contains("`tools/list`"));
    }

    #[test]
    fn an_unknown_method_is_unknown() {
        let error = error(&CustomRequest::new("tools/cal", None));
        assert_eq!(
            (error.code, &*error.message),
            (ErrorCode::METHOD_NOT_FOUND, "There is no method `tools/cal`.")
        );
    }
}
