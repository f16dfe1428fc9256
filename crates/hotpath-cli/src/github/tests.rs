//! The comment, against a mock of the API with all its failure modes.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use clap::Parser;
use serde_json::json;

use super::comment::{Outcome, PullRequest, marker, upsert};
use super::{Api, Environment, Token};
use stand_in::{Fault, GitHub, HEAD_SHA, REPOSITORY, TOKEN, US};

#[allow(dead_code, reason = "the tests of the binary use the rest")]
#[path = "../../tests/program/github.rs"]
mod stand_in;

const LIST: &str = "/issues/7/comments";

thread_local! {
    static SLEPT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

fn sleep(time: Duration) {
    SLEPT.set(SLEPT.get() + time);
}

#[derive(Debug, Parser)]
struct Words {
    #[command(flatten)]
    environment: Environment,
}

fn api_at(url: &str) -> Api {
    let words = Words::parse_from(["test", "--api-url", url]);
    let token = Token::new(TOKEN).expect("a token");
    Api::new(&words.environment, token, Duration::from_secs(30)).expect("an API").with_sleep(sleep)
}

fn pull() -> PullRequest<'static> {
    PullRequest { repository: REPOSITORY, number: 7 }
}

/// Lets the comment of benchmark `a` say something.
fn say(github: &GitHub, text: &str) -> anyhow::Result<Outcome> {
    say_as(github, "a", text)
}

fn say_as(github: &GitHub, benchmark: &str, text: &str) -> anyhow::Result<Outcome> {
    let marker = marker(benchmark).expect("a mark");
    upsert(&api_at(&github.url()), &pull(), &marker, &body(benchmark, text))
}

fn body(benchmark: &str, text: &str) -> String {
    format!("{}\n{text}", marker(benchmark).expect("a mark"))
}

/// The error of an attempt that is to fail, which holds no token.
fn problem(github: &GitHub) -> String {
    let problem = say(github, "new").expect_err("a fault");
    let problem = format!("{problem:#} {problem:?}");
    assert!(!problem.contains(TOKEN), "{problem}");
    problem
}

fn count(github: &GitHub, method: &str) -> usize {
    github.asked().iter().filter(|asked| asked.starts_with(method)).count()
}

#[test]
fn a_comment_is_created_then_updated_then_unchanged() {
    for is_user in [false, true] {
        let github = GitHub::new();
        github.state().is_user = is_user;
        assert!(matches!(say(&github, "one"), Ok(Outcome::Created(at)) if at.ends_with("issuecomment-1")));
        assert!(matches!(say(&github, "two"), Ok(Outcome::Updated(_))));
        assert!(matches!(say(&github, "two"), Ok(Outcome::Unchanged(_))));
        assert_eq!(github.ours(), [body("a", "two")]);
        assert_eq!((count(&github, "POST"), count(&github, "PATCH")), (1, 1));
    }
}

#[test]
fn each_benchmark_has_its_own_comment() {
    let github = GitHub::new();
    for text in ["one", "two"] {
        for benchmark in ["a", "b", "a b"] {
            say_as(&github, benchmark, text).expect("printed");
        }
    }
    assert_eq!(github.ours(), [body("a", "two"), body("b", "two"), body("a b", "two")]);
}

#[test]
fn a_comment_is_found_on_any_page_with_or_without_links() {
    for links in [true, false] {
        // Full pages too: 200 comments before it, 99 behind.
        let github = GitHub::new();
        github.state().links = links;
        (0..200).for_each(|n| github.says(5, "User", &format!("comment {n}")));
        say(&github, "one").expect("printed");
        (0..99).for_each(|n| github.says(5, "User", &format!("comment {n}")));
        assert!(matches!(say(&github, "two"), Ok(Outcome::Updated(_))), "links: {links}");
        assert_eq!(github.ours(), [body("a", "two")]);
    }
}

#[test]
fn comments_of_other_authors_are_never_modified() {
    for (is_user, kind) in [(false, "User"), (true, "User"), (true, "Bot")] {
        let github = GitHub::new();
        github.state().is_user = is_user;
        github.says(5, kind, &body("a", "a trap"));
        github.says(5, kind, &format!("> {}", body("a", "a quotation")));
        assert!(matches!(say(&github, "one"), Ok(Outcome::Created(_))), "{kind}");
        assert_eq!(github.state().comments[0]["body"], body("a", "a trap"));
    }
}

