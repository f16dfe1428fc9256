//! `hotpath demo`: a fully instrumented program, and the console on it.
//!
//! The program is this binary again, in a second process, so that the console talks to an endpoint as usual. It ends with the
//! console.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{Program, client::EndpointArguments};

/// The time for the workload to open its endpoint.
const START: Duration = Duration::from_secs(10);
/// The interval of the polls until it has.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Runs the workload itself
    #[arg(long, hide = true)]
    workload: bool,
}

pub(crate) fn run(arguments: &Arguments, program: &Program) -> Result<()> {
    let Some(workload) = program.workload else {
        bail!(
            "this build has no workload: install one that has with `cargo install --path crates/hotpath --features tui`"
        )
    };
    if arguments.workload {
        std::thread::spawn(exit_with_console);
        workload();
        return Ok(());
    }
    let port = free_port()?;
    let _workload = Workload::start(port)?;
    let endpoint = EndpointArguments::local(port);
    wait_for(&endpoint)?;
    super::console::run(&super::console::Arguments::of(endpoint))
}

/// Ends the workload with the console, however that ends: its end of the pipe is then closed.
fn exit_with_console() {
    let _closed = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    std::process::exit(0);
}

/// The process of the workload. Dropping it ends the process.
struct Workload(Child);

impl Workload {
    fn start(port: u16) -> Result<Self> {
        let own = std::env::current_exe().context("cannot locate the current executable")?;
        let child = Command::new(own)
            .args(["demo", "--workload"])
            .env("HOTPATH_METRICS_PORT", port.to_string())
            .env("HOTPATH_METRICS_SERVER_ON", "true")
            .env_remove("HOTPATH_METRICS_SERVER_OFF")
            .env_remove("HOTPATH_METRICS_AUTH_TOKEN")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the workload")?;
        Ok(Self(child))
    }
}

impl Drop for Workload {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot bind a free port")?;
    Ok(listener.local_addr()?.port())
}

fn wait_for(endpoint: &EndpointArguments) -> Result<()> {
    let client = endpoint.client()?;
    let deadline = Instant::now() + START;
    while let Err(problem) = client.report() {
        if Instant::now() > deadline {
            return Err(problem.context("the workload did not open its endpoint"));
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}
