//! Which files answer a question: the words of all parts of all files by BM25,
//! a file's best parts summed up, and what the question says of its name, its
//! folders and its declarations.
//!
//! Not here: which lines of a file are shown (`regions`), and records.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::parts::{name_words, stem};
use super::query::{LeftOut, Query};
use crate::model::Class;
use crate::pipeline::Result;
use crate::rank_terms::{self, WordMap};
use crate::search_terms;
use crate::store::{CodeHit, CodePlace, InPart, InPath, Posting, QueryWord, Store};

/// BM25's saturation and length normalisation, the usual values, and what it
/// counts that a word is declared in a part. Flat around them.
const K1: f64 = 1.2;
const B: f64 = 0.75;
const DECLARED: f64 = 3.0;

/// Files that are looked at more closely, and those whose declarations are.
const CANDIDATES: usize = 250;
const DECLARING: usize = 60;

/// Parts of a file that count, the n-th best as the n-th part of it.
const SUMMED: usize = 20;

/// What each signal counts, in parts of the best file's. Chosen by hand on the
/// questions of `benches/relevance/README.md`, which tells what each one brings;
/// half and twice as much are within a hundredth.
const BEST_PART: f64 = 0.5;
const ALL_PARTS: f64 = 1.5;
const COVERED: f64 = 0.5;
const IN_NAME: f64 = 1.3;
const IN_FOLDER: f64 = 0.4;
const NAME_ASKED: f64 = 1.0;
const NAME_NEARLY: f64 = 0.75;
const DECLARES_TYPE: f64 = 0.4;
const DECLARES: f64 = 1.0;
/// A name with all words of a question of several, less the more others it has; it
/// counts in full wherever it is declared.
const HOLDS_ALL: f64 = 1.5;
const SPELLED: f64 = 0.4;
/// The same where the question is one name: then it is meant.
const SPELLED_ALONE: f64 = 3.0;
/// A path or file name that is given is what is meant.
const PATH_GIVEN: f64 = 20.0;

/// What is left of a file that is no code, a test, one in a folder of such or of old
/// things, and one that only announces what another one does.
const NO_CODE: f64 = 0.3;
const ASIDE: f64 = 0.5;
const HEADER: f64 = 0.8;
/// Of one in the folder of an older version (`v1/`) that a newer one stands beside.
const OLD: f64 = 0.7;
/// Of one whose name has more behind its first dot than the question says:
/// `Serializer.NonGeneric.cs` beside `Serializer.cs`.
const VARIANT: f64 = 0.97;

/// What a word counts of which a name has only the beginning, or the other way
/// round: `config` and `configuration`.
const BEGINNING: f64 = 0.7;
const LEAST_BEGINNING: usize = 3;

/// Names of files that stand for their folder, or for all kinds of things.
const SAY_NOTHING: [&str; 14] = [
    "__init__", "__main__", "common", "core", "doc", "helpers", "index", "init", "lib", "main", "mod",
    "types", "util", "utils",
];

/// Stems of words in a name that say nothing of what it does.
const GENERIC: [&str; 9] = ["base", "common", "core", "helper", "impl", "intern", "manag", "support", "util"];

/// Folders of what is no part of the program itself.
const ASIDE_FOLDERS: [&str; 22] = [
    "__tests__",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "compat",
    "demo",
    "demos",
    "deprecated",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "fixtures",
    "legacy",
    "sample",
    "samples",
    "spec",
    "test",
    "testing",
    "tests",
];

/// One part of a file that holds words of the question.
#[derive(Clone, Copy, Debug)]
pub struct PartHit {
    /// Place among the file's parts.
    pub part: u32,
    pub score: f64,
    /// A bit for each of the question's words.
    pub words: u64,
}

/// A file that answers, with what speaks for it.
#[derive(Clone, Debug)]
pub struct FileAnswer {
    pub place: CodePlace,
    pub score: f64,
    /// Share of the question's weight in its best part and its path.
    pub coverage: f64,
    /// Best first.
    pub parts: Vec<PartHit>,
    pub symbols: Vec<CodeHit>,
    /// What the question spells as it is declared here, by place in `symbols`.
    pub spelled: Option<usize>,
    /// Its path or name was given.
    pub is_given: bool,
    /// The weightiest reason first.
    pub why: Vec<String>,
}

/// What is found of a file before it is looked at.
#[derive(Default)]
struct FileSum {
    /// By place in the file.
    parts: Vec<PartHit>,
    in_name: u64,
    in_folder: u64,
    declared: u64,
}

