//! Reads values out of a table and variables, and remembers everything that is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::{Table, Value};

use super::{ConfigError, VARIABLE_PREFIX};

/// What every program that tells traces looks at, unless something else is said for it alone. Source: the OTLP specification.
const COLLECTOR_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: String,
    sentence: String,
}

impl Fault {
    pub(super) fn new(place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { place: place.into(), sentence: sentence.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.sentence)
    }
}

/// A value, and the name of the place it came from.
struct Given {
    place: String,
    value: Value,
}

/// Reads values, and remembers which keys were asked for and what is wrong.
pub(super) struct Reader {
    table: Table,
    variables: BTreeMap<String, String>,
    asked: BTreeSet<(String, String)>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(text: &str, variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let table = text
            .parse::<Table>()
            .map_err(|fault| ConfigError { faults: vec![Fault::new("the file", fault.to_string().trim_end())] })?;
        // Only names of the form SECTION__KEY are keys; other variables of that prefix belong to other verbs.
        let variables = variables.iter().filter(|(name, _)| name.contains("__"));
        let variables = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
        Ok(Self { table, variables, asked: BTreeSet::new(), faults: Vec::new() })
    }

    pub(super) fn fault(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.faults.push(Fault::new(place, sentence));
    }

    /// What was given for a key: by the variable, or else by the file.
    fn given(&mut self, section: &str, key: &str) -> Option<Given> {
        self.asked.insert((section.to_owned(), key.to_owned()));
        let name = variable(section, key);
        if let Some(text) = self.variables.get(&name) {
            return Some(Given { place: format!("{VARIABLE_PREFIX}{name}"), value: Value::String(text.clone()) });
        }
        let value = self.table.get(section)?.as_table()?.get(key)?.clone();
        Some(Given { place: format!("{section}.{key}"), value })
    }

    pub(super) fn text(&mut self, section: &str, key: &str) -> Option<String> {
        let given = self.given(section, key)?;
        match given.value {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => {
                self.fault(given.place, "must be a text");
                None
            }
        }
    }

    /// A path: from where the server is started, if it says no more. Whoever reads it later may be elsewhere.
    pub(super) fn path(&mut self, section: &str, key: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.text(section, key)?);
        Some(std::path::absolute(&path).unwrap_or(path))
    }

    /// An `http:` or `https:` URL without anything after its path, and without a slash at its end.
    pub(super) fn url(&mut self, section: &str, key: &str) -> Option<String> {
        let text = self.text(section, key)?;
        let is_sound = text.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
        });
        if !is_sound {
            self.fault(format!("{section}.{key}"), format!("{text:?} is not a URL of http or https"));
            return None;
        }
        Some(text.trim_end_matches('/').to_owned())
    }

    pub(super) fn parsed<T: FromStr>(&mut self, section: &str, key: &str, what: &str) -> Option<T> {
        let given = self.given(section, key)?;
        let text = given.value.as_str().map_or_else(|| given.value.to_string(), str::to_owned);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(given.place, format!("{text:?} is not {what}"));
        }
        parsed
    }

    pub(super) fn flag(&mut self, section: &str, key: &str) -> Option<bool> {
        let given = self.given(section, key)?;
        match (&given.value, given.value.as_str()) {
            (Value::Boolean(flag), _) => Some(*flag),
            (_, Some("true")) => Some(true),
            (_, Some("false")) => Some(false),
            (_, _) => {
                self.fault(given.place, "must be true or false");
                None
            }
        }
    }

    pub(super) fn number<T>(&mut self, section: &str, key: &str, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + fmt::Display,
    {
        let given = self.given(section, key)?;
        let number = given.value.as_integer().or_else(|| given.value.as_str()?.parse().ok());
        let number = number.and_then(|number| T::try_from(number).ok()).filter(|number| range.contains(number));
        if number.is_none() {
            self.fault(given.place, format!("must be a number from {} to {}", range.start(), range.end()));
        }
        number
    }

    pub(super) fn choice<T: Copy>(&mut self, section: &str, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let given = self.given(section, key)?;
        let chosen = choices.iter().find(|(word, _)| given.value.as_str() == Some(word)).map(|(_, value)| *value);
        if chosen.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.fault(given.place, format!("must be {}", words.join(" or ")));
        }
        chosen
    }

    /// A list of texts; a variable separates them by commas.
    pub(super) fn list<T>(
        &mut self,
        section: &str,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let Some(given) = self.given(section, key) else { return Vec::new() };
        let texts: Option<Vec<String>> = match &given.value {
            Value::String(text) => {
                Some(text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect())
            }
            Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        let Some(texts) = texts else {
            self.fault(given.place, "must be a list of texts");
            return Vec::new();
        };
        let mut parsed = Vec::new();
        for text in texts {
            match parse(&text) {
                Some(value) => parsed.push(value),
                None => self.fault(given.place.clone(), format!("{text:?} is not {what}")),
            }
        }
        parsed
    }

    /// A secret, which belongs into no file that people share.
    pub(super) fn variable_only(&mut self, section: &str, key: &str) -> Option<String> {
        let given = self.given(section, key)?;
        if !given.place.starts_with(VARIABLE_PREFIX) {
            let name = format!("{VARIABLE_PREFIX}{}", variable(section, key));
            self.fault(given.place, format!("is a secret: give it as the variable {name}, or as a file"));
            return None;
        }
        given.value.as_str().map(str::to_owned)
    }

    /// Everything that is wrong, unknown keys included.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        let mut unknown = Vec::new();
        for (section, value) in &self.table {
            match value.as_table() {
                Some(keys) => {
                    let asked = |key: &String| self.asked.contains(&(section.clone(), key.clone()));
                    unknown.extend(keys.keys().filter(|key| !asked(key)).map(|key| format!("{section}.{key}")));
                }
                None => unknown.push(section.clone()),
            }
        }
        let known: BTreeSet<String> = self.asked.iter().map(|(section, key)| variable(section, key)).collect();
        let variables = self.variables.keys().filter(|name| !known.contains(*name));
        unknown.extend(variables.map(|name| format!("{VARIABLE_PREFIX}{name}")));
        self.faults.extend(unknown.into_iter().map(|place| Fault::new(place, "is not a key of the configuration")));
        self.faults
    }
}

fn variable(section: &str, key: &str) -> String {
    format!("{}__{}", section.to_uppercase(), key.to_uppercase())
}

/// The text of a file (none without one), and our variables without their prefix.
///
/// # Errors
/// The file cannot be read.
pub(super) fn given(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(String, BTreeMap<String, String>), ConfigError> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|fault| ConfigError { faults: vec![Fault::new(path.display().to_string(), fault.to_string())] })?,
        None => String::new(),
    };
    let mut ours = BTreeMap::new();
    let mut collector = None;
    for (name, value) in variables {
        if name == COLLECTOR_VARIABLE {
            collector = Some(value).filter(|value| !value.is_empty());
        } else if let Some(name) = name.strip_prefix(VARIABLE_PREFIX) {
            ours.insert(name.to_owned(), value);
        }
    }
    if let Some(collector) = collector {
        ours.entry("TELEMETRY__OTLP".to_owned()).or_insert(collector);
    }
    Ok((text, ours))
}
