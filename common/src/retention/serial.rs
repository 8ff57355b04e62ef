//! Rules as JSON: numbers where they are numbers, and the texts that people write elsewhere.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Count, GroupBy, IdPrefix, Period, TagList};

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(count) => serializer.serialize_u32(*count),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number of snapshots, or \"unlimited\"")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
        let wrong = || E::invalid_value(de::Unexpected::Unsigned(count), &self);
        u32::try_from(count).map(Count::AtMost).map_err(|_| wrong())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

/// Values that are written as their text.
macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.text())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Period, GroupBy, TagList, IdPrefix);

impl Period {
    fn text(self) -> String {
        self.to_string()
    }
}

impl GroupBy {
    fn text(self) -> String {
        self.to_string()
    }
}

impl TagList {
    fn text(&self) -> String {
        self.tags().join(",")
    }
}

impl IdPrefix {
    fn text(&self) -> String {
        self.0.clone()
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};
    use utoipa::{PartialSchema, ToSchema};

    use super::{Count, GroupBy, IdPrefix, Period, TagList};

    impl PartialSchema for Count {
        fn schema() -> RefOr<Schema> {
            let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
            let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["unlimited"]));
            let either = AnyOfBuilder::new().item(number).item(word);
            Schema::AnyOf(either.description(Some("How many snapshots a rule keeps.")).build()).into()
        }
    }

    impl ToSchema for Count {
        fn name() -> Cow<'static, str> {
            "Count".into()
        }
    }

    crate::schema::texts! {
        Period "^([0-9]{1,4}[ymdh])*$";
        GroupBy "^((host|paths|tags)(,(host|paths|tags)){0,2})?$";
        TagList "^[^,]*(,[^,]*)*$";
        IdPrefix "^[0-9a-fA-F]{1,64}$";
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::retention::{Count, Retention};

    #[test]
    fn rules_read_back_as_they_were_written() {
        let text = r#"{"last":3,"daily":"unlimited","within":"1y2m","tags":["a,b",""],"ids":["AB12"]}"#;
        let rules: Retention = serde_json::from_str(text).unwrap();
        assert_eq!((rules.last, rules.daily, rules.within.months), (Count::AtMost(3), Count::Unlimited, 2));
        let written = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Retention>(&written).unwrap(), rules);
        assert!(written.contains(r#""tags":["a,b",""],"ids":["ab12"]"#), "{written}");
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in
            [r#"{"last":-1}"#, r#"{"last":"-1"}"#, r#"{"hourly":5000000000}"#, r#"{"within":"3"}"#, r#"{"lasst":1}"#]
        {
            assert!(serde_json::from_str::<Retention>(text).is_err(), "{text}");
        }
    }
}
