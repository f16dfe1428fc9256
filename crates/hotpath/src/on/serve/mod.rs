//! The metrics endpoint: what the session has to say, over HTTP, while the program runs.
//!
//! It begins with the first session, on the thread `hp-server`, and stays to the end of the process. What it answers is made on
//! that thread from a snapshot of the lanes ([`routes`]); what must stay true: no client makes the program wait for longer than a
//! snapshot takes to make, and none is sent or waited for while a lock is held that the program may want.

pub(crate) mod base64;
pub(crate) mod cpu;
mod form;
pub(crate) mod logs;
pub(crate) mod routes;
mod told;

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use hotpath_http::{Answer, Door, Listening, Request, listen, serve};
use hotpath_report::Form;

use super::{
    os::{self, own_thread},
    output::{self, warn},
    session,
    settings::{Endpoint, Settings},
};

/// Where it is unless told otherwise, and what is tried when that is busy. Between them are the ports of other servers of ours.
const PORT: u16 = 6770;
const NEXT_PORTS: std::ops::RangeInclusive<u16> = 6773..=6799;

/// Set when a session has asked for the endpoint. Nothing else depends on it, so no order is needed.
static IS_ASKED_FOR: AtomicBool = AtomicBool::new(false);

/// Once per process: begins to answer, unless the settings say no. What goes wrong is told in one line, and the program goes on.
pub(crate) fn start(settings: &Settings) {
    let Some(endpoint) = &settings.endpoint else { return };
    if IS_ASKED_FOR.swap(true, Ordering::Relaxed) {
        return;
    }
    // Here and not on the new thread: who starts the program may ask as soon as the session has begun.
    match bind(endpoint) {
        Ok(listening) => open(listening, endpoint, output::form(settings.format)),
        Err(error) => warn(&failure(endpoint, &error)),
    }
}

fn bind(endpoint: &Endpoint) -> io::Result<Listening> {
    match endpoint.port {
        Some(port) => listen(endpoint.address, [port]),
        None => listen(endpoint.address, std::iter::once(PORT).chain(NEXT_PORTS)),
    }
}

fn failure(endpoint: &Endpoint, error: &io::Error) -> String {
    let address = endpoint.address;
    let no_endpoint = "there is no metrics endpoint";
    match (endpoint.port, error.kind()) {
        (Some(port), io::ErrorKind::AddrInUse) => {
            format!(
                "port {port} of {address} is busy: {no_endpoint} (HOTPATH_METRICS_PORT chooses another port)"
            )
        }
        (None, io::ErrorKind::AddrInUse) => format!(
            "the ports {PORT} and {} to {} of {address} are busy: {no_endpoint}",
            NEXT_PORTS.start(),
            NEXT_PORTS.end()
        ),
        _ => format!("{address} cannot be listened at ({error}): {no_endpoint}"),
    }
}

fn open(listening: Listening, endpoint: &Endpoint, usual: Form) {
    let Listening { listener, address, busy } = listening;
    os::forks::close_in_forks(&listener);
    let door = door(endpoint);
    let answer =
        move || -> io::Result<Infallible> { serve(listener, door, move |request| answer(request, usual)) };
    session::retain_last_report();
    if let Err(error) = own_thread::spawn("hp-server", answer) {
        return warn(&format!("no thread could be started ({error}): there is no metrics endpoint"));
    }
    if let Some(line) = notice(address, busy, endpoint) {
        warn(&line);
    }
}

/// Where the endpoint is, when that is not where everybody would look for it.
fn notice(address: SocketAddr, busy: Option<u16>, endpoint: &Endpoint) -> Option<String> {
    let here = format!("the metrics endpoint is http://{address}");
    match (busy, endpoint.port) {
        (Some(port), _) => Some(format!("port {port} is busy: {here}")),
        (None, Some(0)) => Some(here),
        _ => None,
    }
}

fn door(endpoint: &Endpoint) -> Door {
    Door::default().with_token(endpoint.token.as_deref()).with_setting("HOTPATH_METRICS_AUTH_TOKEN")
}

/// An error of ours must not end the thread, nor print what a panic prints a second time.
fn answer(request: &Request<'_>, usual: Form) -> Answer {
    let answer = || match form::asked(request.query, usual) {
        Ok(form) => routes::answer(request.method, request.path, form),
        Err(refused) => refused,
    };
    catch_unwind(AssertUnwindSafe(answer))
        .unwrap_or_else(|_| Answer::error(500, "this is an error in hotpath"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(port: Option<u16>) -> Endpoint {
        Endpoint { address: [127, 0, 0, 1].into(), port, token: None }
    }

    #[test]
    fn a_given_port_is_taken_or_nothing() {
        let taken = listen([127, 0, 0, 1].into(), [0]).expect("a port").address.port();
        let free = bind(&endpoint(Some(taken))).expect("it was given back");
        let error = bind(&endpoint(Some(taken))).expect_err("it is busy");
        assert!(
            failure(&endpoint(Some(taken)), &error).contains(&format!("port {taken} of 127.0.0.1 is busy"))
        );
        assert_eq!(notice(free.address, None, &endpoint(Some(taken))), None);
    }

    #[test]
    fn a_busy_default_is_told_with_what_is_used_instead() {
        let address = SocketAddr::from(([127, 0, 0, 1], 6773));
        assert_eq!(
            notice(address, Some(PORT), &endpoint(None)).as_deref(),
            Some("port 6770 is busy: the metrics endpoint is http://127.0.0.1:6773")
        );
        assert_eq!(notice(address, None, &endpoint(None)), None);
    }
}