/// The words of a question as code is asked for them.
struct Asked {
    /// Words for each bit: first those of the question, then names as a whole.
    words: Vec<(Vec<QueryWord>, f64)>,
    /// How many of them are words of the question.
    plain: usize,
}

impl Asked {
    fn of(store: &Store, query: &Query) -> Result<Self> {
        let mut words: Vec<(Vec<QueryWord>, f64)> =
            query.terms.iter().map(|term| (term.asked.clone(), term.weight)).collect();
        let plain = words.len();
        let rows = store.rows()?.max(1) as f64;
        for name in &query.names_in_one_piece {
            let asked = (name.clone(), false);
            let frequency = store.frequency(&asked)?;
            let is_word = words[..plain].iter().any(|(words, _)| words.contains(&asked));
            if frequency > 0 && !is_word && words.len() < u64::BITS as usize {
                words.push((vec![asked], super::query::weigh(rows, frequency)));
            }
        }
        Ok(Self { words, plain })
    }

    /// Share of the question's weight that these bits of its words have.
    fn share(&self, bits: u64) -> f64 {
        let plain = &self.words[..self.plain];
        let all: f64 = plain.iter().map(|(_, weight)| weight).sum();
        let held = plain.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        if all > 0.0 {
            held.map(|(_, (_, weight))| weight).fold(0.0, |sum, weight| sum + weight) / all
        } else {
            0.0
        }
    }
}

/// The files that answer a question, best first, at most `most`.
pub fn answering(store: &Store, query: &Query, most: usize) -> Result<Vec<FileAnswer>> {
    let asked = Asked::of(store, query)?;
    let may_answer = |id: &i64| query.within.as_ref().is_none_or(|within| within.contains(id));
    let mut given = given(store, query)?;
    given.retain(may_answer);
    let mut sums = sums(store, query, &asked)?;
    sums.retain(|id, _| may_answer(id));
    let mut looked = Vec::new();
    for (id, sum) in candidates(sums, &asked, &given) {
        if let Some(place) = store.code_place(id)? {
            looked.push(Looked::new(query, &asked, place, sum, given.contains(&id)));
        }
    }
    scale(&mut looked);
    mark_old(&mut looked, query);
    let mut scored: Vec<(f64, Looked)> =
        looked.into_iter().map(|one| (one.score(query, &asked), one)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.place.path.cmp(&b.1.place.path)));
    let mut looked: Vec<Looked> = scored.into_iter().map(|(_, one)| one).collect();
    for one in looked.iter_mut().take(DECLARING).filter(|one| one.has_declared) {
        one.symbols = store.symbols_of(&one.place)?;
        one.look_at_declarations(query, &asked);
    }
    let mut answers: Vec<FileAnswer> = looked.into_iter().map(|one| one.answer(query, &asked)).collect();
    answers.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.place.path.cmp(&b.place.path)));
    answers.truncate(most);
    for answer in answers.iter_mut().filter(|answer| answer.symbols.is_empty()) {
        answer.symbols = store.symbols_of(&answer.place)?;
    }
    Ok(answers)
}

/// Numbers of the files whose path or name is given; of a path that is one as a
/// whole only that.
fn given(store: &Store, query: &Query) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    let is_path = |name: &&String| name.contains(['.', '/']);
    for name in query.wholes.iter().chain([&query.text]).filter(is_path) {
        let named = store.places_named(name)?;
        let exact: Vec<i64> = named.iter().filter(|(_, is_exact)| *is_exact).map(|(id, _)| *id).collect();
        match exact.is_empty() {
            true => found.extend(named.into_iter().map(|(id, _)| id)),
            false => return Ok(exact.into_iter().collect()),
        }
    }
    Ok(found)
}

/// BM25 of every part that holds a word of the question.
fn sums(store: &Store, query: &Query, asked: &Asked) -> Result<WordMap<i64, FileSum>> {
    let size = store.index_size()?;
    let mean = (size.words as f64 / size.parts.max(1) as f64).max(1.0);
    let mut sums: WordMap<i64, FileSum> = WordMap::default();
    let left_out = left_out(store, query)?;
    for (at, (words, weight)) in asked.words.iter().enumerate() {
        let bit = 1 << at;
        for word in words {
            for mut posting in store.postings(word)? {
                if let Some((place, left_out)) =
                    left_out.as_ref().filter(|(place, _)| place.id == posting.place)
                {
                    leave_out(&mut posting, |part| {
                        place.parts.get(part as usize).map_or(0, |lines| left_out.times(word, *lines))
                    });
                }
                if posting.parts.is_empty() && posting.path == InPath::default() {
                    continue;
                }
                let sum = sums.entry(posting.place).or_default();
                sum.add(&posting, bit, |part| weight * saturated(part, mean));
            }
        }
    }
    Ok(sums)
}

