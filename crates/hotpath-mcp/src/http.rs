//! Streamable HTTP: one endpoint for clients of both eras, and no sessions, so that nothing is kept for a client that went away.

use crate::server::Server;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;

/// The path at which agents ask.
pub const PATH: &str = "/mcp";
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

/// Answers a request at [`PATH`], and says of another path that it is not there.
pub async fn answer<B>(service: Service, request: Request<B>) -> Response<BoxBody<bytes::Bytes, Infallible>>
where
    B: http_body::Body + Send + 'static,
    B::Error: Display,
{
    if request.uri().path().trim_end_matches('/') == PATH {
        return service.handle(request).await;
    }
    let reason = format!("{{\"error\":\"agents ask at {PATH}\"}}");
    let mut response = Response::new(Full::from(reason).boxed());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Keeps what the protocol's library has to say out of the program's own log: until the guard is dropped, nothing that this
/// thread says reaches a `tracing` subscriber.
#[must_use]
pub fn hushed() -> impl Drop {
    tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new())
}
