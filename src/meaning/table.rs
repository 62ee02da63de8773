//! The table of the pieces of words, and its file.
//!
//! The file, numbers in little-endian order: `waypost-meaning1`; dimensions,
//! pieces and bytes of all names as `u32`; where each name ends as `u32`; the
//! names, in UTF-8, sorted, without anything between them; a factor for each
//! piece as `f32`; a direction for each piece, one `i8` a dimension. A piece that
//! does not begin a word begins with `##`. `benches/relevance/meaning.py` writes it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::Direction;
use super::words::words;
use crate::model::ContentHash;

const MAGIC: &[u8] = b"waypost-meaning1";

/// Bytes of a table that is read.
pub const MAX_TABLE: u64 = 64 << 20;

/// Dimensions, and pieces, that a table may have.
const MAX_DIMENSIONS: usize = 1_024;
const MAX_PIECES: usize = 1_000_000;

/// Bytes of a word that is looked up. Longer ones are data.
const MAX_WORD: usize = 40;

/// Words of a text that count. What is longer has said by then what it is about.
const MAX_WORDS: usize = 20_000;

/// A table that was checked as a whole.
pub struct Table {
    bytes: Cow<'static, [u8]>,
    dimensions: usize,
    pieces: usize,
    ends: Range<usize>,
    names: Range<usize>,
    factors: Range<usize>,
    directions: Range<usize>,
}

/// Why a file is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTable(&'static str);

impl fmt::Display for BadTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Table {
    /// The table that comes with waypost, for English.
    pub fn bundled() -> Option<Self> {
        Self::checked(Cow::Borrowed(include_bytes!("table.bin"))).ok()
    }

    /// A table of the user's own.
    pub fn read(bytes: Vec<u8>) -> Result<Self, BadTable> {
        Self::checked(Cow::Owned(bytes))
    }

    fn checked(bytes: Cow<'static, [u8]>) -> Result<Self, BadTable> {
        let head = bytes.strip_prefix(MAGIC).ok_or(BadTable("it does not begin as a table does"))?;
        let mut numbers = head.chunks_exact(4).take(3).map(number);
        let mut next = || numbers.next().ok_or(BadTable("it is cut off"));
        let (dimensions, pieces, length) = (next()?, next()?, next()?);
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) || !(1..=MAX_PIECES).contains(&pieces) {
            return Err(BadTable("it has no pieces, or too many"));
        }
        let mut at = MAGIC.len() + 12;
        let mut part = |length: usize| {
            at += length;
            at - length..at
        };
        let (ends, names) = (part(4 * pieces), part(length));
        let (factors, directions) = (part(4 * pieces), part(pieces * dimensions));
        if directions.end != bytes.len() {
            return Err(BadTable("it has another length than it says"));
        }
        let table = Self { bytes, dimensions, pieces, ends, names, factors, directions };
        table.check_names()?;
        Ok(table)
    }

    fn check_names(&self) -> Result<(), BadTable> {
        let is_within = (0..self.pieces).all(|at| {
            let name = self.span(at);
            name.start <= name.end && name.end <= self.names.len()
        });
        let is_sorted = is_within && (1..self.pieces).all(|at| self.name(at - 1) < self.name(at));
        let is_finite = (0..self.pieces).all(|at| self.factor(at).is_finite());
        match (is_sorted, is_finite) {
            (true, true) => Ok(()),
            (false, _) => Err(BadTable("its names are not in order")),
            (_, false) => Err(BadTable("a factor is no number")),
        }
    }

    /// Tells what was made by this table from what was made by another.
    pub fn model(&self) -> ContentHash {
        ContentHash::of(&self.bytes)
    }

    /// How many numbers a direction has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many pieces of words it knows.
    pub fn pieces(&self) -> usize {
        self.pieces
    }

    /// The direction of a text, given in parts; `None` where it has no word that
    /// the table knows.
    pub fn direction<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Option<Direction> {
        let mut sum = vec![0.0; self.dimensions];
        for word in texts.into_iter().flat_map(words).take(MAX_WORDS) {
            for piece in self.cut(&word) {
                self.add(piece, &mut sum);
            }
        }
        Direction::new(sum)
    }

    /// A word in the longest pieces from its beginning on; nothing where one is
    /// not known.
    fn cut(&self, word: &str) -> Vec<usize> {
        let (mut found, mut start, mut name) = (Vec::new(), 0, String::new());
        while start < word.len() && word.len() <= MAX_WORD {
            name.clear();
            name.push_str(if start > 0 { "##" } else { "" });
            let mark = name.len();
            name.push_str(&word[start..]);
            let piece = loop {
                if name.len() == mark {
                    return Vec::new();
                }
                match self.find(name.as_bytes()) {
                    Some(piece) => break piece,
                    None => name.pop(),
                };
            };
            found.push(piece);
            start += name.len() - mark;
        }
        found
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.pieces);
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn span(&self, at: usize) -> Range<usize> {
        let end = |at: usize| number(&self.bytes[self.ends.clone()][4 * at..4 * at + 4]);
        at.checked_sub(1).map_or(0, end)..end(at)
    }

    fn name(&self, at: usize) -> &[u8] {
        &self.bytes[self.names.clone()][self.span(at)]
    }

    fn factor(&self, at: usize) -> f32 {
        let bytes = &self.bytes[self.factors.clone()][4 * at..4 * at + 4];
        f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn add(&self, at: usize, sum: &mut [f32]) {
        let factor = self.factor(at);
        let own = &self.bytes[self.directions.clone()][at * self.dimensions..(at + 1) * self.dimensions];
        for (sum, own) in sum.iter_mut().zip(own) {
            *sum += factor * f32::from(own.cast_signed());
        }
    }
}

