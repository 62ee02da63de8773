//! What each signal of a companion counts. Fitted once on the history of
//! repositories that are in no figure; `benches/relevance/README.md` tells how.
//!
//! Not here: how a signal is measured.

/// The signals, in the order in which they are measured.
pub const SIGNALS: [&str; 26] = [
    "names",
    "names_dense",
    "names_of_best",
    "rarest_name",
    "declares",
    "uses",
    "together",
    "together_of_best",
    "times",
    "lift",
    "near",
    "last",
    "overlap",
    "namesake",
    "name_words",
    "folder",
    "closeness",
    "extension",
    "imported",
    "imports",
    "activity",
    "touches",
    "test",
    "source",
    "names_young",
    "names_and_together",
];

/// How likely a file belongs to a change before a list that is not cut ends.
pub const LIKELY: f64 = 0.3;

const BIAS: f64 = -5.0;

/// One for each of [`SIGNALS`].
const WEIGHTS: [f64; SIGNALS.len()] = [
    1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 2.0, 1.0, 0.2, 0.3, 0.5, 0.5, 1.0, 1.5, 0.5, 0.3, 0.3, 0.3, 0.5, 0.5, 0.1,
    -1.0, 0.0, 0.0, 0.5, 1.0,
];

/// The probability that a file with these signals belongs to the change.
pub fn likely(row: &[f64]) -> f64 {
    let sum: f64 = row.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-(BIAS + sum)).exp())
}
