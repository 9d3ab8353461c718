//! The jobs that hand messages to the gateway.

use super::{Channel, Template, Undelivered, slot, store};
use crate::{clock::beijing, web::App};
use daylight_queue::{Every, Job, JobError, Worker};
use time::format_description::well_known::Rfc3339;

pub(super) const SEND: &str = "sms.send";
/// All the news that is due: one job for all, so that no row of the queue stands for a deed.
const NEWS: &str = "sms.news";
/// So many messages in a row without an answer end the try: it is the gateway, not they.
const UNANSWERED: usize = 3;
/// The same for refusals, which cost no waiting: a number may be dead, and so may many.
const REFUSED: usize = 100;

/// Teaches a worker to send. Without a gateway it does not take these jobs: they wait, untried, until there is one.
pub fn on(worker: Worker, app: &App) -> Worker {
    if app.config.sms == Channel::None {
        return worker;
    }
    let (one, all) = (app.clone(), app.clone());
    worker
        .on(SEND, move |job| {
            let app = one.clone();
            async move { deliver(&app, &job).await }
        })
        .on(NEWS, move |_| {
            let app = all.clone();
            async move { deliver_news(&app).await }
        })
        // Every hour of `slot::HOURS` is one of its; at the others nothing is due but what was held up.
        .schedule(&[(NEWS, Every::Hours(3))])
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
    let stale = message.template.lives().is_some_and(|lives| now - message.due_at >= lives);
    if !stale {
        let site = crate::home::store::site_name(app.db.read()).await?;
        let delivered = app.config.sms.deliver(&line(app, &message, &site)).await;
        delivered.map_err(|error| JobError::Retry(error.to_string()))?;
    }
    // A crash before this sends it again, one after it finds nothing to send.
    let tx = app.db.write().await?;
    store::delete(&tx, &[message.id]).await?;
    Ok(tx.commit().await?)
}

/// Hands over all news that is due, in no order. Their rows go together at the end: one after the other would tell
/// whoever watches the table which row was which line of the gateway's log. A crash before that sends some again, which
/// says nothing new. Numbers that are refused hold up nobody else's, and are given up when their news is stale.
async fn deliver_news(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    if !slot::is_open(now) {
        return Ok(());
    }
    let due = store::due(app.db.read(), now).await?;
    if due.is_empty() {
        return Ok(());
    }
    let stale = |due_at| Template::News.lives().is_some_and(|lives| now - due_at >= lives);
    let (stale, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| stale(due.due_at));
    let mut left: Vec<i64> = stale.iter().map(|due| due.id).collect();
    let mut due: Vec<i64> = due.iter().map(|due| due.id).collect();
    shuffle(&mut due);
    let site = crate::home::store::site_name(app.db.read()).await?;
    let (mut failed, mut unanswered, mut refused) = (None, 0, 0);
    for id in due {
        // One that cannot be read waits until it is stale: the keys may be put right. `daylight verify` names it.
        let Some(Ok(message)) = store::open(app.db.read(), &app.vault, id).await? else { continue };
        match app.config.sms.deliver(&line(app, &message, &site)).await {
            Ok(()) => {
                left.push(id);
                (unanswered, refused) = (0, 0);
            }
            Err(error) => {
                let no = matches!(error, Undelivered::Exit(_));
                (unanswered, refused) = if no { (0, refused + 1) } else { (unanswered + 1, refused) };
                failed = Some(error.to_string());
                if unanswered == UNANSWERED || refused == REFUSED {
                    break;
                }
            }
        }
    }
    let tx = app.db.write().await?;
    store::delete(&tx, &left).await?;
    tx.commit().await?;
    failed.map_or(Ok(()), |error| Err(JobError::Retry(error)))
}

/// The JSON that the gateway gets.
fn line(app: &App, message: &store::Message, site: &str) -> String {
    let line = serde_json::json!({
        "time": beijing(app.clock.now()).format(&Rfc3339).unwrap_or_default(),
        "to": message.to,
        "template": message.template.code(),
        "params": message.template.params(),
        "text": message.template.text(site),
    });
    line.to_string()
}

/// Fisher and Yates; the bias of the remainder of 64 bits is beyond measuring.
fn shuffle(ids: &mut [i64]) {
    for end in (1..ids.len()).rev() {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).expect("the system's random numbers");
        let other = u64::from_le_bytes(random) % (end as u64 + 1);
        ids.swap(end, usize::try_from(other).unwrap_or(end));
    }
}
