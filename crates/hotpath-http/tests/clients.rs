//! Requests of clients, over real sockets.
#![cfg(feature = "server")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use hotpath_http::{AccessPolicy, Answer, limits, listen, serve};
use proptest::prelude::*;

/// A server that answers with what it was asked.
fn echo(policy: AccessPolicy) -> SocketAddr {
    start(policy, |method, path| Answer::text(format!("{method} {path}")))
}

fn start(policy: AccessPolicy, answer: impl Fn(&str, &str) -> Answer + Send + 'static) -> SocketAddr {
    let at = listen([127, 0, 0, 1].into(), [0]).expect("a port");
    std::thread::spawn(|| serve(at.listener, policy, move |request| answer(request.method, request.path)));
    at.address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout"); // for a test that fails
    stream
}

/// All that comes back.
fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    let _closed_meanwhile = stream.write_all(bytes);
    let _closed_meanwhile = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn ask(address: SocketAddr, line: &str, headers: &str) -> String {
    send(address, format!("{line} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").as_bytes())
}

fn is_fine(address: SocketAddr) {
    let answer = ask(address, "GET /fine?and=more", "Host: localhost\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nGET /fine"), "{answer}");
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

#[test]
fn every_answer_has_the_security_headers() {
    let answer = ask(echo(AccessPolicy::default()), "GET /", "Host: localhost\r\n").to_ascii_lowercase();
    for header in ["cache-control: no-store", "x-content-type-options: nosniff", "content-length: 5"] {
        assert!(answer.contains(&format!("\r\n{header}\r\n")), "{header} in {answer}");
    }
    assert!(!answer.contains("access-control"), "{answer}");
}

#[test]
fn a_refused_request_has_the_reason_and_does_not_reach_the_service() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let address = start(AccessPolicy::default().with_token(Some("t")), |_, _| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Answer::text(String::new())
    });
    let refused = [
        ("GET /", "", "400"),
        ("GET /", "Host: localhost\r\nHost: localhost\r\n", "400"),
        ("GET http://evil.example/", "Host: localhost\r\nAuthorization: t\r\n", "400"),
        ("GET /", "Host: evil.example\r\nAuthorization: u\r\n", "401"),
        ("GET /", "Host: evil.example\r\n", "401"),
        ("POST /reset", "Host: localhost\r\nOrigin: http://evil.example\r\nAuthorization: t\r\n", "403"),
        ("GET /", "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n", "403"),
        ("GET /", "Host: localhost\r\n", "401"),
        ("GET /", "Host: localhost\r\nAuthorization: Bearer u\r\n", "401"),
        ("POST /", "Host: localhost\r\nAuthorization: t\r\nContent-Length: 99999999\r\n", "413"),
    ];
    for (line, headers, expected) in refused {
        let answer = ask(address, line, headers);
        assert_eq!(status(&answer), expected, "{line} {headers}: {answer}");
        assert!(answer.contains("{\"error\":\""), "{answer}");
    }
    assert_eq!(ASKED.load(Ordering::Relaxed), 0);
    let with_bearer = ask(address, "GET /", "Host: localhost\r\nAuthorization: Bearer t\r\n");
    assert_eq!((status(&with_bearer), ASKED.load(Ordering::Relaxed)), ("200", 1));
    // In a container it has another name.
    let by_name = ask(address, "GET /", "Host: app:6770\r\nAuthorization: Bearer t\r\n");
    assert_eq!((status(&by_name), ASKED.load(Ordering::Relaxed)), ("200", 2));
}

#[test]
fn the_refusal_of_a_host_name_names_the_setting_of_the_token() {
    let address = echo(AccessPolicy::default().with_setting("HOTPATH_METRICS_AUTH_TOKEN"));
    for name in ["app:6770", "host.docker.internal:6770"] {
        let answer = ask(address, "GET /", &format!("Host: {name}\r\nAuthorization: Bearer t\r\n"));
        assert_eq!(status(&answer), "403", "{answer}");
        assert!(answer.contains("set HOTPATH_METRICS_AUTH_TOKEN"), "{answer}");
    }
    is_fine(address);
}

#[test]
fn heads_are_bounded() {
    let address = echo(AccessPolicy::default());
    let long = format!("Host: localhost\r\nX: {}\r\n", "x".repeat(limits::HEAD));
    let many = format!("Host: localhost\r\n{}", "X: y\r\n".repeat(limits::HEADERS + 1));
    for headers in [long, many] {
        let answer = ask(address, "GET /", &headers);
        assert!(["431", "none"].contains(&status(&answer)), "{answer}");
    }
    let path = format!("GET /{}", "x".repeat(limits::HEAD));
    assert!(["414", "431", "none"].contains(&status(&ask(address, &path, "Host: localhost\r\n"))));
    is_fine(address);
}

#[test]
fn two_hundred_silent_half_open_or_garbage_connections_stop_nobody() {
    let address = echo(AccessPolicy::default());
    let mut patient = connect(address);
    let mut ask_again = || {
        patient.write_all(b"GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it is open");
        let mut answer = Vec::new();
        while !answer.ends_with(b"GET /again") {
            let mut byte = [0];
            patient.read_exact(&mut byte).expect("an answer");
            answer.push(byte[0]);
        }
    };
    ask_again();
    let open: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = connect(address);
            let said: &[u8] = match n % 4 {
                0 => b"",
                1 => b"GET /slow HTTP/1.1\r\nHost: lo",
                2 => b"\x16\x03\x01\x02\x00 no, not TLS",
                _ => b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of it",
            };
            let _driven_out = stream.write_all(said);
            stream
        })
        .collect();
    is_fine(address);
    ask_again(); // who was there first, and asks, is still there
    drop(open);
    is_fine(address);
}

#[test]
fn a_panic_ends_one_connection_only() {
    let address = start(AccessPolicy::default(), |_, path| {
        assert_ne!(path, "/panic", "this panic is meant");
        Answer::text("GET /fine".to_owned())
    });
    for _ in 0..limits::CONNECTIONS + 1 {
        assert_eq!(ask(address, "GET /panic", "Host: localhost\r\n"), "");
    }
    is_fine(address);
}

#[test]
fn a_client_that_does_not_read_blocks_no_other() {
    let address = start(AccessPolicy::default(), |_, path| {
        Answer::text(if path == "/fine" { "GET /fine".to_owned() } else { "x".repeat(8 << 20) })
    });
    let open: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = connect(address);
            stream.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it is open");
            stream
        })
        .collect();
    is_fine(address);
    drop(open);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_survived(pieces in prop::collection::vec(
        prop_oneof![
            any::<Vec<u8>>(),
            Just(b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec()),
            Just(b"\r\n\r\n".to_vec()),
            Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
            Just(b"Content-Length: 18446744073709551615\r\n".to_vec()),
        ],
        0..6,
    )) {
        static ADDRESS: std::sync::OnceLock<SocketAddr> = std::sync::OnceLock::new();
        let address = *ADDRESS.get_or_init(|| echo(AccessPolicy::default()));
        let answer = send(address, &pieces.concat());
        prop_assert!(answer.is_empty() || answer.starts_with("HTTP/1."), "{answer}");
        is_fine(address);
    }
}
