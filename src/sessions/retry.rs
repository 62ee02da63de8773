//! When work that failed is tried again, and how long a target that keeps
//! failing is left alone.

/// Seconds until the next attempt, by the number of those that failed; after one
/// more a job is dead.
const BACK_OFF_S: [i64; 4] = [60, 300, 1_800, 7_200];

/// Failures one after the other from which on a target is left alone.
const FAILURES: u32 = 3;

/// Seconds for which it is: at first, and when it failed again after that.
const REST_S: [i64; 3] = [300, 1_800, 7_200];

/// When a job is due again after so many failed attempts; `None` for one that is
/// dead.
pub fn due_ms(failed: u32, now_ms: i64) -> Option<i64> {
    let seconds = BACK_OFF_S.get(failed.checked_sub(1)? as usize)?;
    Some(now_ms + seconds * 1_000)
}

/// Until when a target is left alone that failed so often one after the other.
pub fn rests_until_ms(failures: u32, now_ms: i64) -> i64 {
    let Some(beyond) = failures.checked_sub(FAILURES) else { return now_ms };
    let rest = REST_S.get(beyond as usize).or(REST_S.last()).copied().unwrap_or_default();
    now_ms + rest * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_tried_five_times() {
        let due: Vec<Option<i64>> = (1..=5).map(|failed| due_ms(failed, 0)).collect();
        assert_eq!(due, [Some(60_000), Some(300_000), Some(1_800_000), Some(7_200_000), None]);
    }

    #[test]
    fn a_target_rests_from_its_third_failure_on() {
        let rests: Vec<i64> = (1..=7).map(|failures| rests_until_ms(failures, 0) / 1_000).collect();
        assert_eq!(rests, [0, 0, 300, 1_800, 7_200, 7_200, 7_200]);
    }
}
