//! Who may come in.
//!
//! Web pages can send requests to this machine. One that calls the endpoint by its address has another origin and says so in
//! `Origin`; one that calls it by a name of its own, which it let point to this machine (DNS rebinding), says so in `Host`. So an
//! origin must be the endpoint itself. A host must be `localhost` or a plain address, which no name server has a say in, unless
//! there is a token: no page has that, so who sends it may call the endpoint by any name. What must stay true: without a token
//! nobody comes in under a name, and a token is compared in a time that says nothing about how much of it was right.

use std::borrow::Cow;
use std::net::IpAddr;

/// The rules for coming in.
#[derive(Clone, Debug, Default)]
pub struct Door {
    token: Option<Box<str>>,
    setting: Option<&'static str>,
}

/// Why somebody may not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// The reason, and what to do about it, for people.
    pub reason: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason: reason.into() }
    }
}

impl Door {
    /// Asks for `token`, if it is not empty.
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

    /// Whether a request with these headers may come in.
    ///
    /// # Errors
    ///
    /// The reason why not, and the status that goes with it.
    ///
    /// ```
    /// # use hotpath_http::Door;
    /// let door = Door::default();
    /// assert!(door.check(Some("127.0.0.1:6770"), None, None).is_ok());
    /// assert!(door.check(Some("app:6770"), None, None).is_err());
    /// assert!(door.check(Some("localhost"), Some("https://site.example"), None).is_err());
    /// let door = door.with_token(Some("s3cret"));
    /// assert!(door.check(Some("app:6770"), None, Some(b"Bearer s3cret")).is_ok());
    /// ```
    pub fn check(
        &self,
        host: Option<&str>,
        origin: Option<&str>,
        authorization: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let host = host.ok_or_else(|| Refusal::new(400, "a request needs one Host header"))?;
        let name = without_port(host).ok_or_else(|| Refusal::new(400, "the Host header is no host"))?;
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

const FOREIGN_PAGE: &str = "no requests from web pages of other origins, with or without a token: leave out the Origin header, or \
                            let the page's own server ask";

/// The host without its port; `None` if it is none.
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

/// Whether a header holds the token, bare or after `Bearer`.
fn is_token(given: &[u8], token: &[u8]) -> bool {
    const BEARER: &[u8] = b"bearer ";
    let given = given.trim_ascii();
    let has_scheme = given.len() > BEARER.len() && given[..BEARER.len()].eq_ignore_ascii_case(BEARER);
    let bare = if has_scheme { given[BEARER.len()..].trim_ascii() } else { given };
    // Both are looked at to the end; a token may itself begin with that word.
    is_same(bare, token) | is_same(given, token)
}

/// Takes as long as `given` is, whatever is in it.
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

    fn status(door: &Door, host: &str, origin: Option<&str>, authorization: Option<&str>) -> u16 {
        let given = authorization.map(str::as_bytes);
        door.check(Some(host), origin, given).map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn only_this_machine_and_plain_addresses_are_hosts() {
        let door = Door::default();
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
        good.into_iter().for_each(|host| assert_eq!(status(&door, host, None, None), 200, "{host}"));
        strange.into_iter().for_each(|host| assert_eq!(status(&door, host, None, None), 403, "{host}"));
        broken.into_iter().for_each(|host| assert_eq!(status(&door, host, None, None), 400, "{host}"));
        assert_eq!(door.check(None, None, None).map_err(|refusal| refusal.status), Err(400));
    }

    #[test]
    fn an_origin_is_the_endpoint_itself_or_none() {
        let door = Door::default();
        let of = |origin| status(&door, "localhost:6770", Some(origin), None);
        assert_eq!(of("http://localhost:6770"), 200);
        for other in ["http://localhost:3000", "https://localhost:6770", "http://evil.example", "null", ""] {
            assert_eq!(of(other), 403, "{other}");
        }
    }

    #[test]
    fn a_token_comes_bare_or_as_bearer_and_whole() {
        let door = Door::default().with_token(Some("s3cret"));
        let of = |given| status(&door, "localhost", None, given);
        for right in ["s3cret", "Bearer s3cret", "bearer s3cret", "  Bearer   s3cret "] {
            assert_eq!(of(Some(right)), 200, "{right}");
        }
        for wrong in ["", "s3cre", "s3crett", "S3cret", "Bearer", "Bearer ", "Basic s3cret", "s3crets3cret"] {
            assert_eq!(of(Some(wrong)), 401, "{wrong}");
        }
        assert_eq!(of(None), 401);
        let open = Door::default().with_token(Some(""));
        assert_eq!(status(&open, "localhost", None, None), 200, "an empty token is none");
    }

    #[test]
    fn with_the_right_token_any_name_passes_and_without_it_none() {
        let (open, locked) = (Door::default(), Door::default().with_token(Some("s3cret")));
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
        // A page of another origin does not come in, whatever it knows.
        let page = Some("http://evil.example");
        assert_eq!(status(&locked, "app:6770", page, Some("s3cret")), 403);
        assert_eq!(status(&locked, "evil.example", page, None), 401, "a rebound page has no token");
        assert_eq!(status(&locked, "::1", None, Some("s3cret")), 400, "no host is no host");
    }

    #[test]
    fn a_refusal_says_what_to_set() {
        let reason = |door: &Door, host, origin: Option<&str>| {
            door.check(Some(host), origin, None).expect_err("it is refused").reason.into_owned()
        };
        let open = Door::default().with_setting("HOTPATH_MCP_AUTH_TOKEN");
        let told = reason(&open, "app:6771", None);
        assert!(
            told.contains("set HOTPATH_MCP_AUTH_TOKEN") && told.contains("Authorization: Bearer"),
            "{told}"
        );
        let told = reason(&open.clone().with_token(Some("t")), "app:6771", None);
        assert!(told.contains("the token that HOTPATH_MCP_AUTH_TOKEN sets"), "{told}");
        let told = reason(&open, "localhost", Some("http://other.example"));
        assert!(told.contains("leave out the Origin header"), "{told}");
        let told = reason(&Door::default(), "app", None);
        assert!(told.contains("give the program a token"), "{told}");
    }

    proptest! {
        #[test]
        fn only_the_token_is_the_token(token in "[!-~]{1,20}", given in "[ -~]{0,30}") {
            let door = Door::default().with_token(Some(&token));
            let is_in = status(&door, "localhost", None, Some(&given)) == 200;
            let bare = given.trim();
            let after = bare.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer ")).map(|_| bare[7..].trim());
            prop_assert_eq!(is_in, bare == token || after == Some(&token));
        }

        #[test]
        fn no_header_is_too_much(host in ".{0,40}", origin in ".{0,40}", given in any::<Vec<u8>>()) {
            let door = Door::default().with_token(Some("t"));
            let refused = door.check(Some(&host), Some(&origin), Some(&given)).is_err();
            prop_assert!(refused || given.ends_with(b"t"));
        }
    }
}
