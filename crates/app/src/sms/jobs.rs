//! The job that hands a message to the gateway.

use super::{Channel, store};
use crate::{clock::beijing, web::App};
use daylight_queue::{Job, JobError, Worker};
use time::format_description::well_known::Rfc3339;

pub(super) const SEND: &str = "sms.send";

/// Teaches a worker to send. Without a gateway it does not take these jobs: they wait, untried, until there is one.
pub fn on(worker: Worker, app: &App) -> Worker {
    if app.config.sms == Channel::None {
        return worker;
    }
    let app = app.clone();
    worker.on(SEND, move |job| {
        let app = app.clone();
        async move { deliver(&app, &job).await }
    })
}

async fn deliver(app: &App, job: &Job) -> Result<(), JobError> {
    let store::Work { message } = job.read()?;
    let found = store::open(app.db.read(), &app.vault, message).await?;
    // None: it left before, and only the end of the job got lost.
    let Some(message) = found.transpose().map_err(|_| JobError::Fail("短信内容无法打开".into()))?
    else {
        return Ok(());
    };
    let now = app.clock.now();
    let stale = message.template.lives().is_some_and(|lives| now - message.written_at >= lives);
    if !stale {
        let site = crate::home::store::site_name(app.db.read()).await?;
        let line = serde_json::json!({
            "time": beijing(now).format(&Rfc3339).unwrap_or_default(),
            "to": message.to,
            "template": message.template.code(),
            "params": message.template.params(),
            "text": message.template.text(&site),
        });
        let delivered = app.config.sms.deliver(&line.to_string()).await;
        delivered.map_err(|error| JobError::Retry(error.to_string()))?;
    }
    // A crash before this sends it again, one after it finds nothing to send.
    let tx = app.db.write().await?;
    store::delete(&tx, message.id).await?;
    Ok(tx.commit().await?)
}
