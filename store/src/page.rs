//! Lists, a page at a time, by key: a page begins after the last item of the one before, so that nothing is skipped or
//! shown twice while rows come and go.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Result};

/// Items of a page when nobody asks for a number.
pub const PAGE_ITEMS: u32 = 50;

/// Items of a page at most.
pub const PAGE_ITEMS_MAX: u32 = 500;

/// Characters of a cursor at most.
const CURSOR_CHARS_MAX: usize = 512;

/// Where a page begins and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    after: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: PAGE_ITEMS, after: None }
    }
}

impl Page {
    /// A page of up to `limit` items after a cursor, the `next` of the page before.
    ///
    /// # Errors
    /// `Invalid`: a limit of nothing or more than [`PAGE_ITEMS_MAX`], or a cursor that no list gave.
    pub fn new(limit: Option<u32>, after: Option<&str>) -> Result<Self> {
        let limit = limit.unwrap_or(PAGE_ITEMS);
        if limit == 0 || limit > PAGE_ITEMS_MAX {
            return Err(Error::invalid("limit", format!("limit must be between 1 and {PAGE_ITEMS_MAX}")));
        }
        let wrong = || Error::invalid("after", "after must be the `next` of a page of this list");
        let decode = |text: &str| {
            let bytes = if text.len() > CURSOR_CHARS_MAX { None } else { hex::decode(text).ok() };
            bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)
        };
        Ok(Self { limit, after: after.map(decode).transpose()? })
    }

    /// Rows to ask for: one more than are shown, which tells whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The key after which the page begins.
    ///
    /// # Errors
    /// `Invalid`: a cursor of another list.
    pub(crate) fn after<K: FromStr>(&self) -> Result<Option<K>> {
        let parse = |text: &String| text.parse().map_err(|_| Error::invalid("after", "after is of another list"));
        self.after.as_ref().map(parse).transpose()
    }

    /// The page's items out of the rows that were asked for.
    pub(crate) fn list<T, K: fmt::Display>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> List<T> {
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let next = rows.last().filter(|_| has_more).map(|last| hex::encode(key(last).to_string()));
        List { items: rows, next }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct List<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last page.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Nothing, and nothing after it.
    pub const fn empty() -> Self {
        Self { items: Vec::new(), next: None }
    }

    /// The same page of something made from the items.
    pub fn map<U>(self, made: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(made).collect(), next: self.next }
    }
}
