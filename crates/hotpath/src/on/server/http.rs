//! The metrics endpoint: the routes over HTTP, on the thread `hp-server`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::AtomicBool,
};

use hotpath_http::{Answer, Request, serve};
use hotpath_report::Form;

use super::{
    form,
    listener::Listener,
    routes::{self, Asked},
};
use crate::imp::{output, settings::Settings};

/// Between the default port and its fallbacks are the ports of other servers of ours.
static LISTENER: Listener = Listener {
    name: "metrics endpoint",
    thread: "hp-server",
    path: "",
    fallbacks: Some(6773..=6799),
    is_started: AtomicBool::new(false),
};

pub(super) fn start(settings: &Settings) {
    let usual = output::form(settings.format);
    LISTENER.start(settings.endpoint.as_ref(), move |listener, policy| {
        serve(listener, policy, move |request| answer(request, usual))
    });
}

/// Answers a request. An error of ours must not end the thread, nor print the message of a panic a second time.
fn answer(request: &Request<'_>, usual: Form) -> Answer {
    let answer = || match form::requested(request.query, usual) {
        Ok(form) => routes::answer(request.method, request.path, Asked { form, query: request.query }),
        Err(refused) => refused,
    };
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| Answer::error(500, "internal error of hotpath"))
}
