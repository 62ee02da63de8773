//! From the places of the files sought to figures with intervals. Pure, and
//! the same on every run: the resampling has a fixed seed.

/// Resamplings: the ends of a 95 % interval then move by less than a point.
const RESAMPLINGS: usize = 2_000;

/// The places, from 1, of the files sought in one ranking; `None` for a file
/// that it does not list.
pub type RankingPlaces = Vec<Option<u32>>;

/// A mean over cases with its 95 % interval, as shares of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// The figures of one ranking, or the differences of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// For each `k`: every file sought is among the first k.
    pub acc: Vec<Interval>,
    /// For each `k`: the share of the files sought that is among the first k.
    pub recall: Vec<Interval>,
    /// One over the place of the best placed file sought.
    pub mrr: Interval,
}

/// The figures of each case: acc at each k, recall at each k, reciprocal rank.
fn values(places: &RankingPlaces, ks: &[usize]) -> Vec<f64> {
    let within = |k: usize| places.iter().flatten().filter(|place| **place as usize <= k).count();
    let all = places.len().max(1);
    let acc = ks.iter().map(|k| if within(*k) == places.len() { 1.0 } else { 0.0 });
    let recall = ks.iter().map(|k| within(*k) as f64 / all as f64);
    let best = places.iter().flatten().min().map_or(0.0, |place| 1.0 / f64::from(*place));
    acc.chain(recall).chain([best]).collect()
}

/// `cases` holds one entry for each case.
pub fn figures(cases: &[&RankingPlaces], ks: &[usize]) -> Figures {
    let rows: Vec<Vec<f64>> = cases.iter().map(|places| values(places, ks)).collect();
    arranged(&intervals(&rows, 2 * ks.len() + 1), ks.len())
}

/// The differences `ours` minus `theirs`, case by case.
pub fn difference(ours: &[&RankingPlaces], theirs: &[&RankingPlaces], ks: &[usize]) -> Figures {
    let row = |(ours, theirs): (&&RankingPlaces, &&RankingPlaces)| {
        let pairs = values(ours, ks).into_iter().zip(values(theirs, ks));
        pairs.map(|(ours, theirs)| ours - theirs).collect()
    };
    let rows: Vec<Vec<f64>> = ours.iter().zip(theirs).map(row).collect();
    arranged(&intervals(&rows, 2 * ks.len() + 1), ks.len())
}

fn arranged(all: &[Interval], ks: usize) -> Figures {
    Figures { acc: all[..ks].to_vec(), recall: all[ks..2 * ks].to_vec(), mrr: all[2 * ks] }
}

/// The mean of each column, with the percentile interval of the bootstrap
/// over rows. No rows: all zero.
fn intervals(rows: &[Vec<f64>], columns: usize) -> Vec<Interval> {
    if rows.is_empty() {
        return vec![Interval { mean: 0.0, low: 0.0, high: 0.0 }; columns];
    }
    let mean = |chosen: &mut dyn Iterator<Item = usize>| {
        let mut sums = vec![0.0; columns];
        for row in chosen {
            sums.iter_mut().zip(&rows[row]).for_each(|(sum, value)| *sum += value);
        }
        sums.iter_mut().for_each(|sum| *sum /= rows.len() as f64);
        sums
    };
    let means = mean(&mut (0..rows.len()));
    let mut random = Random(0x5eed);
    let mut samples: Vec<Vec<f64>> = vec![Vec::with_capacity(RESAMPLINGS); columns];
    for _ in 0..RESAMPLINGS {
        let sample = mean(&mut (0..rows.len()).map(|_| random.below(rows.len())));
        samples.iter_mut().zip(sample).for_each(|(column, value)| column.push(value));
    }
    let interval = |(mean, mut column): (f64, Vec<f64>)| {
        column.sort_by(f64::total_cmp);
        let at = |share: f64| column[(share * (RESAMPLINGS - 1) as f64).round() as usize];
        Interval { mean, low: at(0.025), high: at(0.975) }
    };
    means.into_iter().zip(samples).map(interval).collect()
}

/// SplitMix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(bits ^ (bits >> 31)) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(places: &[Option<u32>], acc: [f64; 2], recall: [f64; 2], reciprocal: f64) {
        let expected: Vec<f64> = acc.into_iter().chain(recall).chain([reciprocal]).collect();
        assert_eq!(values(&places.to_vec(), &[1, 3]), expected, "{places:?}");
    }

    #[test]
    fn all_files_count_for_acc_and_the_best_for_the_reciprocal_rank() {
        check(&[Some(1)], [1.0, 1.0], [1.0, 1.0], 1.0);
        check(&[Some(2), Some(3)], [0.0, 1.0], [0.0, 1.0], 0.5);
        check(&[Some(1), Some(4)], [0.0, 0.0], [0.5, 0.5], 1.0);
        check(&[Some(4), None], [0.0, 0.0], [0.0, 0.0], 0.25);
        check(&[None], [0.0, 0.0], [0.0, 0.0], 0.0);
    }

    #[test]
    fn the_mean_lies_in_its_interval_and_the_seed_is_fixed() {
        let cases: Vec<RankingPlaces> = (1..=40).map(|place| vec![Some(place)]).collect();
        let cases: Vec<&RankingPlaces> = cases.iter().collect();
        let figures = figures(&cases, &[10]);
        assert_eq!(figures.acc[0].mean, 0.25);
        // The normal approximation gives 0.25 ± 0.134.
        assert!((0.09..0.16).contains(&figures.acc[0].low), "{figures:?}");
        assert!((0.34..0.42).contains(&figures.acc[0].high), "{figures:?}");
        assert_eq!(super::figures(&cases, &[10]), figures);
    }

    #[test]
    fn a_difference_is_paired() {
        // One is always a place better: noise between cases does not widen it.
        let ours: Vec<RankingPlaces> = (0..20).map(|case| vec![Some(1 + case % 2)]).collect();
        let theirs: Vec<RankingPlaces> = (0..20).map(|case| vec![Some(3 + case % 2)]).collect();
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.iter().collect(), theirs.iter().collect());
        let difference = difference(&ours, &theirs, &[2]);
        assert_eq!(difference.acc[0], Interval { mean: 1.0, low: 1.0, high: 1.0 });
    }
}
