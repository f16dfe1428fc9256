//! Errors for requests with a known method and malformed parameters.
//!
//! The protocol library treats such a request as one of an unknown method, and would answer that there is no `tools/call`.

use crate::problem::shortened;
use rmcp::ErrorData;
use rmcp::model::{CustomRequest, ErrorCode};
use serde_json::Value as Json;

/// The other methods.
const OTHERS: [&str; 6] =
    ["initialize", "ping", "tools/list", "resources/list", "resources/templates/list", "prompts/list"];

/// Returns the error for a request that the library could not parse.
pub(crate) fn error(request: &CustomRequest) -> ErrorData {
    match problem(&request.method, request.params.as_ref()) {
        Some(problem) => ErrorData::invalid_params(problem, None),
        None => {
            let method = shortened(&request.method);
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("Unknown method `{method}`."), None)
        }
    }
}

/// Returns what is wrong; `None` for an unknown method.
fn problem(method: &str, params: Option<&Json>) -> Option<String> {
    let (named, arguments) = match method {
        "tools/call" => ("name", Some("{\"limit\": 5}")),
        "prompts/get" => ("name", Some("{\"function\": \"parse\"}")),
        "resources/read" => ("uri", None),
        _ if OTHERS.contains(&method) => {
            return Some(format!("Invalid `params` of `{method}`."));
        }
        _ => return None,
    };
    let Some(params) = params.and_then(Json::as_object) else {
        return Some(format!("`{method}` requires `params`, an object with `{named}`."));
    };
    if !params.get(named).is_some_and(Json::is_string) {
        return Some(format!("`{method}` requires `{named}`, a string, in its `params`."));
    }
    let given = params.get("arguments").filter(|given| !given.is_object() && !given.is_null());
    if let Some((example, given)) = arguments.zip(given) {
        let given = shortened(&given.to_string());
        return Some(format!(
            "Invalid `arguments`: expected an object such as `{example}`, found `{given}`."
        ));
    }
    Some(format!("Invalid `params` of `{method}`."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_error_names_the_malformed_parameter() {
        let message = |method: &str, params: Json| {
            let error = error(&CustomRequest::new(method, Some(params)));
            assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
            error.message.into_owned()
        };
        for arguments in [json!("{}"), json!([]), json!(3), json!(true)] {
            let found = message("tools/call", json!({ "name": "overview", "arguments": arguments }));
            let given = format!(
                "Invalid `arguments`: expected an object such as `{{\"limit\": 5}}`, found `{arguments}`."
            );
            assert_eq!(found, given);
        }
        assert!(message("tools/call", json!({ "arguments": {} })).contains("requires `name`, a string"));
        assert!(message("tools/call", json!({ "name": 7 })).contains("requires `name`, a string"));
        assert!(message("tools/call", json!([])).contains("an object with `name`"));
        assert!(
            message("prompts/get", json!({ "name": "x", "arguments": [] })).contains("an object such as")
        );
        assert!(message("resources/read", json!({})).contains("requires `uri`, a string"));
        assert!(message("tools/list", json!({ "cursor": 7 })).contains("`tools/list`"));
    }

    #[test]
    fn an_unknown_method_is_unknown() {
        let error = error(&CustomRequest::new("tools/cal", None));
        assert_eq!(
            (error.code, &*error.message),
            (ErrorCode::METHOD_NOT_FOUND, "Unknown method `tools/cal`.")
        );
    }
}
