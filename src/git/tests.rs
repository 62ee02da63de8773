//! What the git facts promise.