/// The file of the text that is left out, if any is.
fn left_out<'a>(store: &Store, query: &'a Query) -> Result<Option<(CodePlace, &'a LeftOut)>> {
    let Some(left_out) = &query.left_out else { return Ok(None) };
    let named = store.places_named(&left_out.path.as_str().to_lowercase())?;
    for (id, _) in named {
        let place = store.code_place(id)?.filter(|place| place.path == left_out.path);
        if let Some(place) = place {
            return Ok(Some((place, left_out)));
        }
    }
    Ok(None)
}

/// Takes so many occurrences from each part.
fn leave_out(posting: &mut Posting, times: impl Fn(u32) -> u8) {
    posting.parts.iter_mut().for_each(|one| one.times = one.times.saturating_sub(times(one.part)));
    posting.parts.retain(|one| one.times > 0 || one.declared);
}

fn saturated(part: &InPart, mean: f64) -> f64 {
    let length = 1.0 - B + B * f64::from(part.length) / mean;
    let times = f64::from(part.times) / length + if part.declared { DECLARED } else { 0.0 };
    times * (K1 + 1.0) / (times + K1)
}

impl FileSum {
    fn add(&mut self, posting: &Posting, bit: u64, worth: impl Fn(&InPart) -> f64) {
        self.in_name |= if posting.path.name { bit } else { 0 };
        self.in_folder |= if posting.path.folder { bit } else { 0 };
        let mut from = 0;
        for one in &posting.parts {
            self.declared |= if one.declared { bit } else { 0 };
            let at = self.parts[from..].partition_point(|known| known.part < one.part) + from;
            match self.parts.get_mut(at).filter(|known| known.part == one.part) {
                Some(known) => {
                    known.score += worth(one);
                    known.words |= bit;
                }
                None => self.parts.insert(at, PartHit { part: one.part, score: worth(one), words: bit }),
            }
            from = at + 1;
        }
    }

    /// Its best parts, the n-th counting as the n-th part of it.
    fn sum(&mut self) -> f64 {
        self.parts.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.part.cmp(&b.part)));
        let best = self.parts.iter().take(SUMMED).enumerate();
        best.map(|(at, part)| part.score / (at + 1) as f64).sum()
    }
}

/// The files that are looked at: those with the best parts and names.
fn candidates(sums: WordMap<i64, FileSum>, asked: &Asked, given: &BTreeSet<i64>) -> Vec<(i64, FileSum)> {
    let mut all: Vec<(f64, i64, FileSum)> =
        sums.into_iter().map(|(id, mut sum)| (sum.sum(), id, sum)).collect();
    let best = all.iter().map(|(sum, ..)| *sum).fold(0.0, f64::max);
    for (score, _, sum) in &mut all {
        *score += best * asked.share(sum.in_name | sum.declared);
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut found: Vec<(i64, FileSum)> = Vec::new();
    for (at, (_, id, sum)) in all.into_iter().enumerate() {
        if at < CANDIDATES || given.contains(&id) {
            found.push((id, sum));
        }
    }
    let missing = given.iter().filter(|id| !found.iter().any(|(known, _)| known == *id));
    let missing: Vec<i64> = missing.copied().collect();
    found.extend(missing.into_iter().map(|id| (id, FileSum::default())));
    found
}

/// A candidate with its signals.
struct Looked {
    place: CodePlace,
    parts: Vec<PartHit>,
    best_part: f64,
    all_parts: f64,
    /// Bits of the words in its path and best part.
    words: u64,
    name: NameSignals,
    /// A word of the question is in the name of a declaration.
    has_declared: bool,
    declares: DeclaredSignals,
    symbols: Vec<CodeHit>,
    is_given: bool,
    is_old: bool,
}

/// Why a file stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Path,
    Spelled,
    NameAsked,
    NameNearly,
    BestPart,
    AllParts,
    Covered,
    InName,
    InFolder,
    Declares,
    HoldsAll,
}

