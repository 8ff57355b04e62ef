//! Which sources somebody sees something of, and what they may do with what is in them: roles, owners and grants as the
//! rules of [`bygone_common::access`]. Of what a source says of its visibility and what the plans that have it say, the
//! narrowest counts.

use bygone_common::access::{Access, Effect, Rule, Use, Uses};
use bygone_common::plan;
use bygone_common::{OrgUid, SnapshotPath, SourceUid, UserUid};

use crate::actor::Actor;
use crate::database::Store;
use crate::error::{Doing, Error, Result};
use crate::grants::{Grant, grant_of};
use crate::page::{List, Page};
use crate::rights::{Action, Resource, Right};
use crate::sources::{Source, Visibility, from_row};

/// A source that somebody sees something of. Whoever has one may ask for its snapshots.
#[derive(Debug, Clone)]
pub struct SourceAccess {
    source: Source,
    is_owner: bool,
    access: Access,
}

impl SourceAccess {
    /// The source.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Whether it is the asker's own.
    pub const fn is_owner(&self) -> bool {
        self.is_owner
    }

    /// What the asker may do in it.
    pub const fn access(&self) -> &Access {
        &self.access
    }
}

/// Who may do what in which sources.
#[derive(Debug, Clone, Copy)]
pub struct Accesses<'a> {
    store: &'a Store,
}

impl Store {
    /// Who may do what in which sources.
    pub const fn accesses(&self) -> Accesses<'_> {
        Accesses { store: self }
    }
}

impl Accesses<'_> {
    /// One source.
    ///
    /// # Errors
    /// `NotFound`: not there, or nothing of it is to be seen or restored.
    pub async fn of(&self, actor: &Actor, org: OrgUid, uid: SourceUid) -> Result<SourceAccess> {
        let org = actor.in_org(org)?;
        let question = (actor.standing(), org, uid);
        self.store.recent().accesses.or_ask(self.store.stamp(), question, self.ask(actor, org, uid)).await
    }

    async fn ask(&self, actor: &Actor, org: OrgUid, uid: SourceUid) -> Result<SourceAccess> {
        let missing = || Error::not_found(format_args!("source {uid}"));
        let row = sqlx::query("select * from sources where org_id = $1 and uid = $2")
            .bind(org.to_string())
            .bind(uid.to_string())
            .fetch_optional(self.store.pool())
            .await
            .doing("read a source")?;
        let source = from_row(&row.ok_or_else(missing)?)?;
        let grants = self.grants(actor, org, uid, uid).await?;
        let plans = self.store.plans().not_shared(org, Some(uid)).await?;
        seen(actor, source, &grants, &plans)?.ok_or_else(missing)
    }

    /// A page of the sources that an actor sees something of. A page may be shorter than asked for before the last.
    ///
    /// # Errors
    /// `NotFound`: another organization; `Invalid`: the page.
    pub async fn list(&self, actor: &Actor, org: OrgUid, page: &Page) -> Result<List<SourceAccess>> {
        let org = actor.in_org(org)?;
        let uses = Allowed::to(actor);
        if uses.everywhere.or(uses.own).is_empty() {
            return Ok(List::empty());
        }
        let after = page.after::<SourceUid>()?.map(|uid| uid.to_string()).unwrap_or_default();
        let rows = sqlx::query(
            "select * from sources s where s.org_id = $1 and s.uid > $2 and ($3 = 1 or s.visibility <> 'hidden' and \
             (s.owner_id = $4 or s.visibility = 'granted' and exists (select 1 from grants g where g.org_id = s.org_id \
             and g.source_uid = s.uid and g.user_uid = $4 and g.effect = 'allow'))) order by s.uid limit $5",
        )
        .bind(org.to_string())
        .bind(after)
        .bind(i64::from(!uses.everywhere.is_empty()))
        .bind(actor.who().user().map(|user| user.to_string()).unwrap_or_default())
        .bind(page.rows())
        .fetch_all(self.store.pool())
        .await
        .doing("list sources")?;
        let sources = rows.iter().map(from_row).collect::<Result<Vec<_>>>()?;
        let grants = match (sources.first(), sources.last()) {
            (Some(first), Some(last)) => self.grants(actor, org, first.uid, last.uid).await?,
            (None, _) | (_, None) => Vec::new(),
        };
        let plans = self.store.plans().not_shared(org, None).await?;
        let List { items, next } = page.list(sources, |source| source.uid);
        let items = items.into_iter().map(|source| seen(actor, source, &grants, &plans));
        Ok(List { items: items.filter_map(Result::transpose).collect::<Result<_>>()?, next })
    }

    /// The actor's grants of a range of sources.
    async fn grants(&self, actor: &Actor, org: OrgUid, first: SourceUid, last: SourceUid) -> Result<Vec<Grant>> {
        let Some(user) = actor.who().user() else { return Ok(Vec::new()) };
        let rows = sqlx::query(
            "select * from grants where org_id = $1 and user_uid = $2 and source_uid >= $3 and source_uid <= $4 \
             order by uid",
        )
        .bind(org.to_string())
        .bind(user.to_string())
        .bind(first.to_string())
        .bind(last.to_string())
        .fetch_all(self.store.pool())
        .await
        .doing("read grants")?;
        rows.iter().map(grant_of).collect()
    }
}

