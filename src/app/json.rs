//! Serialisation that serde has no attribute for.

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