#[test]
fn of_several_comments_the_first_is_kept() {
    let github = GitHub::new();
    for text in ["one", "two", "three"] {
        github.says(US, "Bot", &body("a", text));
    }
    github.says(US, "Bot", &body("b", "another"));
    say(&github, "new").expect("printed");
    assert_eq!(github.ours(), [body("a", "new"), body("b", "another")]);
}

#[test]
fn other_line_endings_are_no_change() {
    let github = GitHub::new();
    github.says(US, "Bot", &body("a", "one\n\ntwo").replace('\n', "\r\n"));
    assert!(matches!(say(&github, "one\n\ntwo\n"), Ok(Outcome::Unchanged(_))));
}

#[test]
fn a_comment_whose_creation_got_no_response_is_not_duplicated() {
    // An error, half an answer, and nonsense behind which it was done.
    let nonsense = Fault { body: "<html>".to_owned(), ..Fault::new("POST", LIST, 201) };
    let faults =
        [Fault::new("POST", LIST, 502), Fault::new("POST", LIST, 201).cut(), nonsense].map(Fault::but_done);
    for fault in faults {
        let github = GitHub::new();
        github.fails(fault);
        assert!(matches!(say(&github, "new"), Ok(Outcome::Unchanged(_))));
        assert_eq!(github.ours(), [body("a", "new")]);
        assert_eq!(count(&github, "POST"), 1);
    }
}

#[test]
fn a_server_error_is_retried_a_limited_number_of_times() {
    for method in ["GET", "POST", "PATCH"] {
        let github = GitHub::new();
        if method == "PATCH" {
            github.says(US, "Bot", &body("a", "old"));
        }
        github.fails(Fault::new(method, "comments", 500));
        github.fails(Fault::new(method, "comments", 503));
        say(&github, "new").expect(method);
        assert_eq!(github.ours(), [body("a", "new")]);
    }
    let github = GitHub::new();
    (0..100).for_each(|_| github.fails(Fault::new("GET", LIST, 500)));
    assert!(problem(&github).contains("500: out of order"));
    assert!(count(&github, "GET") < 20, "{:?}", github.asked());
    assert_eq!(count(&github, "POST"), 0);
}

#[test]
fn a_truncated_list_is_an_error() {
    let github = GitHub::new();
    github.says(US, "Bot", &body("a", "old"));
    (0..100).for_each(|_| github.fails(Fault::new("GET", LIST, 200).but_done().cut()));
    problem(&github);
    assert_eq!((count(&github, "POST"), count(&github, "PATCH")), (0, 0));
    // A list that is none.
    let github = GitHub::new();
    (0..100).for_each(|_| github.fails(Fault::new("GET", LIST, 200).body(&json!({ "message": "surprise" }))));
    assert!(problem(&github).contains("expected a list"));
}

#[test]
fn a_rejection_is_explained_and_not_retried() {
    let fields = json!({ "message": "Validation Failed", "errors": [{ "message": "body is too long" }] });
    let cases = [
        (
            Fault::new("POST", LIST, 401).body(&json!({ "message": "Bad credentials" })),
            "invalid or expired token",
        ),
        (Fault::new("POST", LIST, 403), "pull-requests: write"),
        (Fault::new("POST", LIST, 422).body(&fields), "body is too long"),
        (Fault::new("POST", LIST, 410), "rejected the request (status 410"),
        (
            Fault::new("POST", LIST, 403).body(&json!({ "message": format!("{TOKEN} may not") })),
            "*** may not",
        ),
    ];
    for (fault, words) in cases {
        let github = GitHub::new();
        github.fails(fault);
        let problem = problem(&github);
        assert!(problem.contains(words), "{problem}");
        assert_eq!(count(&github, "POST"), 1);
    }
    let github = GitHub::new();
    github.fails(Fault::new("GET", "/user", 401).body(&json!({ "message": "Bad credentials" })));
    assert!(problem(&github).contains("invalid or expired token"));
    let nobody = PullRequest { repository: REPOSITORY, number: 8 };
    let problem = upsert(&api_at(&github.url()), &nobody, "<!-- -->", "new").expect_err("no such one");
    assert!(format!("{problem:#}").contains("repository, pull request or comment not found"), "{problem:#}");
}

#[test]
fn a_deleted_comment_is_created_again() {
    let github = GitHub::new();
    github.says(US, "Bot", &body("a", "old"));
    github.fails(Fault { clears: true, ..Fault::new("PATCH", "/issues/comments/", 404) });
    assert!(matches!(say(&github, "new"), Ok(Outcome::Created(_))));
    assert_eq!(github.ours(), [body("a", "new")]);
}

