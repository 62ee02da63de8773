//! Serialisation that serde has no attribute for, and what schemas say of it.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// Serialises pairs as a map that keeps their order.
pub(super) fn map<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &[(K, V)],
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

/// The same for optional pairs.
pub(super) fn map_if_some<K: Serialize, V: Serialize, S: Serializer>(
    pairs: &Option<Vec<(K, V)>>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    map(pairs.as_deref().unwrap_or_default(), to)
}

/// What the value of a setting may be.
pub(super) fn setting_value(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer", "boolean", "array"], "items": { "type": "string" } })
}