/// Four bytes as a number.
fn number(bytes: &[u8]) -> usize {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of these pieces in two dimensions.
    fn made(pieces: &[(&str, f32, [i8; 2])]) -> Vec<u8> {
        let names: String = pieces.iter().map(|piece| piece.0).collect();
        let mut bytes = MAGIC.to_vec();
        for number in [2, pieces.len() as u32, names.len() as u32] {
            bytes.extend(number.to_le_bytes());
        }
        let mut end = 0;
        for (name, ..) in pieces {
            end += name.len() as u32;
            bytes.extend(end.to_le_bytes());
        }
        bytes.extend(names.as_bytes());
        pieces.iter().for_each(|(_, factor, _)| bytes.extend(factor.to_le_bytes()));
        pieces.iter().for_each(|(.., own)| bytes.extend(own.map(i8::cast_unsigned)));
        bytes
    }

    const PIECES: [(&str, f32, [i8; 2]); 4] =
        [("##s", 0.5, [0, 1]), ("car", 1.0, [10, 0]), ("cart", 1.0, [0, 10]), ("road", 1.0, [9, 1])];

    #[test]
    fn a_word_is_cut_into_the_longest_pieces_that_are_known() {
        let table = Table::read(made(&PIECES)).unwrap();
        assert_eq!(table.cut("car"), [1]);
        assert_eq!(table.cut("carts"), [2, 0]);
        assert_eq!(table.cut("cars"), [1, 0]);
        assert!(table.cut("cargo").is_empty() && table.cut("bus").is_empty());
        assert!(table.direction(["bus", ""]).is_none());
    }

    #[test]
    fn texts_of_one_meaning_are_nearer_than_others() {
        let table = Table::read(made(&PIECES)).unwrap();
        let of = |text: &str| table.direction([text]).unwrap();
        let found = super::super::nearest(&of("The car"), &[of("a cart"), of("Roads")]);
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn a_damaged_table_is_refused_at_every_byte() {
        let whole = made(&PIECES);
        for length in 0..whole.len() {
            assert!(Table::read(whole[..length].to_vec()).is_err(), "cut after {length}");
        }
        assert!(Table::read([whole.clone(), vec![0]].concat()).is_err());
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                // It may still be one; then it is used without harm.
                if let Ok(table) = Table::read(damaged) {
                    let _ = table.direction(["cars on roads"]);
                }
            }
        }
    }

    #[test]
    fn the_bundled_table_knows_words_of_one_field() {
        let table = Table::bundled().expect("a sound table");
        let of = |text: &str| table.direction([text]).unwrap();
        let texts = [
            "The password is checked by the identity provider",
            "Charts are drawn in the browser",
            "Queues keep their order",
        ];
        let asked = ["credentials of a user", "pictures of statistics", "waiting list"];
        let first = asked.map(|question| super::super::nearest(&of(question), &texts.map(of))[0].0);
        assert_eq!(first, [0, 1, 2]);
    }
}
