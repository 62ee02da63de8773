//! Choosing what to say within a budget of tokens.
//!
//! The candidates come in order of worth. How many of them are said moves in
//! steps of a few per cent and not one by one: a signature that grows by two
//! words then almost never pushes an unrelated line out of the file, which
//! keeps diffs about what changed.

/// Ratio between two steps. Four per cent leave two per cent of a budget
/// unused on average, and one edit in a hundred crosses a step.
const STEP: f64 = 1.04;

/// The most candidates, counted from the front, with which `tokens` stays
/// within `budget`; `least` when even those do not.
pub fn fit(least: usize, all: usize, budget: usize, tokens: &dyn Fn(usize) -> usize) -> usize {
    if tokens(all) <= budget {
        return all;
    }
    let steps = steps(least, all);
    // The first step is taken without asking; the caller checks it.
    let (mut low, mut high) = (0, steps.len());
    while high - low > 1 {
        let middle = (low + high) / 2;
        match tokens(steps[middle]) <= budget {
            true => low = middle,
            false => high = middle,
        }
    }
    steps[low]
}

/// `least`, then numbers that grow by `STEP`, below `all`.
fn steps(least: usize, all: usize) -> Vec<usize> {
    let mut steps = vec![least.min(all)];
    let mut next = 1.0_f64;
    while (next as usize) < all {
        if next as usize > *steps.last().unwrap_or(&0) {
            steps.push(next as usize);
        }
        next = (next * STEP).max(next + 1.0);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_stays_within_the_budget_and_close_to_it() {
        for budget in 10..2_000 {
            let chosen = fit(0, 1_000, budget, &|n| 3 * n + 5);
            let used = 3 * chosen + 5;
            assert!(used <= budget, "{budget}: {used}");
            assert!(chosen == 1_000 || used + 4 + 5 * budget / 100 >= budget, "{budget}: {used}");
        }
    }

    #[test]
    fn a_small_change_of_size_rarely_changes_the_choice() {
        let moved = (1_000..2_000)
            .filter(|budget| fit(0, 1_000, *budget, &|n| 3 * n) != fit(0, 1_000, *budget, &|n| 3 * n + 5))
            .count();
        assert!(moved < 150, "{moved} of 1000");
    }
}
