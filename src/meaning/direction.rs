//! A direction: of length 1, kept as one byte a dimension.

/// How many directions of nothing the mean of a few is drawn to, so that two
/// records are not taken for opposites.
const DRAWN: f32 = 3.0;

/// What a text is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction(Vec<f32>);

impl Direction {
    /// The direction of a sum; `None` where it has none.
    pub(super) fn new(mut sum: Vec<f32>) -> Option<Self> {
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        if !length.is_normal() {
            return None;
        }
        sum.iter_mut().for_each(|x| *x /= length);
        Some(Self(sum))
    }

    /// The direction of both, the other one with this weight.
    pub fn drawn_to(self, other: Option<&Direction>, weight: f32) -> Self {
        let sum = |other: &Direction| self.0.iter().zip(&other.0).map(|(x, y)| x + weight * y).collect();
        other.and_then(|other| Self::new(sum(other))).unwrap_or(self)
    }

    /// One signed byte a dimension: the largest is 127.
    pub fn to_bytes(&self) -> Vec<u8> {
        let most = self.0.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
        self.0.iter().map(|x| ((x / most * 127.0).round() as i8).cast_unsigned()).collect()
    }

    /// What [`Direction::to_bytes`] gave; `None` for what has other dimensions.
    pub fn from_bytes(bytes: &[u8], dimensions: usize) -> Option<Self> {
        let read = || bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect();
        if bytes.len() == dimensions { Self::new(read()) } else { None }
    }
}

/// The places of all directions, the nearest to `asked` first, each with the
/// cosine. What all have in common says nothing, so it is taken off before.
pub fn nearest(asked: &Direction, all: &[Direction]) -> Vec<(usize, f64)> {
    let mut common = vec![0.0; asked.0.len()];
    for one in all {
        common.iter_mut().zip(&one.0).for_each(|(sum, x)| *sum += x);
    }
    common.iter_mut().for_each(|sum| *sum /= all.len() as f32 + DRAWN);
    let apart =
        |one: &Direction| Direction::new(one.0.iter().zip(&common).map(|(x, mean)| x - mean).collect());
    let Some(asked) = apart(asked) else { return Vec::new() };
    let cosine = |one: &Direction| apart(one).map_or(-1.0, |one| dot(&asked.0, &one.0));
    let mut found: Vec<(usize, f64)> = all.iter().map(cosine).map(f64::from).enumerate().collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_survives_being_kept() {
        let direction = Direction::new(vec![0.3, -0.9, 0.1]).unwrap();
        let kept = Direction::from_bytes(&direction.to_bytes(), 3).unwrap();
        assert!(dot(&direction.0, &kept.0) > 0.999);
        assert!(Direction::from_bytes(&direction.to_bytes(), 4).is_none());
        assert!(Direction::from_bytes(&[0, 0, 0], 3).is_none() && Direction::new(vec![0.0; 3]).is_none());
    }
}
