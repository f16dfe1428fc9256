//! Binding to a port.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr, TcpListener},
};

/// A bound listener.
#[derive(Debug)]
pub struct Listening {
    /// The listener. Programs that this one starts do not inherit it.
    pub listener: TcpListener,
    /// The address that it is bound to.
    pub address: SocketAddr,
    /// The first port, if that was in use.
    pub busy: Option<u16>,
}

/// Binds to the first of `ports` that is free.
///
/// # Errors
///
/// When all of them are in use, or the address is not one of this machine.
///
/// ```
/// use std::net::Ipv4Addr;
/// let first = hotpath_http::listen(Ipv4Addr::LOCALHOST.into(), [0])?;
/// let port = first.address.port();
/// let second = hotpath_http::listen(Ipv4Addr::LOCALHOST.into(), [port, 0])?;
/// assert_eq!((second.busy, second.address.port() != port), (Some(port), true));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn listen(address: IpAddr, ports: impl IntoIterator<Item = u16>) -> io::Result<Listening> {
    let mut busy = None;
    let mut refused = io::Error::from(ErrorKind::InvalidInput);
    for port in ports {
        match TcpListener::bind(SocketAddr::new(address, port)) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                return Ok(Listening { listener, address, busy });
            }
            // Some systems report the latter for a port that is in use.
            Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                busy = busy.or(Some(port));
                refused = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}