/// What the question says of a file's name.
#[derive(Default)]
struct NameSignals {
    /// Share of the question's weight in the name, and in the folders.
    in_name: f64,
    in_folder: f64,
    /// All words of the name are in the question; all but those that say nothing.
    is_asked: bool,
    is_nearly: bool,
}

/// What the question says of a file's declarations.
#[derive(Default)]
struct DeclaredSignals {
    /// Share of the question's weight in the name of a type, or of anything else,
    /// all of whose words it has.
    of_type: f64,
    of_other: f64,
    /// Share of a name that the question asks for, of one that has all its words.
    holds_all: f64,
    /// The weightiest of them, by place.
    named: Option<usize>,
    spelled: f64,
    spelled_at: Option<usize>,
}

impl Looked {
    fn new(query: &Query, asked: &Asked, place: CodePlace, mut sum: FileSum, is_given: bool) -> Self {
        let all_parts = sum.sum();
        let best = sum.parts.first();
        let (name, words) = NameSignals::of(query, asked, &place);
        Self {
            best_part: best.map_or(0.0, |part| part.score),
            all_parts,
            words: words | best.map_or(0, |part| part.words),
            name,
            has_declared: sum.declared != 0,
            declares: DeclaredSignals::default(),
            symbols: Vec::new(),
            is_given,
            is_old: false,
            parts: sum.parts,
            place,
        }
    }

    /// The words of all its parts and of its path.
    fn covered(&self) -> u64 {
        self.parts.iter().fold(self.words, |bits, part| bits | part.words)
    }

    /// What each signal adds.
    fn worths(&self, query: &Query, asked: &Asked) -> [(f64, Reason); 12] {
        let (name, declares) = (&self.name, &self.declares);
        let flag = |yes: bool| f64::from(u8::from(yes));
        let spelled = if query.is_one_name { SPELLED_ALONE } else { SPELLED };
        [
            (spelled * declares.spelled, Reason::Spelled),
            (NAME_ASKED * flag(name.is_asked), Reason::NameAsked),
            (NAME_NEARLY * flag(name.is_nearly), Reason::NameNearly),
            (BEST_PART * self.best_part, Reason::BestPart),
            (ALL_PARTS * self.all_parts, Reason::AllParts),
            (COVERED * asked.share(self.covered()), Reason::Covered),
            (IN_NAME * name.in_name, Reason::InName),
            (IN_FOLDER * name.in_folder, Reason::InFolder),
            (DECLARES_TYPE * declares.of_type, Reason::Declares),
            (DECLARES * declares.of_other, Reason::Declares),
            (HOLDS_ALL * declares.holds_all, Reason::HoldsAll),
            (PATH_GIVEN * flag(self.is_given), Reason::Path),
        ]
    }

    fn score(&self, query: &Query, asked: &Asked) -> f64 {
        // What is given, or named in full, is meant whatever file it is.
        let is_whole = |reason| matches!(reason, Reason::Path | Reason::HoldsAll);
        let share = self.share(query);
        let worths = self.worths(query, asked).into_iter();
        worths.map(|(worth, reason)| if is_whole(reason) { worth } else { worth * share }).sum()
    }

    /// What its class, its place and its name leave of its worth.
    fn share(&self, query: &Query) -> f64 {
        let old = if self.is_old { OLD } else { 1.0 };
        let variant = if is_variant(self.place.path.name(), query) { VARIANT } else { 1.0 };
        class_share(&self.place, query) * old * variant
    }