#[test]
fn a_short_wait_is_honoured() {
    for (method, fault) in [
        ("GET", Fault::new("GET", LIST, 429).header("Retry-After: 7")),
        ("POST", Fault::new("POST", LIST, 403).header("Retry-After: 7")),
    ] {
        let github = GitHub::new();
        github.fails(fault);
        SLEPT.set(Duration::ZERO);
        say(&github, "new").expect(method);
        assert_eq!(SLEPT.get(), Duration::from_secs(7));
        assert_eq!(github.ours(), [body("a", "new")]);
    }
    // A limit that has ended meanwhile.
    let github = GitHub::new();
    let used_up =
        Fault::new("GET", LIST, 403).header("X-RateLimit-Remaining: 0").header("X-RateLimit-Reset: 1");
    github.fails(used_up);
    SLEPT.set(Duration::ZERO);
    say(&github, "new").expect("printed");
    assert_eq!(SLEPT.get(), Duration::ZERO);
}

#[test]
fn a_long_wait_is_an_error() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let reset = format!("x-ratelimit-reset: {}", now + 3_000);
    let secondary = json!({ "message": "You have exceeded a secondary rate limit" });
    let faults = [
        Fault::new("POST", LIST, 429).header("Retry-After: 31"),
        Fault::new("POST", LIST, 403).header("x-ratelimit-remaining: 0").header(&reset),
        Fault::new("POST", LIST, 403)
            .header("x-ratelimit-remaining: 0")
            .header(&format!("x-ratelimit-reset: {}", u64::MAX)),
        Fault::new("POST", LIST, 403).body(&secondary),
        Fault::new("POST", LIST, 429),
    ];
    for fault in faults {
        let github = GitHub::new();
        github.fails(fault);
        SLEPT.set(Duration::ZERO);
        assert!(problem(&github).contains("rate limit"));
        assert_eq!((SLEPT.get(), count(&github, "POST")), (Duration::ZERO, 1));
    }
    // Waits add up, also those of no time.
    for wait in ["Retry-After: 0", "Retry-After: 20"] {
        let github = GitHub::new();
        (0..1_000).for_each(|_| github.fails(Fault::new("POST", LIST, 429).header(wait)));
        assert!(problem(&github).contains("rate limit"));
        assert!(count(&github, "POST") <= 32, "{}", count(&github, "POST"));
    }
    let github = GitHub::new();
    for wait in [1, u64::MAX] {
        github.fails(Fault::new("POST", LIST, 429).header(&format!("Retry-After: {wait}")));
    }
    assert!(problem(&github).contains("rate limit"));
}

#[test]
fn only_the_api_gets_the_token() {
    let (github, other) = (GitHub::new(), GitHub::new());
    let elsewhere = format!("Link: <{}/repos/{REPOSITORY}{LIST}>; rel=\"next\"", other.url());
    (0..100).for_each(|_| github.fails(Fault::new("GET", LIST, 200).header(&elsewhere).body(&json!([]))));
    assert!(problem(&github).contains("another server"));
    let github = GitHub::new();
    let elsewhere =
        format!("Location: {}/repos/{REPOSITORY}{LIST}", other.url().replace("127.0.0.1", "localhost"));
    (0..100).for_each(|_| github.fails(Fault::new("GET", LIST, 301).header(&elsewhere)));
    problem(&github);
    let requests = other.state().requests.clone();
    assert!(requests.iter().all(|request| request.authorization.is_none()), "{requests:?}");
}

#[test]
fn a_refused_connection_is_an_error() {
    let github = GitHub::new();
    let url = github.url();
    drop(github);
    let problem = upsert(&api_at(&url), &pull(), "<!-- -->", "new").expect_err("nobody");
    assert!(format!("{problem:#}").contains("no response from"), "{problem:#}");
}

#[test]
fn the_commit_of_a_pull_request_is_checked() {
    let github = GitHub::new();
    let api = api_at(&github.url());
    let refs = pull().is_at(&api, HEAD_SHA).expect("an answer").expect("that commit");
    assert_eq!(refs, ("main".to_owned(), "somebody:faster".to_owned()));
    assert_eq!(pull().is_at(&api, "0000").expect("an answer"), Err(HEAD_SHA.to_owned()));
}

#[test]
fn markers_cannot_end_early_and_tokens_are_not_shown() {
    for bad in ["", "a-->b", "a\nb", "ä", &"a".repeat(101)] {
        marker(bad).expect_err(bad);
    }
    assert_eq!(Token::new(" \n"), None);
    assert_eq!(format!("{:?}", Token::new(TOKEN)), "Some(Token(***))");
}
