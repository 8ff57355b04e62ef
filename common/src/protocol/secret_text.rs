//! Secrets inside messages: text on the wire, nothing in `Debug`. For `#[serde(with = "secret_text")]`.

use serde::{Deserialize, Deserializer, Serializer};

use crate::Secret;

/// # Errors
/// What the serializer says.
pub fn serialize<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// # Errors
/// It is no text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// The same for one that may be missing.
pub mod optional {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Secret;

    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(secret: &Option<Secret<String>>, serializer: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => serializer.serialize_some(secret.expose()),
            None => serializer.serialize_none(),
        }
    }

    /// # Errors
    /// It is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<String>>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}

/// The same for a table of them: names in the open, values not.
pub mod table {
    use std::collections::BTreeMap;

    use serde::ser::SerializeMap;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Secret;

    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(
        secrets: &BTreeMap<String, Secret<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(secrets.len()))?;
        for (name, secret) in secrets {
            map.serialize_entry(name, secret.expose())?;
        }
        map.end()
    }

    /// # Errors
    /// It is no table of texts.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Secret<String>>, D::Error> {
        let plain = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(plain.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }
}
