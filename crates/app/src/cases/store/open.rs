//! Opening a case as a member of staff.

use super::{Opened, StoreError, events::open_with, lock, sight::sight};
use crate::{authz::Actor, cases::keys, clock::Millis};
use daylight_db::Tx;
use daylight_vault::Vault;

/// Opens a case for a member of staff. That they were shown it is kept before it is shown.
pub async fn open(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let (_, seen) = sight(&**tx, vault, actor, case_id).await?;
    let through = u32::try_from(seen.events).map_err(|_| StoreError::Damaged)?;
    keys::store::note_opened(tx, case_id, actor.account_id, through, now).await?;
    // Read by their own keys: a mistake in the decision alone opens nothing.
    let keys = keys::store::keys(&**tx, vault, case_id, Some(actor.account_id)).await?;
    let opened = open_with(&**tx, case_id, keys).await?;
    // It was decided by the columns: they must be the case's.
    let (standing, case) = ((seen.organ_id, seen.handler_id, seen.recused), &opened.case);
    if standing != (case.organ_id, case.handler_id, case.recused.clone()) {
        return Err(StoreError::Damaged);
    }
    Ok(opened)
}
