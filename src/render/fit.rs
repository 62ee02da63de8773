//! Choosing what to say within a budget of tokens.
//!
//! The candidates come in order of worth, and the cut falls only at certain
//! worths, which the caller names as `steps`, and not between any two. A line
//! that grows by two words, or a new line among many, then seldom pushes an
//! unrelated one out of the file, which keeps diffs about what changed.

/// The most candidates, counted from the front, with which `tokens` stays
/// within `budget`, out of `steps` (ascending). The first step is given back
/// unasked when nothing fits: the caller checks it.
pub fn fit(steps: &[usize], budget: usize, tokens: &dyn Fn(usize) -> usize) -> usize {
    let (mut low, mut high) = (0, steps.len());
    // Most projects fit as a whole.
    if let Some(all) = steps.last()
        && tokens(*all) <= budget
    {
        return *all;
    }
    while high - low > 1 {
        let middle = (low + high) / 2;
        match tokens(steps[middle]) <= budget {
            true => low = middle,
            false => high = middle,
        }
    }
    steps.get(low).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_the_last_step_within_the_budget() {
        let steps: Vec<usize> = (0..=1_000).step_by(7).collect();
        for budget in 5..3_500 {
            let chosen = fit(&steps, budget, &|n| 3 * n + 5);
            let next = steps.iter().find(|step| **step > chosen);
            assert!(
                3 * chosen + 5 <= budget && next.is_none_or(|next| 3 * next + 5 > budget),
                "{budget}: {chosen}"
            );
        }
    }

    #[test]
    fn nothing_to_say_or_no_room_is_the_first_step() {
        assert_eq!(fit(&[0], 10, &|n| n), 0);
        assert_eq!(fit(&[0, 5], 3, &|n| n + 4), 0);
    }
}
