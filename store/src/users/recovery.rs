//! The second factor as a whole: confirming it with its recovery codes, using those, removing it.

use serde_json::json;

use super::credentials::{require_change, require_self_or_server};
use super::{User, Users, org_column};
use crate::actor::Actor;
use crate::audit::AuditOutcome;
use crate::database::Tx;
use crate::error::{Doing, Error, ErrorKind, Result};
use crate::rights::{Action, Resource};
use crate::row::Columns;

impl Users<'_> {
    /// From now on the second factor is asked for, and these codes (their hashes) stand in for it, each once.
    ///
    /// # Errors
    /// `Conflict`: it is confirmed already, was never begun, or its code of this step was used; `NotFound`.
    pub async fn confirm_totp(&self, actor: &Actor, user: &User, step: i64, codes: &[String]) -> Result<()> {
        require_self_or_server(actor, user)?;
        let mut tx = self.store.begin().await?;
        let confirmed = sqlx::query(
            "update users set totp_confirmed = 1, totp_step = $3, version = version + 1 \
             where org_id = $1 and uid = $2 and totp_confirmed = 0 and totp_sealed is not null and totp_step < $3",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(step)
        .execute(tx.connection())
        .await
        .doing("confirm a second factor")?;
        if confirmed.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::Conflict, "there is no second factor to confirm"));
        }
        tx.replace_codes(user, codes).await?;
        tx.audit_factor(actor, user, "second factor on").await?;
        tx.commit().await
    }

    /// Other recovery codes instead of those there were.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, `Failed`.
    pub async fn replace_recovery_codes(&self, actor: &Actor, user: &User, codes: &[String]) -> Result<()> {
        require_self_or_server(actor, user)?;
        let mut tx = self.store.begin().await?;
        tx.replace_codes(user, codes).await?;
        tx.audit_factor(actor, user, "recovery codes").await?;
        tx.commit().await
    }

    /// Uses a recovery code by its hash: true once.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, `Failed`.
    pub async fn use_recovery_code(&self, actor: &Actor, user: &User, hash: &str) -> Result<bool> {
        require_self_or_server(actor, user)?;
        let mut tx = self.store.begin().await?;
        let used = sqlx::query(
            "update recovery_codes set used_at = $4 where org_id = $1 and user_uid = $2 and hash = $3 and used_at is null",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .bind(hash)
        .bind(self.store.now().as_microsecond())
        .execute(tx.connection())
        .await
        .doing("use a recovery code")?;
        let is_good = used.rows_affected() == 1;
        if is_good {
            tx.audit_factor(actor, user, "recovery code used").await?;
            tx.commit().await?;
        }
        Ok(is_good)
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`, `Failed`.
    pub async fn recovery_codes_left(&self, actor: &Actor, user: &User) -> Result<i64> {
        require_self_or_server(actor, user)?;
        let row = sqlx::query(
            "select cast(count(*) as bigint) as codes from recovery_codes \
             where org_id = $1 and user_uid = $2 and used_at is null",
        )
        .bind(org_column(user.org))
        .bind(user.uid.to_string())
        .fetch_one(self.store.pool())
        .await
        .doing("count recovery codes")?;
        row.int("codes")
    }

    /// Removes the second factor: one's own, or that of somebody who lost it, by who runs the organization.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn remove_totp(&self, actor: &Actor, user: &User) -> Result<()> {
        require_change(actor, user)?;
        let mut tx = self.store.begin().await?;
        tx.of_user(
            "update users set totp_sealed = null, totp_confirmed = 0, totp_step = 0, version = version + 1 \
             where org_id = $1 and uid = $2",
            user,
        )
        .await?;
        tx.of_user("delete from recovery_codes where org_id = $1 and user_uid = $2", user).await?;
        tx.audit_factor(actor, user, "second factor off").await?;
        tx.commit().await
    }
}

impl Tx {
    async fn replace_codes(&mut self, user: &User, codes: &[String]) -> Result<()> {
        self.of_user("delete from recovery_codes where org_id = $1 and user_uid = $2", user).await?;
        for hash in codes {
            sqlx::query("insert into recovery_codes (org_id, user_uid, hash) values ($1, $2, $3)")
                .bind(org_column(user.org))
                .bind(user.uid.to_string())
                .bind(hash)
                .execute(self.connection())
                .await
                .doing("keep recovery codes")?;
        }
        Ok(())
    }

    async fn audit_factor(&mut self, actor: &Actor, user: &User, what: &str) -> Result<()> {
        let details = json!({ "what": what });
        self.audit_in(user.org, actor, Action::Change, Resource::User, user.uid, AuditOutcome::Done, details).await
    }
}
