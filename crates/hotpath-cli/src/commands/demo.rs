//! `hotpath demo`: a program with everything instrumented, and the console on it.
//!
//! The program is this binary again, as a process of its own, so that the console sees what it always sees: another
//! program's endpoint. It ends with the console.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{Program, client::EndpointArguments};

/// The workload gets so long to open its endpoint.
const START: Duration = Duration::from_secs(10);
/// Between two looks whether it has.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Is the workload itself, instead of starting it
    #[arg(long, hide = true)]
    workload: bool,
}

pub(crate) fn run(arguments: &Arguments, program: &Program) -> Result<()> {
    let Some(workload) = program.workload else {
        bail!(
            "this build has no workload: cargo install --path crates/hotpath --features tui brings the one that has"
        )
    };
    if arguments.workload {
        std::thread::spawn(end_with_the_console);
        workload();
        return Ok(());
    }
    let port = free_port()?;
    let _workload = Workload::start(port)?;
    let endpoint = EndpointArguments::local(port);
    wait_for(&endpoint)?;
    super::console::run(&super::console::Arguments::of(endpoint))
}

/// Ends the workload when the console is gone, however that ended: its end of the pipe is then closed.
fn end_with_the_console() {
    let _closed = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    std::process::exit(0);
}

/// The process with the workload; ended with this value.
struct Workload(Child);

impl Workload {
    fn start(port: u16) -> Result<Self> {
        let own = std::env::current_exe().context("where this program is")?;
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
            .context("the workload cannot be started")?;
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
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

fn wait_for(endpoint: &EndpointArguments) -> Result<()> {
    let client = endpoint.client()?;
    let deadline = Instant::now() + START;
    while let Err(problem) = client.report() {
        if Instant::now() > deadline {
            return Err(problem.context("the workload did not open its endpoint"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}
