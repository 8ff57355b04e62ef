//! Columns as values: what the portable types of SQL stand for.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Row as _, ValueRef as _};

use crate::error::{Doing, Error, ErrorKind, Result};

/// Reads columns by name.
pub(crate) trait Columns {
    /// A text.
    fn text(&self, column: &str) -> Result<String>;
    /// A text that may be null.
    fn text_opt(&self, column: &str) -> Result<Option<String>>;
    /// A whole number.
    fn int(&self, column: &str) -> Result<i64>;
    /// A whole number that may be null.
    fn int_opt(&self, column: &str) -> Result<Option<i64>>;
    /// Bytes.
    fn bytes(&self, column: &str) -> Result<Vec<u8>>;
    /// Bytes that may be null.
    fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>>;

    /// 0 or 1.
    fn flag(&self, column: &str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    /// Microseconds since 1970.
    fn time(&self, column: &str) -> Result<Timestamp> {
        Timestamp::from_microsecond(self.int(column)?).map_err(|_| unreadable(column))
    }

    /// Microseconds since 1970, or null.
    fn time_opt(&self, column: &str) -> Result<Option<Timestamp>> {
        let micros = self.int_opt(column)?;
        micros.map(Timestamp::from_microsecond).transpose().map_err(|_| unreadable(column))
    }

    /// A text that stands for something: a uid, a state.
    fn parsed<T: FromStr>(&self, column: &str) -> Result<T> {
        self.text(column)?.parse().map_err(|_| unreadable(column))
    }

    /// The same, or null.
    fn parsed_opt<T: FromStr>(&self, column: &str) -> Result<Option<T>> {
        self.text_opt(column)?.map(|text| text.parse()).transpose().map_err(|_| unreadable(column))
    }

    /// A text that is JSON.
    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| unreadable(column))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String> {
        self.try_get(column).doing(&reading(column))
    }

    fn text_opt(&self, column: &str) -> Result<Option<String>> {
        if is_null(self, column)? { Ok(None) } else { self.text(column).map(Some) }
    }

    fn int(&self, column: &str) -> Result<i64> {
        self.try_get(column).doing(&reading(column))
    }

    fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        if is_null(self, column)? { Ok(None) } else { self.int(column).map(Some) }
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        self.try_get(column).doing(&reading(column))
    }

    fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>> {
        if is_null(self, column)? { Ok(None) } else { self.bytes(column).map(Some) }
    }
}

fn is_null(row: &AnyRow, column: &str) -> Result<bool> {
    Ok(row.try_get_raw(column).doing(&reading(column))?.is_null())
}

fn reading(column: &str) -> String {
    format!("read column {column}")
}

fn unreadable(column: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Failed, format!("column {column} holds what it must not"))
}
