//! The transport over streamable HTTP: one endpoint for clients of both eras, without sessions, so that a client that disconnects
//! leaves no state.

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

/// The path of the endpoint.
pub const PATH: &str = "/mcp";
/// The bytes of a request at most.
pub const MAX_REQUEST: usize = 256 * 1024;

/// The type of the service.
pub type Service = StreamableHttpService<Server, NeverSessionManager>;

/// Returns the service of a server. The listener must check tokens, `Host` and `Origin`; the service does not.
#[must_use]
pub fn service(server: Server) -> Service {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_REQUEST)
        .disable_allowed_hosts();
    StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config)
}

/// Answers a request at [`PATH`]; any other path is status 404.
pub async fn answer<B>(service: Service, request: Request<B>) -> Response<BoxBody<bytes::Bytes, Infallible>>
where
    B: http_body::Body + Send + 'static,
    B::Error: Display,
{
    if request.uri().path().trim_end_matches('/') == PATH {
        return service.handle(request).await;
    }
    let reason = format!("{{\"error\":\"not found: the MCP endpoint is {PATH}\"}}");
    let mut response = Response::new(Full::from(reason).boxed());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Keeps the events of the protocol library out of the log of the program: until the guard is dropped, no event of this thread
/// reaches a `tracing` subscriber.
#[must_use]
pub fn silence_tracing() -> impl Drop {
    tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new())
}
