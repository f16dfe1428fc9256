//! Access control.
//!
//! Web pages can send requests to this machine. One that uses the endpoint's address has another origin, which is in
//! `Origin`; one that uses a name of its own that resolves to this machine (DNS rebinding) has that name in `Host`. So an origin
//! must be the endpoint itself. A host must be `localhost` or a plain address, which no name server controls, unless there is a
//! token: no page has it, so a client that sends it may use any name. What must stay true: without a token no name is accepted, and
//! the time to compare a token does not depend on how much of it is right.

use std::borrow::Cow;
use std::net::IpAddr;

/// The rules that decide which requests are accepted.
#[derive(Clone, Debug, Default)]
pub struct AccessPolicy {
    token: Option<Box<str>>,
    setting: Option<&'static str>,
}

/// The refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The reason, and what to do about it.
    pub reason: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason: reason.into() }
    }
}

impl AccessPolicy {
    /// Requires `token`, if it is not empty.
    #[must_use]
    pub fn with_token(mut self, token: Option<&str>) -> Self {
        self.token = token.filter(|token| !token.is_empty()).map(Box::from);
        self
    }

    /// Names the setting that sets the token, for the reason of a refusal.
    #[must_use]
    pub fn with_setting(mut self, setting: &'static str) -> Self {
        self.setting = Some(setting);
        self
    }

    /// Checks the headers of a request.
    ///
    /// # Errors
    ///
    /// The refusal: its reason and status.
    ///
    /// ```
    /// # use hotpath_http::AccessPolicy;
    /// let policy = AccessPolicy::default();
    /// assert!(policy.check(Some("127.0.0.1:6770"), None, None).is_ok());
    /// assert!(policy.check(Some("app:6770"), None, None).is_err());
    /// assert!(policy.check(Some("localhost"), Some("https://site.example"), None).is_err());
    /// let policy = policy.with_token(Some("s3cret"));
    /// assert!(policy.check(Some("app:6770"), None, Some(b"Bearer s3cret")).is_ok());
    /// ```
    pub fn check(
        &self,
        host: Option<&str>,
        origin: Option<&str>,
        authorization: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let host = host.ok_or_else(|| Refusal::new(400, "a request needs one Host header"))?;
        let name = without_port(host).ok_or_else(|| Refusal::new(400, "the Host header is invalid"))?;
        if origin.is_some_and(|origin| !is_origin_of(origin, host)) {
            return Err(Refusal::new(403, FOREIGN_PAGE));
        }
        match &self.token {
            Some(token) if authorization.is_some_and(|given| is_token(given, token.as_bytes())) => Ok(()),
            Some(_) => Err(Refusal::new(401, self.token_is_missing())),
            None if is_local_name(name) || is_address(name) => Ok(()),
            None => Err(Refusal::new(403, self.name_is_foreign())),
        }
    }

    fn token_is_missing(&self) -> String {
        let token =
            self.setting.map_or_else(|| "the token".to_owned(), |name| format!("the token that {name} sets"));
        format!("the Authorization header must hold {token}, with or without Bearer")
    }

    fn name_is_foreign(&self) -> String {
        let set = self.setting.map_or_else(
            || "give the program a token".to_owned(),
            |name| format!("set {name} for the program"),
        );
        format!(
            "without a token the Host must be localhost or an address; to use another name, {set} and send the token as \
             Authorization: Bearer TOKEN"
        )
    }
}

const FOREIGN_PAGE: &str = "requests from web pages of other origins are refused, with or without a token: leave out the Origin \
                            header, or send the request from the page's server";

