//! Lists, a page at a time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Problem, ProblemCode, Result};

/// Which page of a list is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items at most: 1 to 500, 50 if not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

impl PageQuery {
    /// The page.
    ///
    /// # Errors
    /// `Malformed`: a limit or cursor that cannot be.
    pub fn page(&self) -> Result<bygone_store::Page> {
        page(self.limit, self.after.as_deref())
    }
}

/// The page of a query that holds more than the page.
///
/// # Errors
/// `Malformed`: a limit or cursor that cannot be.
pub fn page(limit: Option<u32>, after: Option<&str>) -> Result<bygone_store::Page> {
    let page = bygone_store::Page::new(limit, after);
    // A limit or cursor that cannot be is a query that cannot be read.
    page.map_err(|error| match error.kind() {
        bygone_store::ErrorKind::Invalid { field } => {
            Problem::new(ProblemCode::Malformed, error.context()).about(*field)
        }
        _ => error.into(),
    })
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListBody<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins: give it as `after`. Null on the last page.
    pub next: Option<String>,
}

impl<T> ListBody<T> {
    /// The body of a list, each item made by `made`.
    pub fn of<U>(list: bygone_store::List<U>, made: impl FnMut(U) -> T) -> Self {
        let list = list.map(made);
        Self { items: list.items, next: list.next }
    }
}
