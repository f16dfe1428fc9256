//! The start of a server: bound to its port once per process. A failure is one warning, and the program goes on.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::atomic::{AtomicBool, Ordering},
};

use hotpath_http::{AccessPolicy, Listening, listen};

use crate::imp::{
    os::{self, own_thread},
    output::warn,
    session,
    settings::Endpoint,
};

/// A server of this process.
pub(super) struct Listener {
    /// Its name in messages.
    pub(super) name: &'static str,
    pub(super) thread: &'static str,
    /// The path to name in messages; empty for all paths.
    pub(super) path: &'static str,
    /// The ports to try if the default one is in use.
    pub(super) fallbacks: Option<RangeInclusive<u16>>,
    /// Set when a session has started it. Nothing else depends on it, so no order is needed.
    pub(super) is_started: AtomicBool,
}

impl Listener {
    /// Binds the endpoint, and calls `serve` on a thread of its own. Does nothing after the first time, or without an endpoint.
    ///
    /// The port is bound before this returns: clients may send requests as soon as the session has started.
    pub(super) fn start(
        &'static self,
        endpoint: Option<&Endpoint>,
        serve: impl FnOnce(std::net::TcpListener, AccessPolicy) -> io::Result<Infallible> + Send + 'static,
    ) {
        let Some(endpoint) = endpoint else { return };
        if self.is_started.swap(true, Ordering::Relaxed) {
            return;
        }
        match self.bind(endpoint) {
            Ok(listening) => self.run(listening, endpoint, serve),
            Err(error) => warn(&self.bind_failure(endpoint, &error)),
        }
    }

    fn bind(&self, endpoint: &Endpoint) -> io::Result<Listening> {
        let fallbacks = self.fallbacks(endpoint).into_iter().flatten();
        listen(endpoint.address, std::iter::once(endpoint.port.number).chain(fallbacks))
    }

    fn fallbacks(&self, endpoint: &Endpoint) -> Option<RangeInclusive<u16>> {
        self.fallbacks.clone().filter(|_| !endpoint.port.is_chosen)
    }

    fn bind_failure(&self, endpoint: &Endpoint, error: &io::Error) -> String {
        let Endpoint { address, port, port_setting, .. } = endpoint;
        let port = port.number;
        let ports = match self.fallbacks(endpoint) {
            Some(fallbacks) => format!("ports {port} and {} to {}", fallbacks.start(), fallbacks.end()),
            None => format!("port {port}"),
        };
        format!(
            "cannot bind {ports} of {address} ({error}): the {} is off; {port_setting} sets another port",
            self.name
        )
    }

    fn run(
        &self,
        listening: Listening,
        endpoint: &Endpoint,
        serve: impl FnOnce(std::net::TcpListener, AccessPolicy) -> io::Result<Infallible> + Send + 'static,
    ) {
        let Listening { listener, address, busy } = listening;
        os::forks::close_in_forks(&listener);
        let policy = AccessPolicy::default()
            .with_token(endpoint.token.as_deref())
            .with_setting(endpoint.token_setting);
        session::retain_last_report();
        let run = move || {
            let _cannot_go_on = serve(listener, policy);
        };
        if let Err(error) = own_thread::spawn(self.thread, run) {
            return warn(&format!("cannot start a thread ({error}): the {} is off", self.name));
        }
        if let Some(line) = self.notice(address, busy, endpoint) {
            warn(&line);
        }
    }

    /// Returns a line with the address of the server, if it is not the default one.
    fn notice(&self, address: SocketAddr, busy: Option<u16>, endpoint: &Endpoint) -> Option<String> {
        let here = format!("the {} is http://{address}{}", self.name, self.path);
        match (busy, endpoint.port.number) {
            (Some(port), _) => Some(format!("port {port} is in use: {here}")),
            (None, 0) => Some(here),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imp::settings::Port;

    static SERVER: Listener = Listener {
        name: "metrics endpoint",
        thread: "hp-server",
        path: "",
        fallbacks: Some(6773..=6799),
        is_started: AtomicBool::new(false),
    };

    fn endpoint(number: u16, is_chosen: bool) -> Endpoint {
        Endpoint {
            address: [127, 0, 0, 1].into(),
            port: Port { number, is_chosen },
            token: None,
            port_setting: "HOTPATH_METRICS_PORT",
            token_setting: "HOTPATH_METRICS_AUTH_TOKEN",
        }
    }

    #[test]
    fn a_chosen_port_is_bound_or_none() {
        let port = listen([127, 0, 0, 1].into(), [0]).expect("a port").address.port();
        let chosen = endpoint(port, true);
        let bound = SERVER.bind(&chosen).expect("the port is free again");
        let error = SERVER.bind(&chosen).expect_err("the port is in use");
        let failure = SERVER.bind_failure(&chosen, &error);
        assert!(failure.starts_with(&format!("cannot bind port {port} of 127.0.0.1 (")), "{failure}");
        assert!(
            failure.ends_with("the metrics endpoint is off; HOTPATH_METRICS_PORT sets another port"),
            "{failure}"
        );
        assert_eq!(SERVER.notice(bound.address, None, &chosen), None);
    }

    #[test]
    fn a_port_that_replaces_the_default_one_is_a_notice() {
        let address = SocketAddr::from(([127, 0, 0, 1], 6773));
        assert_eq!(
            SERVER.notice(address, Some(6770), &endpoint(6770, false)).as_deref(),
            Some("port 6770 is in use: the metrics endpoint is http://127.0.0.1:6773")
        );
        assert_eq!(SERVER.notice(address, None, &endpoint(6770, false)), None);
        assert!(SERVER.notice(address, None, &endpoint(0, true)).is_some());
    }
}
