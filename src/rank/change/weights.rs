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
pub const LIKELY: f64 = 0.22;

const BIAS: f64 = -4.68;

/// One for each of [`SIGNALS`].
#[rustfmt::skip]
const WEIGHTS: [f64; SIGNALS.len()] = [
    0.77, 0.97, 0.89, 0.49, 0.48, 0.42, 1.80, 0.93, -0.14, -0.37, 0.45, 0.27, 0.84, 1.19, 0.22, 0.19, 0.06, -0.08,
    0.54, 0.47, 0.14, -1.01, -0.08, -0.25, 0.51, 0.90,
];

/// A rule that held as often as this stands by itself, and what it then counts.
const STRONG: f64 = 0.5;
const BY_RULE: f64 = 0.6;

/// The probability that a file with these signals belongs to the change.
pub fn likely(row: &[f64]) -> f64 {
    let sum: f64 = row.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    let fitted = 1.0 / (1.0 + (-(BIAS + sum)).exp());
    // The square root of the confidence is what was measured.
    let confidence = row[TOGETHER].powi(2);
    if confidence >= STRONG { fitted.max(BY_RULE * confidence) } else { fitted }
}

/// Where `together` stands among the signals.
const TOGETHER: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nearly_always_changed_along_is_likely_whatever_it_holds() {
        assert_eq!(SIGNALS[TOGETHER], "together");
        let mut row = vec![0.0; SIGNALS.len()];
        assert!(likely(&row) < 0.02);
        row[TOGETHER] = 0.9;
        assert!(likely(&row) > LIKELY);
        row[TOGETHER] = 0.5;
        assert!(likely(&row) < LIKELY);
    }
}