/// What a role, and the token it is used with, allow.
struct Allowed {
    /// In every source of the organization.
    everywhere: Uses,
    /// In one's own sources, and where grants say so.
    own: Uses,
}

impl Allowed {
    fn to(actor: &Actor) -> Self {
        let with = |right: Right| Uses::of(Use::ALL.into_iter().filter(|one| of(actor, *one) == right));
        Self { everywhere: with(Right::Allowed), own: with(Right::Own) }
    }
}

/// What is done with files is done to snapshots: finding is seeing them, putting back sets them to work, looking into and
/// taking away takes things out of them.
fn of(actor: &Actor, one: Use) -> Right {
    let action = match one {
        Use::See => Action::See,
        Use::Preview | Use::Download => Action::Export,
        Use::Restore => Action::Run,
    };
    actor.right(action, Resource::Snapshot)
}

/// What a source says, as far as a plan that has it lets it.
const fn narrowed(said: Visibility, by: plan::Visibility) -> Visibility {
    match (said, by) {
        (Visibility::Hidden, _) | (_, plan::Visibility::Hidden) => Visibility::Hidden,
        (Visibility::Owner, _) | (_, plan::Visibility::Owner) => Visibility::Owner,
        (Visibility::Granted, plan::Visibility::Shared) => Visibility::Granted,
    }
}

/// A source as an actor sees it; none if nothing of it.
fn seen(actor: &Actor, source: Source, grants: &[Grant], plans: &[plan::PlanSpec]) -> Result<Option<SourceAccess>> {
    let user: Option<UserUid> = actor.who().user();
    let is_owner = user.is_some() && source.owner == user;
    let uses = Allowed::to(actor);
    let of_source = plans.iter().filter(|plan| plan.sources.contains(&source.uid));
    let visibility = of_source.fold(source.visibility, |said, plan| narrowed(said, plan.visibility));
    let (owner_counts, grants_count) = match visibility {
        Visibility::Owner => (true, false),
        Visibility::Granted => (true, true),
        Visibility::Hidden => (false, false),
    };
    let mut rules = vec![everything(uses.everywhere)];
    if is_owner && owner_counts {
        rules.push(everything(uses.own));
    }
    for grant in grants.iter().filter(|grant| grant.source == source.uid) {
        // What was taken stays taken, whatever the source's visibility.
        if grants_count || grant.effect == Effect::Deny {
            rules.push(grant.rule()?);
        }
    }
    let access = Access::new(uses.everywhere.or(uses.own), rules);
    Ok((!access.is_nothing()).then_some(SourceAccess { source, is_owner, access }))
}

fn everything(uses: Uses) -> Rule {
    Rule::new(SnapshotPath::root(), Effect::Allow, uses)
}
