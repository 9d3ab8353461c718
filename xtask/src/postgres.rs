//! `cargo xtask postgres`: a throw-away cluster for a developer's own runs.

use anyhow::Result;

use crate::cluster::Cluster;
use crate::packages::{self, Need};

/// Keep a throw-away PostgreSQL cluster running until ctrl-c and print its address.
#[derive(clap::Args)]
pub struct Args {
    /// Never install Debian packages; name the missing ones instead.
    #[arg(long)]
    no_install: bool,
}

/// Prints `DAYLIGHT_TEST_POSTGRES=…` on standard output, ready for `env`, and waits.
pub fn run(args: &Args) -> Result<bool> {
    packages::ensure(&[Need::Postgres], !args.no_install)?;
    let mut cluster = Cluster::start()?;
    println!("DAYLIGHT_TEST_POSTGRES={}", cluster.url("daylight"));
    eprintln!("running until ctrl-c; everything in it is lost then");
    cluster.wait()?;
    Ok(false)
}
