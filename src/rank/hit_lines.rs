//! The lines that hold a name of the goal: all of them in the files to edit,
//! some in others, so that whoever reads them need not search.
//!
//! Not here: which names are looked for (`spelled`).

use std::collections::BTreeMap;

use super::line_roles::{self, LineRole};
use super::literal::GoalLiteral;
use crate::model::{Class, File, Outline, Ranked, SafeText, SymbolKind, Tree};
use crate::rank_terms::{self, Terms};

/// Lines told of one name in the files to edit, and in the others.
const MOST_IN_EDITED: usize = 20;
const MOST_ELSEWHERE: usize = 8;

/// Lines of code of a name behind which its comments and documents tell nothing.
const ENOUGH: usize = 3;

/// Lines of one name of which all are told, tests too.
const WHOLE: usize = 8;

/// Lines told of a word that is no name, and was not quoted.
const MOST_OF_WORD: usize = 4;

/// Lines of a name that is a single word beyond which it tells nothing: a type
/// of the language, a word that everything is called by.
const COMMON_WORD: usize = 60;

/// Lines told of one other file before those of the next one are.
const OF_ONE_FILE: usize = 3;

/// Files in which a text is looked for, best first.
const MOST_FILES: usize = 200;

/// Files in which a text is looked for that the index of words cannot tell
/// anything of: a stop word, or punctuation alone.
const UNINDEXED_FILES: usize = 40;

/// Characters of a line that is shown.
const MOST_CHARACTERS: usize = 110;

/// Files beyond which a name is told by its declarations alone.
const FEW_FILES: usize = 20;

/// A line that holds a name.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralHit {
    pub file: u32,
    /// From 1.
    pub line: u32,
    /// Without indentation, cut.
    pub text: SafeText,
    /// The line declares it.
    pub declares: bool,
}

/// The lines of a name that are told, and how many there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NameLines {
    pub hits: Vec<LiteralHit>,
    /// How many lines hold it, if all files were looked at.
    pub all: Option<usize>,
    /// The first so many are all lines of code in the files to edit.
    pub edited: usize,
}

/// Where lines are looked for: the files to edit before the others, best first.
pub struct HitRequest<'a> {
    pub tree: &'a Tree,
    pub edited: &'a [u32],
    pub ranked: &'a [Ranked],
    pub text: &'a dyn Fn(u32) -> Option<SafeText>,
}

/// How much a line is worth telling: lower ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Code of a file to edit.
    Edited,
    Declared,
    Code,
    /// A comment or an import of a file to edit.
    BesideEdited,
    Beside,
    Test,
}

