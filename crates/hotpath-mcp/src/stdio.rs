//! The transport over standard input and output: the client starts the server, and ends it by closing its input.

use crate::server::Server;
use rmcp::ServiceExt;
use std::io;

/// Serves until the client closes its side.
///
/// # Errors
///
/// If the runtime cannot be created, or the client violates the protocol.
pub fn serve(server: Server) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let running = server.serve(rmcp::transport::stdio()).await.map_err(io::Error::other)?;
        running.waiting().await.map_err(io::Error::other)
    });
    // The thread that reads standard input cannot be interrupted, so it is left behind.
    runtime.shutdown_background();
    served.map(drop)
}