/// Returns the host without its port; `None` if it is invalid.
fn without_port(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (name, rest) = rest.split_once(']')?;
            (name, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (!name.is_empty() && port.is_none_or(is_port)).then_some(name)
}

fn is_local_name(name: &str) -> bool {
    name.trim_end_matches('.').eq_ignore_ascii_case("localhost")
}

fn is_address(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
}

fn is_origin_of(origin: &str, host: &str) -> bool {
    origin.strip_prefix("http://").is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

/// Returns true if a header holds the token, bare or after `Bearer`.
fn is_token(given: &[u8], token: &[u8]) -> bool {
    const BEARER: &[u8] = b"bearer ";
    let given = given.trim_ascii();
    let has_scheme = given.len() > BEARER.len() && given[..BEARER.len()].eq_ignore_ascii_case(BEARER);
    let bare = if has_scheme { given[BEARER.len()..].trim_ascii() } else { given };
    // Both are compared to the end; a token may itself begin with that word.
    is_same(bare, token) | is_same(given, token)
}

/// Compares in a time that depends on the length of `given` only.
fn is_same(given: &[u8], token: &[u8]) -> bool {
    let Some(last) = token.len().checked_sub(1) else { return false };
    let mut difference = given.len() ^ token.len();
    for (at, byte) in given.iter().enumerate() {
        difference |= usize::from(byte ^ token[at.min(last)]);
    }
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status(policy: &AccessPolicy, host: &str, origin: Option<&str>, authorization: Option<&str>) -> u16 {
        let given = authorization.map(str::as_bytes);
        policy.check(Some(host), origin, given).map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn localhost_and_plain_addresses_are_the_only_hosts() {
        let policy = AccessPolicy::default();
        let good = [
            "localhost",
            "LOCALHOST:1",
            "localhost.:80",
            "127.0.0.1:6770",
            "[::1]:6770",
            "[::1]",
            "10.0.0.7",
        ];
        let strange =
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:6770", "1.2.3", "2130706433"];
        let broken = ["", ":80", "localhost:", "localhost:80a", "[::1", "[::1]x", "::1", "[]:80"];
        good.into_iter().for_each(|host| assert_eq!(status(&policy, host, None, None), 200, "{host}"));
        strange.into_iter().for_each(|host| assert_eq!(status(&policy, host, None, None), 403, "{host}"));
        broken.into_iter().for_each(|host| assert_eq!(status(&policy, host, None, None), 400, "{host}"));
        assert_eq!(policy.check(None, None, None).map_err(|refusal| refusal.status), Err(400));
    }

    #[test]
    fn an_origin_is_the_endpoint_itself_or_none() {
        let policy = AccessPolicy::default();
        let of = |origin| status(&policy, "localhost:6770", Some(origin), None);
        assert_eq!(of("http://localhost:6770"), 200);
        for other in ["http://localhost:3000", "https://localhost:6770", "http://evil.example", "null", ""] {
            assert_eq!(of(other), 403, "{other}");
        }
    }

    #[test]
    fn a_token_comes_bare_or_as_bearer_and_whole() {
        let policy = AccessPolicy::default().with_token(Some("s3cret"));
        let of = |given| status(&policy, "localhost", None, given);
        for right in ["s3cret", "Bearer s3cret", "bearer s3cret", "  Bearer   s3cret "] {
            assert_eq!(of(Some(right)), 200, "{right}");
        }
        for wrong in ["", "s3cre", "s3crett", "S3cret", "Bearer", "Bearer ", "Basic s3cret", "s3crets3cret"] {
            assert_eq!(of(Some(wrong)), 401, "{wrong}");
        }
        assert_eq!(of(None), 401);
        let open = AccessPolicy::default().with_token(Some(""));
        assert_eq!(status(&open, "localhost", None, None), 200, "an empty token is none");
    }

    #[test]
    fn with_the_right_token_any_name_passes_and_without_it_none() {
        let (open, locked) = (AccessPolicy::default(), AccessPolicy::default().with_token(Some("s3cret")));
        for name in ["app:6770", "host.docker.internal:6771", "box.example", "evil.example."] {
            assert_eq!(status(&open, name, None, None), 403, "{name}");
            assert_eq!(
                status(&open, name, None, Some("s3cret")),
                403,
                "{name}: there is no token to be right"
            );
            assert_eq!(status(&locked, name, None, Some("Bearer s3cret")), 200, "{name}");
            assert_eq!(status(&locked, name, None, Some("Bearer other")), 401, "{name}");
            assert_eq!(status(&locked, name, None, None), 401, "{name}");
        }
        // A page of another origin is refused, whatever it knows.
        let page = Some("http://evil.example");
        assert_eq!(status(&locked, "app:6770", page, Some("s3cret")), 403);
        assert_eq!(status(&locked, "evil.example", page, None), 401, "a rebound page has no token");
        assert_eq!(status(&locked, "::1", None, Some("s3cret")), 400, "no host is no host");
    }

    #[test]
    fn a_refusal_names_the_setting() {
        let reason = |policy: &AccessPolicy, host, origin: Option<&str>| {
            policy.check(Some(host), origin, None).expect_err("it is refused").reason.into_owned()
        };
        let open = AccessPolicy::default().with_setting("HOTPATH_MCP_AUTH_TOKEN");
        let message = reason(&open, "app:6771", None);
        assert!(
            message.contains("set HOTPATH_MCP_AUTH_TOKEN") && message.contains("Authorization: Bearer"),
            "{message}"
        );
        let message = reason(&open.clone().with_token(Some("t")), "app:6771", None);
        assert!(message.contains("the token that HOTPATH_MCP_AUTH_TOKEN sets"), "{message}");
        let message = reason(&open, "localhost", Some("http://other.example"));
        assert!(message.contains("leave out the Origin header"), "{message}");
        let message = reason(&AccessPolicy::default(), "app", None);
        assert!(message.contains("give the program a token"), "{message}");
    }

    proptest! {
        #[test]
        fn only_the_token_is_the_token(token in "[!-~]{1,20}", given in "[ -~]{0,30}") {
            let policy = AccessPolicy::default().with_token(Some(&token));
            let is_accepted = status(&policy, "localhost", None, Some(&given)) == 200;
            let bare = given.trim();
            let after = bare.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer ")).map(|_| bare[7..].trim());
            prop_assert_eq!(is_accepted, bare == token || after == Some(&token));
        }

        #[test]
        fn no_header_is_a_panic(host in ".{0,40}", origin in ".{0,40}", given in any::<Vec<u8>>()) {
            let policy = AccessPolicy::default().with_token(Some("t"));
            let refused = policy.check(Some(&host), Some(&origin), Some(&given)).is_err();
            prop_assert!(refused || given.ends_with(b"t"));
        }
    }
}