impl HitRequest<'_> {
    /// The lines that hold a name.
    pub fn lines(&self, literal: &GoalLiteral) -> NameLines {
        let found = self.found(literal, Search::new(literal));
        let is_one = rank_terms::tokens(&literal.text).nth(1).is_none();
        let is_compound = is_one && rank_terms::is_compound(&literal.text);
        let is_many = found.all.is_some_and(|all| all > COMMON_WORD);
        // Other spellings are other things where the goal's own one is in use.
        if is_one && (is_compound || is_many) {
            let exact = self.found(literal, Search::exactly(literal));
            return if exact.hits.is_empty() { found } else { exact };
        }
        found
    }

    fn found(&self, literal: &GoalLiteral, mut search: Search) -> NameLines {
        let mut rounds: BTreeMap<(Worth, usize), Vec<LiteralHit>> = BTreeMap::new();
        let (files, is_whole) = self.files(literal);
        let (mut all, mut holding, mut edited) = (0, 0, 0);
        for file in files {
            let Some(text) = (self.text)(file) else { continue };
            let lines = search.lines(&text);
            all += lines.len();
            holding += usize::from(!lines.is_empty());
            let mut judge = self.judge(file, &literal.text, &text);
            for (line, shown) in lines {
                let (worth, declares, round) = judge.of(line);
                edited += usize::from(worth == Worth::Edited);
                rounds.entry((worth, round)).or_default().push(LiteralHit {
                    file,
                    line,
                    text: shown,
                    declares,
                });
            }
        }
        let hits = told(rounds, literal, all, holding);
        NameLines { hits, all: is_whole.then_some(all), edited }
    }

    /// The files that may hold a name, and whether these are all.
    fn files(&self, literal: &GoalLiteral) -> (Vec<u32>, bool) {
        let is_sought = literal.words.is_empty() && literal.files.is_empty();
        let holds = |file: &u32| is_sought || literal.files.binary_search(file).is_ok();
        let most = if is_sought { UNINDEXED_FILES } else { MOST_FILES };
        // A plain word in a table of data is there by chance.
        let is_read = |class: Class| class.is_read() && (literal.is_name || class != Class::Data);
        let is_read = |file: &u32| is_read(self.tree.files[*file as usize].facts.class);
        let others = self.ranked.iter().filter(|ranked| ranked.score > 0.0).map(|ranked| ranked.file);
        let others = others.filter(|file| !self.edited.contains(file));
        let mut files = self.edited.iter().copied().chain(others).filter(holds).filter(is_read);
        let taken = files.by_ref().take(most).collect();
        // Of a name that is no word of the goal only code is indexed.
        let is_indexed = is_sought || !literal.words.is_empty();
        (taken, is_indexed && files.next().is_none())
    }

    fn judge<'a>(&'a self, file: u32, name: &str, text: &SafeText) -> LineJudge<'a> {
        let of = &self.tree.files[file as usize];
        let outline = &of.content().outline;
        LineJudge {
            file: of,
            is_edited: self.edited.contains(&file),
            roles: line_roles::of(outline, text.as_str()),
            declared: declarations(outline, name),
            tests: tests(outline),
            told: 0,
        }
    }
}

/// Those of the lines that are told, in the order of the page.
fn told(
    rounds: BTreeMap<(Worth, usize), Vec<LiteralHit>>,
    literal: &GoalLiteral,
    all: usize,
    holding: usize,
) -> Vec<LiteralHit> {
    // Of what stands everywhere only the declaration says something.
    let is_common = holding > FEW_FILES;
    let is_one = rank_terms::tokens(&literal.text).nth(1).is_none();
    let is_word = is_one && !literal.words.is_empty() && !rank_terms::is_compound(&literal.text);
    if is_word && all > COMMON_WORD {
        return Vec::new();
    }
    let mut hits = Vec::new();
    let mut others = 0;
    for ((worth, _), lines) in rounds {
        for hit in lines {
            let fits = match worth {
                _ if all <= WHOLE => true,
                Worth::Edited => hits.len() < MOST_IN_EDITED,
                Worth::Test => false,
                Worth::Code | Worth::Beside if is_common => false,
                Worth::BesideEdited | Worth::Beside if hits.len() >= ENOUGH => false,
                _ => others < MOST_ELSEWHERE,
            };
            others += usize::from(fits && worth != Worth::Edited);
            hits.extend(fits.then_some(hit));
        }
    }
    if !literal.is_name {
        hits.truncate(MOST_OF_WORD);
    }
    hits
}

/// What the lines of one file are worth.
struct LineJudge<'a> {
    file: &'a File,
    is_edited: bool,
    roles: Vec<LineRole>,
    declared: Vec<u32>,
    tests: Vec<(u32, u32)>,
    /// Lines judged so far.
    told: usize,
}

impl LineJudge<'_> {
    /// The worth of a line, whether it declares the name, and its round.
    fn of(&mut self, line: u32) -> (Worth, bool, usize) {
        let declares = self.declared.contains(&line);
        let is_code = self.roles.get(line as usize - 1) == Some(&LineRole::Code);
        let class = self.file.facts.class;
        let in_tests = self.tests.iter().any(|(first, last)| (*first..=*last).contains(&line));
        let worth = match class {
            Class::Test => Worth::Test,
            _ if in_tests => Worth::Test,
            _ if self.is_edited && is_code => Worth::Edited,
            Class::Source if declares => Worth::Declared,
            Class::Source if is_code => Worth::Code,
            _ if self.is_edited => Worth::BesideEdited,
            _ => Worth::Beside,
        };
        let round = if self.is_edited { 0 } else { self.told / OF_ONE_FILE };
        self.told += 1;
        (worth, declares, round)
    }
}

