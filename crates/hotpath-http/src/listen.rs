//! A port to listen at.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr, TcpListener},
};

/// A listener, and whether it is where it was wanted.
#[derive(Debug)]
pub struct Listening {
    /// The listener. Programs that this one starts do not inherit it.
    pub listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
    /// Set when the first port was busy.
    pub busy: Option<u16>,
}

/// Listens at the first of `ports` that is free.
///
/// # Errors
///
/// When all of them are busy, or the address is none of this machine's.
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
            // Some systems refuse what somebody else listens at with the latter.
            Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                busy = busy.or(Some(port));
                refused = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}
