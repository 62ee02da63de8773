//! The files that belong to a change of the tree that was read.
//!
//! Not here: how they are told (`rank::change`).

use super::Reading;
use crate::model::{Diff, History};
pub use crate::rank::change::{ChangeMeasure, Companion, CompanionReason};

/// Measures all files beside a change: for its companions and its tests.
pub fn measured_change(reading: &Reading, history: &History, diff: &Diff) -> ChangeMeasure {
    reading.load();
    ChangeMeasure::of(&reading.tree, history, diff)
}
