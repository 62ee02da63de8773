//! The places of the files of an answer: the best ones of all files together,
//! what those call that is declared beside them, and the declarations that
//! other files use.
//!
//! Not here: which files these are (`answer`), and the places of one file
//! (`places`).

use super::literal::GoalLiteral;
use super::measure::Measured;
use super::places::{self, Place, PlaceRequest};
use super::symbols::SymbolScorer;
use super::uses::DecidingName;
use crate::model::{SafeText, Symbol, SymbolKind, Tree};
use crate::rank_terms;

/// Places of the first file, of the next two, and of the others.
const PLACES: [usize; 4] = [8, 5, 4, 3];

/// Places of a file to look at besides.
const PLACES_BESIDE: usize = 1;

/// Lines that all places together may cover: pointing everywhere helps nobody.
const MOST_LINES: u32 = 360;

/// How much a place of the second file counts less, and so on: the power of
/// the file's place.
const FADE: f64 = 0.5;

/// Places of the first file, and of the others, whose declarations are sought in
/// the other files.
const DECIDING: [usize; 2] = [3, 1];

/// The first places of a file whose helpers are told, the helpers of one, and
/// lines of a function that is told as one.
const CALLING: usize = 2;
const HELPERS: usize = 2;
const HELPER_LINES: u32 = 60;

/// What a place must be worth of the best one of its file to be shown.
const WORTH: f64 = 0.15;

/// The files whose places are sought: the first ones are to be edited.
pub struct SoughtFiles<'a> {
    pub files: &'a [u32],
    pub edited: usize,
    pub text: &'a dyn Fn(u32) -> Option<SafeText>,
    /// Names that the goal spells out: those that join its words are no words of
    /// it.
    pub names: &'a [GoalLiteral],
}

/// The places that decide, of each file, within [`MOST_LINES`] of all, and the
/// declarations that the others use.
pub fn decisive(
    tree: &Tree,
    measured: &Measured,
    sought: &SoughtFiles,
) -> (Vec<Vec<Place>>, Vec<DecidingName>) {
    let mut judge = SymbolScorer::new(tree, &measured.goal, &measured.lexical);
    for name in sought.names.iter().filter(|name| name.words.is_empty()) {
        judge.look_for(&name.text, name.weight);
    }
    let request = |file: &u32| PlaceRequest {
        outline: &tree.files[*file as usize].content().outline,
        text: (sought.text)(*file).unwrap_or_default(),
    };
    let requests: Vec<PlaceRequest> = sought.files.iter().map(request).collect();
    let deciding = deciding(tree, &sought.files[..sought.edited], &places::of(&mut judge, &requests));
    for name in &deciding {
        judge.look_for(name.name.as_str(), name.worth);
    }
    let mut chosen = fitting(places::of(&mut judge, &requests), sought.edited);
    for (request, places) in requests.iter().zip(&mut chosen).take(sought.edited) {
        let helpers = helpers(request, places);
        places.extend(helpers);
    }
    (chosen, deciding)
}

/// The best places of all files that cover no more than [`MOST_LINES`].
fn fitting(places: Vec<Vec<Place>>, edited: usize) -> Vec<Vec<Place>> {
    let mut chosen = vec![Vec::new(); places.len()];
    let mut all: Vec<(f64, usize, Place)> = Vec::new();
    for (rank, places) in places.into_iter().enumerate() {
        let weight = (1.0 + rank as f64).powf(-FADE);
        let most = if rank < edited { PLACES[rank.min(PLACES.len() - 1)] } else { PLACES_BESIDE };
        let least = WORTH * places.first().map_or(0.0, |place| place.score);
        let worth = places.into_iter().take(most).filter(|place| place.score >= least);
        all.extend(worth.map(|place| (weight * place.score, rank, place)));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2.first).cmp(&(b.1, b.2.first))));
    let mut lines = 0;
    for (_, rank, place) in all {
        let taken = place.last - place.first + 1;
        if lines + taken <= MOST_LINES {
            lines += taken;
            chosen[rank].push(place);
        }
    }
    chosen
}

/// What the best places declare, of the first file more than of the others.
fn deciding(tree: &Tree, files: &[u32], places: &[Vec<Place>]) -> Vec<DecidingName> {
    let mut found: Vec<DecidingName> = Vec::new();
    for (rank, (file, places)) in files.iter().zip(places).enumerate() {
        let symbols = &tree.files[*file as usize].content().outline.symbols;
        let most = DECIDING[rank.min(DECIDING.len() - 1)];
        let declared = places.iter().take(most).filter_map(|place| symbols.get(place.symbol? as usize));
        for name in declared.filter_map(|symbol| DecidingName::of(tree, *file, symbol)) {
            if found.iter().all(|known| known.name != name.name) {
                found.push(name);
            }
        }
    }
    found
}

/// The functions of the file that its best places call, apart from the places:
/// who delegates is changed together with whom it asks.
fn helpers(file: &PlaceRequest, places: &[Place]) -> Vec<Place> {
    let lines: Vec<&str> = file.text.as_str().lines().collect();
    let mut found: Vec<Place> = Vec::new();
    for place in places.iter().take(CALLING) {
        let body = lines.get(place.first as usize - 1..place.last as usize).unwrap_or_default();
        let tokens: Vec<&str> =
            body.iter().flat_map(|line| rank_terms::tokens(line)).map(|token| token.text).collect();
        let is_called = |symbol: &Symbol| tokens.contains(&symbol.name.as_str());
        let functions = (0..).zip(&file.outline.symbols).filter(|(_, symbol)| is_helper(symbol));
        let called: Vec<Place> = functions
            .filter(|(_, symbol)| is_called(symbol))
            .map(|(at, symbol)| helper(at, symbol))
            .filter(|helper| !places.iter().chain(&found).any(|known| known.meets(helper)))
            .collect();
        // What calls many functions of its file delegates to none in particular.
        if called.len() <= HELPERS {
            found.extend(called);
        }
    }
    found
}

fn is_helper(symbol: &Symbol) -> bool {
    let is_function = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
    // `name` and `run` are called on anything.
    let is_own = rank_terms::is_compound(symbol.name.as_str());
    is_function && is_own && symbol.end_line - symbol.line < HELPER_LINES
}

fn helper(at: u32, symbol: &Symbol) -> Place {
    Place {
        first: symbol.line,
        last: symbol.end_line,
        symbol: Some(at),
        score: 0.0,
        telling: Vec::new(),
        agrees: false,
    }
}
