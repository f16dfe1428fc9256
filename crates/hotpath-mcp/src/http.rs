//! Streamable HTTP: one endpoint for clients of both eras, and no sessions, so that nothing is kept for a client that went away.

use crate::server::Server;
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use std::sync::Arc;

/// The largest request that is read, in bytes.
pub const MAX_REQUEST: usize = 256 * 1024;

/// What answers a request.
pub type Service = StreamableHttpService<Server, NeverSessionManager>;

/// The service of a server. It asks for no token and looks at neither `Host` nor `Origin`: that is the listener's part.
#[must_use]
pub fn service(server: Server) -> Service {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_REQUEST)
        .disable_allowed_hosts();
    StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config)
}

/// Keeps what the protocol's library has to say out of the program's own log: until the guard is dropped, nothing that this
/// thread says reaches a `tracing` subscriber.
#[must_use]
pub fn hushed() -> impl Drop {
    tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new())
}