    /// Why it is worth less than others.
    fn less(&self, query: &Query) -> Option<&'static str> {
        match () {
            () if class_share(&self.place, query) < 1.0 => Some(class_words(&self.place)),
            () if self.is_old => Some("of an older version"),
            () => None,
        }
    }

    fn reason(&self, reason: Reason, asked: &Asked) -> String {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let named = |at: Option<usize>| {
            let symbol = at.and_then(|at| self.symbols.get(at));
            symbol.map_or(String::new(), |hit| {
                format!("{} {}", hit.kind, hit.symbol.as_deref().unwrap_or_default())
            })
        };
        match reason {
            Reason::Path => "exactly its path".to_string(),
            Reason::Spelled => format!("exactly its name: {}", named(self.declares.spelled_at)),
            Reason::NameAsked => "all of its name is in the question".to_string(),
            Reason::NameNearly => "its name is in the question".to_string(),
            Reason::BestPart => format!("{} of the question in one place", percent(asked.share(self.words))),
            Reason::AllParts => format!("{} places with words of the question", self.parts.len()),
            Reason::Covered => {
                format!("{} of the question in the file", percent(asked.share(self.covered())))
            }
            Reason::InName => format!("{} of the question in its name", percent(self.name.in_name)),
            Reason::InFolder => format!("{} of the question in its folders", percent(self.name.in_folder)),
            Reason::HoldsAll => "a name with all words of the question".to_string(),
            Reason::Declares => format!("declares {}", named(self.declares.named)),
        }
    }

    /// Fills what the names of its declarations tell.
    fn look_at_declarations(&mut self, query: &Query, asked: &Asked) {
        let mut signals = DeclaredSignals::default();
        for at in 0..self.symbols.len() {
            let hit = &self.symbols[at];
            let name = super::last_of(hit.symbol.as_deref().unwrap_or_default());
            let is_type = is_type(&hit.kind);
            if let Some(share) = declared_share(query, asked, name) {
                let best = if is_type { &mut signals.of_type } else { &mut signals.of_other };
                if share > *best {
                    *best = share;
                    signals.named = Some(at);
                }
            }
            signals.holds_all = signals.holds_all.max(holds_all(query, asked, name));
            let spelled = spelled(query, hit, name, is_type);
            if spelled > signals.spelled {
                (signals.spelled, signals.spelled_at) = (spelled, Some(at));
            }
        }
        self.declares = signals;
    }

    fn answer(self, query: &Query, asked: &Asked) -> FileAnswer {
        let mut worths = self.worths(query, asked).to_vec();
        worths.retain(|(worth, _)| *worth > 0.0);
        worths.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut why: Vec<String> = worths.into_iter().map(|(_, reason)| self.reason(reason, asked)).collect();
        why.dedup();
        if let Some(words) = self.less(query) {
            why.push(format!("less, since it is {words}"));
        }
        let of_name = self.declares.named.filter(|_| query.is_one_name);
        FileAnswer {
            score: self.score(query, asked),
            coverage: asked.share(self.words),
            spelled: self.declares.spelled_at.or(of_name),
            is_given: self.is_given,
            parts: self.parts,
            symbols: self.symbols,
            place: self.place,
            why,
        }
    }
}

impl NameSignals {
    /// What the question says of a name, and the bits of its words in the path.
    fn of(query: &Query, asked: &Asked, place: &CodePlace) -> (Self, u64) {
        let base = stem(place.path.name());
        let own = name_words(base);
        let folders = name_words(place.path.parent());
        let (in_name, name_bits) = held(asked, &own);
        let (in_folder, folder_bits) = held(asked, &folders);
        let whole = search_terms::in_one_piece(base);
        let says_nothing = SAY_NOTHING.binary_search(&base.to_lowercase().as_str()).is_ok();
        let parts: Vec<&Rc<str>> = own.iter().filter(|word| ***word != *whole || own.len() == 1).collect();
        let specific: Vec<&&Rc<str>> =
            parts.iter().filter(|word| GENERIC.binary_search(&word.as_ref()).is_err()).collect();
        let is_in = |word: &str| is_in_question(asked, word);
        let all = !parts.is_empty() && parts.iter().all(|word| is_in(word));
        let is_asked = !says_nothing && (all || query.names_in_one_piece.contains(&whole));
        let is_nearly = !is_asked && !specific.is_empty() && specific.iter().all(|word| is_in(word));
        (Self { in_name, in_folder, is_asked, is_nearly }, name_bits | folder_bits)
    }
}

/// Share of the question's weight that words of a path have, beginnings for less,
/// and the bits of those that are there in full.
fn held(asked: &Asked, words: &[Rc<str>]) -> (f64, u64) {
    let (mut sum, mut all, mut bits) = (0.0, 0.0, 0);
    for (at, (asked, weight)) in asked.words[..asked.plain].iter().enumerate() {
        all += weight;
        let share = asked.iter().map(|asked| likeness(asked, words)).fold(0.0, f64::max);
        sum += share * weight;
        bits |= if share >= 1.0 { 1 << at } else { 0 };
    }
    if all > 0.0 { (sum / all, bits) } else { (0.0, 0) }
}

