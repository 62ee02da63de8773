//! Which lines of a file that answers are shown: the smallest span that says most,
//! a declaration where one does, else a part of the text.
//!
//! Not here: which files answer (`files`).

use super::files::{FileAnswer, PartHit};
use super::query::Query;
use crate::search_terms;
use crate::store::CodeHit;

/// Lines of a declaration that are shown as a whole; of a longer one that is not
/// named the best part is.
const WHOLE: u32 = 80;

/// Lines that a declaration may lack or have besides a part that stands for it.
const SLACK: u32 = 3;

/// Names that hold all words of a question, as answers of their own.
const NAMED: usize = 5;

/// Other places of a file that are told with it.
const OTHERS: usize = 3;

/// A hit and the others of its file: of its name, or its next best places.
#[derive(Clone, Debug)]
pub struct Region {
    pub hit: CodeHit,
    pub also: Vec<CodeHit>,
    /// Share of the question's weight in its name.
    pub in_name: f64,
}

/// The regions of a file, best first: the best place, or each name that holds all
/// words of the question. No two overlap.
pub fn regions(query: &Query, answer: &FileAnswer) -> Vec<Region> {
    if answer.is_given && query.is_one_name {
        let whole = CodeHit { kind: super::WHOLE_FILE.to_string(), ..lines(answer, 0, 0) };
        return vec![Region { hit: whole, also: Vec::new(), in_name: 1.0 }];
    }
    let mut regions = named(query, answer);
    let spelled = answer.spelled.and_then(|at| answer.symbols.get(at));
    if let Some(hit) = spelled {
        let at = regions.iter().position(|region| is_in(hit, region));
        let best = at.map_or_else(|| of_symbol(query, hit), |at| regions.remove(at));
        regions.insert(0, Region { also: namesakes(answer, hit), hit: hit.clone(), ..best });
    }
    if regions.is_empty() {
        let best =
            answer.parts.first().map_or_else(|| beginning(answer), |part| of_part(query, answer, part));
        let also = others(query, answer, &best);
        regions.push(Region { also, ..of_symbol(query, &best) });
    }
    apart(&mut regions);
    regions
}

fn is_in(hit: &CodeHit, region: &Region) -> bool {
    [&region.hit]
        .into_iter()
        .chain(&region.also)
        .any(|known| (known.line, &known.symbol) == (hit.line, &hit.symbol))
}

fn of_symbol(query: &Query, hit: &CodeHit) -> Region {
    let name = search_terms::parts(own_name(hit));
    Region { in_name: query.coverage(&name), hit: hit.clone(), also: Vec::new() }
}

fn own_name(hit: &CodeHit) -> &str {
    super::last_of(hit.symbol.as_deref().unwrap_or_default())
}

/// Names that hold all words of a question of several, those first that have few
/// words besides and are spelled as it is.
fn named(query: &Query, answer: &FileAnswer) -> Vec<Region> {
    if query.terms.len() < 2 {
        return Vec::new();
    }
    let mut found: Vec<(f64, Region)> = Vec::new();
    for hit in &answer.symbols {
        let name = own_name(hit);
        if let Some((_, known)) = found.iter_mut().find(|(_, known)| own_name(&known.hit) == name) {
            known.also.push(hit.clone());
            continue;
        }
        let words = search_terms::parts(name);
        let in_name = query.coverage(&words);
        if in_name > super::ALL {
            let fits =
                super::TIGHT * query.share_asked(&words) + super::AS_SPELLED * query.share_spelled(name);
            found.push((fits, Region { hit: hit.clone(), also: Vec::new(), in_name }));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.hit.line.cmp(&b.1.hit.line)));
    found.truncate(NAMED);
    found.into_iter().map(|(_, region)| region).collect()
}

/// Other declarations of the name of one.
fn namesakes(answer: &FileAnswer, hit: &CodeHit) -> Vec<CodeHit> {
    let is_other = |other: &&CodeHit| other.line != hit.line && own_name(other) == own_name(hit);
    answer.symbols.iter().filter(is_other).cloned().collect()
}

/// The declaration that a part is of, if it is short enough to be shown; in a part of
/// several small ones that whose name says most; else the part.
fn of_part(query: &Query, answer: &FileAnswer, part: &PartHit) -> CodeHit {
    let Some(&(first, last)) = answer.place.parts.get(part.part as usize) else { return beginning(answer) };
    let is_whole = |hit: &&CodeHit| {
        hit.line <= first + SLACK
            && hit.end_line + SLACK >= last
            && hit.end_line + 1 - hit.line.min(hit.end_line) <= WHOLE
    };
    let around =
        answer.symbols.iter().filter(is_whole).min_by_key(|hit| hit.end_line - hit.line.min(hit.end_line));
    if let Some(hit) = around {
        return hit.clone();
    }
    let inside = answer.symbols.iter().filter(|hit| hit.line >= first && hit.end_line <= last);
    let share = |hit: &CodeHit| query.coverage(&search_terms::parts(own_name(hit)));
    let best = inside.map(|hit| (share(hit), hit)).filter(|(share, _)| *share > 0.0);
    match best.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.line.cmp(&a.1.line))) {
        Some((share, hit)) if share > NAMES_MOST => hit.clone(),
        _ => lines(answer, first, last),
    }
}

/// Share of the question in a name, from which it stands for the small ones around it.
const NAMES_MOST: f64 = 0.5;

fn lines(answer: &FileAnswer, line: u32, end_line: u32) -> CodeHit {
    CodeHit {
        path: answer.place.path.clone(),
        symbol: None,
        kind: "file".to_string(),
        signature: String::new(),
        doc: String::new(),
        line,
        end_line,
    }
}

/// Where only the path answers.
fn beginning(answer: &FileAnswer) -> CodeHit {
    match answer.place.parts.first() {
        Some((first, last)) => lines(answer, *first, *last),
        None => lines(answer, 0, 0),
    }
}

/// The next best places of a file, at least half as good.
fn others(query: &Query, answer: &FileAnswer, best: &CodeHit) -> Vec<CodeHit> {
    let Some(top) = answer.parts.first() else { return Vec::new() };
    let mut found: Vec<CodeHit> = vec![best.clone()];
    for part in answer.parts.iter().skip(1).take_while(|part| part.score * 2.0 >= top.score) {
        let next = of_part(query, answer, part);
        if found.len() <= OTHERS && !found.iter().any(|known| overlap(known, &next)) {
            found.push(next);
        }
    }
    found.split_off(1)
}

pub fn overlap(a: &CodeHit, b: &CodeHit) -> bool {
    a.path == b.path && a.line <= b.end_line && b.line <= a.end_line
}

/// Leaves out what overlaps something better.
fn apart(regions: &mut Vec<Region>) {
    let mut kept: Vec<Region> = Vec::new();
    for mut region in regions.drain(..) {
        if kept.iter().any(|known| overlap(&known.hit, &region.hit)) {
            continue;
        }
        let hit = region.hit.clone();
        region
            .also
            .retain(|other| !overlap(&hit, other) && !kept.iter().any(|known| overlap(&known.hit, other)));
        kept.push(region);
    }
    *regions = kept;
}