/// The lines in which a file declares something of this name.
fn declarations(outline: &Outline, name: &str) -> Vec<u32> {
    let Some(name) = rank_terms::whole(name) else { return Vec::new() };
    let declares =
        outline.symbols.iter().filter(|symbol| rank_terms::whole(symbol.name.as_str()) == Some(name));
    declares.map(|symbol| symbol.line).collect()
}

/// The modules of tests in a file.
fn tests(outline: &Outline) -> Vec<(u32, u32)> {
    let is_tests = |name: &str| matches!(name, "test" | "tests");
    let modules = outline.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Module);
    let modules = modules.filter(|symbol| is_tests(symbol.name.as_str()));
    modules.map(|symbol| (symbol.line, symbol.end_line)).collect()
}

/// How a name is told in a line.
struct Search {
    needle: String,
    /// A single word: its other forms count as well.
    term: Option<rank_terms::Term>,
    whole: Option<rank_terms::Term>,
    /// A name as it is spelled, as those that begin with a capital are.
    exact: Option<String>,
    /// Quotes must stand around it: it would be in every line.
    is_quoted: bool,
    terms: Terms,
}

impl Search {
    fn new(literal: &GoalLiteral) -> Self {
        let mut terms = Terms::default();
        let is_one = rank_terms::tokens(&literal.text).nth(1).is_none();
        let compound = is_one && rank_terms::is_compound(&literal.text);
        let is_word = is_one && !compound;
        let is_capital = literal.text.starts_with(char::is_uppercase);
        Self {
            needle: literal.text.to_lowercase(),
            term: if is_word { terms.word(&literal.text) } else { None },
            whole: if compound { rank_terms::whole(&literal.text) } else { None },
            exact: (is_word && is_capital && literal.is_name).then(|| literal.text.clone()),
            is_quoted: literal.words.is_empty()
                && !compound
                && rank_terms::tokens(&literal.text).next().is_some(),
            terms,
        }
    }

    /// Its own spelling alone.
    fn exactly(literal: &GoalLiteral) -> Self {
        Self { exact: Some(literal.text.clone()), ..Self::new(literal) }
    }

    /// The lines that hold it, from 1, as they are shown.
    fn lines(&mut self, text: &SafeText) -> Vec<(u32, SafeText)> {
        let mut found = Vec::new();
        for (at, line) in (1..).zip(text.as_str().lines()) {
            if line.len() < 2_000 && self.is_in(line) {
                found.push((at, text.part(line).one_line(MOST_CHARACTERS)));
            }
        }
        found
    }

    fn is_in(&mut self, line: &str) -> bool {
        if self.is_quoted {
            return self.stands_quoted(line);
        }
        if let Some(exact) = &self.exact {
            return rank_terms::tokens(line).any(|token| token.text == exact);
        }
        let lower = line.to_lowercase();
        if is_apart(&lower, &self.needle) {
            return true;
        }
        let is_word = |term| self.term == Some(term);
        let mut words = rank_terms::tokens(line).flat_map(|token| rank_terms::words(token.text));
        let by_word = self.term.is_some() && words.any(|word| self.terms.word(word).is_some_and(is_word));
        let is_name = |token: rank_terms::Token| rank_terms::whole(token.text) == self.whole;
        by_word || self.whole.is_some() && rank_terms::tokens(line).any(is_name)
    }

    fn stands_quoted(&self, line: &str) -> bool {
        let lower = line.to_lowercase();
        let is_quote = |c: char| "\"'`".contains(c);
        lower.match_indices(&self.needle).any(|(at, found)| {
            lower[..at].ends_with(is_quote) && lower[at + found.len()..].starts_with(is_quote)
        })
    }
}

/// Holds the text, no letters or digits right beside it.
fn is_apart(line: &str, needle: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric();
    line.match_indices(needle).any(|(at, found)| {
        let opens = !needle.starts_with(joins) || !line[..at].ends_with(joins);
        opens && (!needle.ends_with(joins) || !line[at + found.len()..].starts_with(joins))
    })
}
