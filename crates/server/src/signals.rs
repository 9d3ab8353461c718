//! When to stop.

use crate::outcome::{Outcome, Stop};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Becomes true at SIGTERM or SIGINT. The second signal ends the program at once.
pub fn stop_signal() -> Outcome<watch::Receiver<bool>> {
    let failed = |error| Stop::failed(format!("无法接收系统信号：{error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        for already in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if already {
                std::process::exit(1);
            }
            sender.send_replace(true);
        }
    });
    Ok(receiver)
}

/// Waits for it. Also ends when nobody could tell any more.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
