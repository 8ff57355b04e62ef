//! Reading what a newer server says: fields that this version does not know are passed over, at every depth.
//!
//! What a plan is made of is strict where people type it (the API), and the same values travel to agents inside of jobs. So
//! their types refuse unknown fields, and here those are taken out before the types see them: a `struct` tells a
//! deserializer which fields it has.

use serde::de::value::{MapDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Error, Value};

/// For `#[serde(deserialize_with = …)]`.
///
/// # Errors
/// A field that is known is missing, or holds what it cannot.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    T::deserialize(Tolerant(Value::deserialize(from)?)).map_err(D::Error::custom)
}

/// A value whose objects have no fields but those that are asked for.
struct Tolerant(Value);

impl IntoDeserializer<'_, Error> for Tolerant {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tolerant {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => SeqDeserializer::new(items.into_iter().map(Self)).deserialize_any(visitor),
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, Self(value)));
                MapDeserializer::new(fields).deserialize_any(visitor)
            }
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                plain.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(mut fields) => {
                fields.retain(|name, _| known.contains(&name.as_str()));
                Self(Value::Object(fields)).deserialize_any(visitor)
            }
            other => Self(other).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            some => visitor.visit_some(Self(some)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(StringDeserializer::<Error>::new(variant)),
            // A variant that holds something, such as the rule of a schedule, is read as strictly as anywhere.
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::job::BackupSpec;
    use crate::plan::PlanSpec;

    #[derive(Deserialize)]
    struct Message {
        #[serde(deserialize_with = "deserialize")]
        spec: BackupSpec,
    }

    fn spec() -> Value {
        json!({
            "plan": "01900000-0000-7000-8000-000000000001",
            "plan_version": 3,
            "source": "01900000-0000-7000-8000-000000000002",
            "repository": "01900000-0000-7000-8000-000000000003",
            "paths": ["/home"],
            "capture": { "exclude": ["*.tmp"], "compression": "max" },
            "host": null,
            "tags": ["a"],
            "hooks": [{ "when": "before", "command": ["true"], "allowed_exit_codes": [0, 3] }],
            "limits": { "nice": 5, "bandwidth": [{ "during": { "from": "08:00", "to": "18:00" } }] },
            "storage_class": "cold",
        })
    }

    #[test]
    fn what_a_newer_server_adds_is_passed_over_at_every_depth() {
        let plain: BackupSpec = serde_json::from_value(spec()).unwrap();
        let mut newer = spec();
        newer["mood"] = json!({ "good": [1, null] });
        newer["capture"]["exclude_cloud_files"] = json!(true);
        newer["hooks"][0]["shell"] = json!("zsh");
        newer["limits"]["bandwidth"][0]["burst"] = json!(9);
        assert!(serde_json::from_value::<BackupSpec>(newer.clone()).is_err(), "people are told what they mistyped");
        let message: Message = serde_json::from_value(json!({ "spec": newer })).unwrap();
        assert_eq!(message.spec, plain);
    }

    #[test]
    fn what_is_known_still_has_to_be_right() {
        for (field, value) in
            [("plan_version", json!("x")), ("storage_class", json!("lukewarm")), ("paths", json!(null))]
        {
            let mut wrong = spec();
            wrong[field] = value;
            assert!(serde_json::from_value::<Message>(json!({ "spec": wrong })).is_err(), "{field}");
        }
        let mut missing = spec();
        missing.as_object_mut().unwrap().remove("repository");
        assert!(serde_json::from_value::<Message>(json!({ "spec": missing })).is_err());
        let typed = json!({ "sources": [], "repositories": [], "capture": { "exclud": [] } });
        assert!(serde_json::from_value::<PlanSpec>(typed).is_err(), "the API stays strict");
    }
}
