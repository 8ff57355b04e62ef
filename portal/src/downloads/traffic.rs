//! How much is sent: at once, a second, and a day; by user and by organization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bygone_common::access::Limits;
use bygone_common::{OrgUid, UserUid};
use bygone_http::{Problem, ProblemCode, Result};
use bygone_store::{Actor, Store};

use super::DownloadLimits;
use crate::feed::meter::{Daily, Rate, day_of, seconds_left};

/// Connections of one download at most: download managers open some at once.
const CONNECTIONS_MAX: usize = 32;
/// Downloads of one user at one time, unless a grant says otherwise.
const DOWNLOADS_MAX: u32 = 8;
/// Connections that are sent to at one time, of everybody.
const ALL_CONNECTIONS_MAX: usize = 8_192;
/// Users and organizations that are remembered although nothing is sent to them.
const REMEMBERED_MAX: usize = 10_000;
/// Seconds after which a client may ask again that has too many downloads.
const RETRY_SECONDS: u64 = 5;

/// What is sent to whom.
#[derive(Debug)]
pub(crate) struct Traffic {
    user_rate: Option<u64>,
    org_rate: Option<u64>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    users: HashMap<(OrgUid, Option<UserUid>), Arc<User>>,
    orgs: HashMap<OrgUid, Arc<Org>>,
    connections: Weak<()>,
}

#[derive(Debug)]
struct User {
    rate: Option<Arc<Rate>>,
    daily: Arc<Daily>,
    /// Connections of each download.
    downloads: Mutex<HashMap<String, usize>>,
}

#[derive(Debug)]
struct Org {
    rate: Option<Arc<Rate>>,
}

/// What is asked for over a connection.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) org: OrgUid,
    pub(crate) user: Option<UserUid>,
    /// What is one download, however many connections it has. None: it is a drive, of which somebody has a few.
    pub(crate) download: Option<String>,
    /// Bytes of the answer.
    pub(crate) bytes: u64,
}

/// A connection that may be sent to, until this is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    user: Arc<User>,
    org: Arc<Org>,
    download: Option<String>,
    bytes_per_day: Option<u64>,
    _counted: Arc<()>,
}

impl Admitted {
    /// The rates that hold.
    pub(crate) fn rates(&self) -> Vec<Arc<Rate>> {
        [&self.user.rate, &self.org.rate].into_iter().flatten().cloned().collect()
    }

    /// What the user has had today, and may have.
    pub(crate) fn daily(&self) -> (Arc<Daily>, Option<u64>) {
        (self.user.daily.clone(), self.bytes_per_day)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let Some(download) = &self.download else { return };
        let mut downloads = lock(&self.user.downloads);
        if let Some(count) = downloads.get_mut(download) {
            *count -= 1;
            if *count == 0 {
                downloads.remove(download);
            }
        }
    }
}

impl User {
    /// Lets a connection of a download in, of so many downloads at most.
    fn admit(&self, download: &str, most: u32) -> Result<()> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut downloads = lock(&self.downloads);
        let refused =
            |sentence: String| Err(Problem::new(ProblemCode::TooManyRequests, sentence).retry_after(RETRY_SECONDS));
        let others = downloads.len();
        match downloads.get_mut(download) {
            Some(count) if *count >= CONNECTIONS_MAX => {
                refused(format!("a download has at most {CONNECTIONS_MAX} connections"))
            }
            Some(count) => {
                *count += 1;
                Ok(())
            }
            None if others >= most => refused(format!("you may have {most} downloads at one time")),
            None => {
                downloads.insert(download.to_owned(), 1);
                Ok(())
            }
        }
    }
}

impl Traffic {
    pub(crate) fn new(limits: &DownloadLimits) -> Self {
        Self { user_rate: limits.user_bytes_per_second, org_rate: limits.org_bytes_per_second, known: Mutex::default() }
    }

    /// Lets a connection of a download in.
    ///
    /// # Errors
    /// `TooManyRequests`, with the time to wait; `Unavailable`: the server is full, or the database does not answer.
    pub(crate) async fn admit(&self, store: &Store, asked: Asked, limits: Limits) -> Result<Admitted> {
        let Asked { org, user, download, bytes } = asked;
        let (user_traffic, org_traffic, counted) = self.known(org, user)?;
        let now = store.now().as_second();
        if let Some(uid) = user {
            let server = Actor::system("downloads", org);
            let told = store.download_days().get(&server, org, uid, day_of(now)).await?;
            user_traffic.daily.begin(day_of(now), told);
        }
        if let Some(most) = limits.bytes_per_day {
            let left = most.saturating_sub(user_traffic.daily.used());
            if bytes > left {
                let sentence =
                    format!("{bytes} bytes are asked for, and {left} are left for today, which ends at midnight UTC");
                return Err(Problem::new(ProblemCode::TooManyRequests, sentence).retry_after(seconds_left(now)));
            }
        }
        if let Some(download) = &download {
            user_traffic.admit(download, limits.downloads.unwrap_or(DOWNLOADS_MAX))?;
        }
        let bytes_per_day = limits.bytes_per_day;
        Ok(Admitted { user: user_traffic, org: org_traffic, download, bytes_per_day, _counted: counted })
    }

    fn known(&self, org: OrgUid, user: Option<UserUid>) -> Result<(Arc<User>, Arc<Org>, Arc<()>)> {
        let mut known = lock(&self.known);
        let counted = known.connections.upgrade().unwrap_or_default();
        known.connections = Arc::downgrade(&counted);
        if Arc::strong_count(&counted) > ALL_CONNECTIONS_MAX {
            return Err(Problem::new(ProblemCode::Unavailable, "too much is downloaded just now: try again"));
        }
        if known.users.len() > REMEMBERED_MAX {
            known.users.retain(|_, user| Arc::strong_count(user) > 1 || user.daily.has_untold());
            known.orgs.retain(|_, org| Arc::strong_count(org) > 1);
        }
        let rate = |bytes: Option<u64>| bytes.map(|bytes| Arc::new(Rate::new(bytes)));
        let user = known.users.entry((org, user)).or_insert_with(|| {
            Arc::new(User { rate: rate(self.user_rate), daily: Arc::default(), downloads: Mutex::default() })
        });
        let user = user.clone();
        let org = known.orgs.entry(org).or_insert_with(|| Arc::new(Org { rate: rate(self.org_rate) })).clone();
        Ok((user, org, counted))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
