//! The ballot box: ballots that arrive while a commit is written go into the next one together.
//!
//! No timer and no sleep: the first ballot waits for nothing, those behind it for the commit that runs. An answer comes
//! after the commit, so that an acknowledged ballot is on disk and in its roll-ups.

use super::store::ballots;
use crate::clock::{Clock, Millis};
use daylight_db::{Db, DbErr};
use daylight_ratings::ballot::{Ballot, SubjectId, Token};
use std::sync::{Arc, OnceLock};
use tokio::sync::{mpsc, oneshot};

/// Ballots that may wait; past them the citizen is asked to tap once more.
const WAITING: usize = 4096;
/// Ballots of one commit.
pub const MOST: usize = 256;

/// A ballot with all that is known of it; eligibility and answers were looked at before.
#[derive(Clone, Copy, Debug)]
pub struct Slip {
    /// The round.
    pub round: i64,
    /// Who is rated.
    pub subject: SubjectId,
    /// Whose it is, for who has the round's key.
    pub token: Token,
    /// What it says.
    pub ballot: Ballot,
}

/// What became of a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It is a first one.
    New,
    /// It stands in the place of an earlier one.
    Changed,
    /// The round takes no ballots any more, or does not ask about this subject.
    Closed,
}

/// Why a ballot was not taken. Handing it in again is safe: it is the same ballot.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CastError {
    /// Too many at once.
    #[error("现在评价的人太多，请稍后再点一次")]
    Full,
    /// The transaction failed: nothing of it was kept.
    #[error("{0}")]
    Db(Arc<DbErr>),
    /// The program ends.
    #[error("the ballot box is closed")]
    Ended,
}

struct Waiting {
    slip: Slip,
    answer: oneshot::Sender<Result<Counted, CastError>>,
}

/// The box of one program. Its task begins with the first ballot.
#[derive(Clone, Default)]
pub struct BallotBox(Arc<OnceLock<mpsc::Sender<Waiting>>>);

impl BallotBox {
    /// Hands a ballot in, and returns when it is on disk.
    ///
    /// # Errors
    ///
    /// [`CastError`]; then it was not taken.
    pub async fn cast(&self, db: &Db, clock: &Clock, slip: Slip) -> Result<Counted, CastError> {
        self.cast_within(db, clock, slip, WAITING).await
    }

    async fn cast_within(
        &self,
        db: &Db,
        clock: &Clock,
        slip: Slip,
        room: usize,
    ) -> Result<Counted, CastError> {
        let sender = self.0.get_or_init(|| begin(db.clone(), clock.clone(), room));
        let (answer, answered) = oneshot::channel();
        sender.try_send(Waiting { slip, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CastError::Full,
            mpsc::error::TrySendError::Closed(_) => CastError::Ended,
        })?;
        answered.await.unwrap_or(Err(CastError::Ended))
    }
}

fn begin(db: Db, clock: Clock, room: usize) -> mpsc::Sender<Waiting> {
    let (sender, mut receiver) = mpsc::channel::<Waiting>(room);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(MOST);
        // Ends when every server of this program has let go of the box.
        while receiver.recv_many(&mut batch, MOST).await > 0 {
            empty(&db, clock.now(), &mut batch).await;
        }
    });
    sender
}

/// Takes a batch down in one transaction, and answers.
async fn empty(db: &Db, now: Millis, batch: &mut Vec<Waiting>) {
    let slips: Vec<_> = batch.iter().map(|waiting| waiting.slip).collect();
    let counted = commit(db, &slips, now).await.map_err(Arc::new);
    metrics::counter!("daylight_ballot_commits_total").increment(1);
    for (at, waiting) in batch.drain(..).enumerate() {
        let answer = match &counted {
            Ok(counted) => Ok(counted[at]),
            Err(error) => Err(CastError::Db(error.clone())),
        };
        // Whoever went away has a ballot all the same.
        drop(waiting.answer.send(answer));
    }
}

async fn commit(db: &Db, slips: &[Slip], now: Millis) -> Result<Vec<Counted>, DbErr> {
    let tx = db.write().await?;
    let counted = ballots::take(&tx, slips, now).await?;
    tx.commit().await?;
    Ok(counted)
}

#[cfg(test)]
#[path = "tests/ballot_box.rs"]
mod tests;