fn likeness((asked, prefix): &QueryWord, words: &[Rc<str>]) -> f64 {
    let begins = |word: &Rc<str>| {
        let shorter = asked.len().min(word.len());
        shorter >= LEAST_BEGINNING && (word.starts_with(asked.as_str()) || asked.starts_with(word.as_ref()))
    };
    match () {
        () if words.iter().any(|word| **word == **asked) => 1.0,
        () if *prefix && words.iter().any(|word| word.starts_with(asked.as_str())) => 1.0,
        () if words.iter().any(begins) => BEGINNING,
        () => 0.0,
    }
}

/// Whether a word of a name is one of the question's, or begins like one.
fn is_in_question(asked: &Asked, word: &str) -> bool {
    let mut words = asked.words.iter().flat_map(|(words, _)| words);
    words.any(|(asked, _)| {
        asked == word
            || word.len() >= LEAST_BEGINNING && asked.starts_with(word) && word.len() > LEAST_BEGINNING
            || word.len() >= LEAST_BEGINNING
                && asked.len() >= LEAST_BEGINNING
                && word.starts_with(asked.as_str())
    })
}

/// Share of the question's weight in a name all of whose words it has.
fn declared_share(query: &Query, asked: &Asked, name: &str) -> Option<f64> {
    let lower = search_terms::in_one_piece(name);
    // Most names have nothing of the question, and cutting them is slow.
    let beginning = |word: &str| word.char_indices().nth(4).map_or(word.len(), |(end, _)| end);
    let may_be = asked.words.iter().flat_map(|(words, _)| words);
    if !may_be.into_iter().any(|(word, _)| lower.contains(&word[..beginning(word)])) {
        return None;
    }
    let words = name_words(name);
    let parts: Vec<&Rc<str>> = words.iter().filter(|word| ***word != *lower || words.len() == 1).collect();
    let bit =
        |word: &str| asked.words.iter().position(|(words, _)| words.iter().any(|(asked, _)| asked == word));
    let bits: Option<Vec<usize>> = parts.iter().map(|word| bit(word)).collect();
    let is_whole = query.names_in_one_piece.contains(&lower);
    match bits {
        Some(bits) if !bits.is_empty() => {
            Some(asked.share(bits.into_iter().fold(0, |all, bit| all | 1 << bit)).min(1.0))
        }
        _ if is_whole => Some(1.0),
        _ => None,
    }
}

/// Share of a name that the question asks for, where it has all words of a question of
/// several.
fn holds_all(query: &Query, asked: &Asked, name: &str) -> f64 {
    if query.terms.len() < 2 || name.len() < query.terms.len() {
        return 0.0;
    }
    let lower = search_terms::in_one_piece(name);
    let may_hold =
        |words: &[QueryWord]| words.iter().any(|(word, _)| lower.contains(word.get(..3).unwrap_or(word)));
    if !asked.words[..asked.plain].iter().all(|(words, _)| may_hold(words)) {
        return 0.0;
    }
    let words = search_terms::parts(name);
    if query.coverage(&words) > super::ALL { query.share_asked(&words) } else { 0.0 }
}

/// How exactly a declaration is spelled by the question: as it is, with case, in a
/// question of one word or by a name that is no plain word; else in one piece.
fn spelled(query: &Query, hit: &CodeHit, name: &str, is_type: bool) -> f64 {
    let lines = f64::from(hit.end_line.saturating_sub(hit.line) + 1);
    let size = 0.1 * (lines / 100.0).min(1.0);
    let is_qualified =
        hit.symbol.as_deref().is_some_and(|symbol| query.wholes.contains(&symbol.to_lowercase()));
    let is_plain = name.chars().all(char::is_lowercase);
    match () {
        () if is_qualified && hit.symbol.as_deref() != Some(name) => 1.2,
        () if query.spelled_names.contains(name) && (query.is_one_name || !is_plain) => {
            size + if is_type { 1.0 } else { 0.8 }
        }
        () if query.is_one_name && search_terms::in_one_piece(name) == query.joined => {
            size * 0.5 + if is_type { 0.7 } else { 0.5 }
        }
        () => 0.0,
    }
}

fn is_type(kind: &str) -> bool {
    matches!(kind, "class" | "struct" | "enum" | "union" | "trait" | "interface" | "type" | "module")
}

