//! The `daylight` binary: configuration and wiring only. What it runs is `daylight_app`.

mod archive;
mod commands;
mod http;
mod installation;
mod jobs;
mod keys;
mod lock;
mod logging;
mod outcome;
mod settings;
mod signals;
mod terminal;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A wrong command line ends here with code 2, `--help` and `--version` with 0.
    let cli = commands::Cli::parse();
    // What this program writes is for its own user; `export` says otherwise for itself.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::err(&format!("程序无法启动：{error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.say(),
    };
    // What hangs in a blocking thread must not keep a finished program alive.
    runtime.shutdown_background();
    code
}