/// Puts sums in parts of the best code's.
fn scale(looked: &mut [Looked]) {
    let of_code = |looked: &[Looked], value: fn(&Looked) -> f64| {
        let code = looked.iter().filter(|one| matches!(one.place.class, Class::Source | Class::Test));
        let best = code.map(value).fold(0.0, f64::max);
        if best > 0.0 { best } else { looked.iter().map(value).fold(f64::MIN_POSITIVE, f64::max) }
    };
    let best_part = of_code(looked, |one| one.best_part);
    let all_parts = of_code(looked, |one| one.all_parts);
    for one in looked {
        one.best_part = (one.best_part / best_part).min(1.3);
        one.all_parts = (one.all_parts / all_parts).min(1.3);
    }
}

/// Marks files in folders of older versions: a newer one stands beside the folder, or
/// the same file outside of it, and the question does not name the version.
fn mark_old(looked: &mut [Looked], query: &Query) {
    let paths: BTreeSet<String> = looked.iter().map(|one| one.place.path.to_string()).collect();
    let newest = newest_versions(&paths);
    for one in looked {
        let path = one.place.path.as_str();
        one.is_old = versions(path).any(|(above, number, below)| {
            let is_named = query.spelled.contains(&format!("v{number}"));
            let has_newer = newest.get(above).is_some_and(|newest| *newest > number);
            !is_named && (has_newer || paths.contains(&format!("{above}{below}")))
        });
    }
}

/// The highest version by what stands above its folder.
fn newest_versions(paths: &BTreeSet<String>) -> HashMap<&str, u32> {
    let mut newest: HashMap<&str, u32> = HashMap::new();
    for (above, number, _) in paths.iter().flat_map(|path| versions(path)) {
        let known = newest.entry(above).or_default();
        *known = number.max(*known);
    }
    newest
}

/// The folders of a path that are called by a version, `v2/`: what stands above, the
/// number, and what stands below.
fn versions(path: &str) -> impl Iterator<Item = (&str, u32, &str)> {
    path.match_indices('/').filter_map(move |(end, _)| {
        let start = path[..end].rfind('/').map_or(0, |slash| slash + 1);
        let number = path[start..end].strip_prefix('v')?.parse().ok()?;
        Some((&path[..start], number, &path[end + 1..]))
    })
}

/// Whether a name has more between its first dot and its extension than is asked for.
fn is_variant(name: &str, query: &Query) -> bool {
    let parts: Vec<&str> = name.trim_start_matches('.').split('.').collect();
    let more = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    more.iter().any(|part| !query.spelled.contains(&part.to_lowercase()))
}

/// What a file's class and place leave of its worth.
fn class_share(place: &CodePlace, query: &Query) -> f64 {
    match place.class {
        Class::Test if query.is_about("test") => 1.0,
        Class::Doc if query.is_about("doc") || query.is_about("document") => 1.0,
        Class::Source if is_aside(place, query) => ASIDE,
        Class::Source if is_header(place.path.name()) => HEADER,
        Class::Source => 1.0,
        _ => NO_CODE,
    }
}

fn class_words(place: &CodePlace) -> &'static str {
    match place.class {
        Class::Test => "a test",
        Class::Doc => "a document",
        Class::Source if is_header(place.path.name()) => "a header",
        Class::Source => "beside the program",
        _ => "no code",
    }
}

/// In a folder of tests, examples or old things that the question does not name.
fn is_aside(place: &CodePlace, query: &Query) -> bool {
    let parent = place.path.parent().to_lowercase();
    parent.split('/').any(|folder| {
        ASIDE_FOLDERS.binary_search(&folder).is_ok() && !query.is_about(&rank_terms::stem(folder))
    })
}

/// Declares what another file does.
fn is_header(name: &str) -> bool {
    [".h", ".hpp", ".hh", ".d.ts", ".pyi", ".mli"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search_in_them() {
        for table in [&SAY_NOTHING[..], &GENERIC, &ASIDE_FOLDERS] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn folders_of_versions_are_told() {
        let found = |path| versions(path).collect::<Vec<_>>();
        assert_eq!(found("pkg/v3/types.ts"), [("pkg/", 3, "types.ts")]);
        assert_eq!(found("v1/main.py"), [("", 1, "main.py")]);
        assert_eq!(found("src/vendor/x.c"), []);
    }

    #[test]
    fn a_beginning_counts_less_than_the_word() {
        let words = [Rc::from("config"), Rc::from("json")];
        let share = |word: &str| likeness(&(word.to_string(), false), &words);
        assert_eq!([share("json"), share("configur"), share("js"), share("xml")], [1.0, BEGINNING, 0.0, 0.0]);
    }
}
