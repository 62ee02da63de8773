//! How well the files that belong to a change are told, on a repository's own
//! history: of each commit one file, or one hunk, or all files but one are shown,
//! on the tree and the history of its parent, and the others are to be found.
//!
//! Not here: how companions are told (`rank::change`), and what the figures mean
//! (`score`).

use rayon::prelude::*;

use super::score::{Figures, RankingPlaces, figures};
use super::{GROUP, LACKING, LEAST, mine, past};
use crate::git::{self, RawCommit};
use crate::model::{Class, Diff, DiffFile, DiffStatus, RelPath, Tree};
use crate::pipeline::diff::safe_files;
use crate::pipeline::past::PastTrees;
use crate::pipeline::{Context, PipelineError, Result};
use crate::rank::{baseline, change};
use crate::{extract, limits, walk::classify};

/// The rankings that are compared, ours first: by the best rule of files that
/// changed together, by the last change, by imports.
pub const RANKINGS: [&str; 4] = ["waypost", "together", "recency", "imports"];

/// Files that a commit touches, at most: a sweep has no companions.
const MOST_FILES: usize = 20;

/// Source files among them, at most, as for the cases of the ranking.
const MOST_SOURCES: usize = 5;

const HINT: &str = "the history has too few commits that change several files";

/// What is shown of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// Each source file in turn.
    File,
    /// One hunk of the commit.
    Hunk,
    /// All files but one.
    Rest,
}

/// Every way of asking, in the order of the report.
pub const SHOWN: [Shown; 3] = [Shown::File, Shown::Hunk, Shown::Rest];

/// A commit that changes several source files.
pub struct CompanionCase {
    pub commit: String,
    pub parent: String,
}

/// One question about a commit, answered.
pub struct CompanionAnswer {
    pub commit: String,
    pub shown: Shown,
    /// The path that was shown; of [`Shown::Rest`] the one that was not.
    pub path: RelPath,
    /// Places of the other source files among source files, by ranking.
    pub sources: [RankingPlaces; RANKINGS.len()],
    /// Places of all other files among all files, by ranking.
    pub all: [RankingPlaces; RANKINGS.len()],
    /// Files in the list that is cut where the evidence ends, and right ones of them.
    pub listed: usize,
    pub right: usize,
}

/// A finished measurement.
pub struct CompanionReport {
    /// Commits of the log that were looked at.
    pub commits: usize,
    /// Commits that change two to five source files, and few files.
    pub fit: usize,
    /// Those that were asked about.
    pub cases: usize,
    pub answers: Vec<CompanionAnswer>,
    pub lacking: usize,
    pub shallow: bool,
}

impl CompanionReport {
    /// The figures of one ranking for one way of asking: source files, and all.
    pub fn figures(&self, shown: Shown, ranking: usize, ks: &[usize]) -> [Figures; 2] {
        let of = self.answers.iter().filter(|answer| answer.shown == shown);
        let with = |places: &&RankingPlaces| !places.is_empty();
        let sources: Vec<&RankingPlaces> =
            of.clone().map(|answer| &answer.sources[ranking]).filter(with).collect();
        let all: Vec<&RankingPlaces> = of.map(|answer| &answer.all[ranking]).filter(with).collect();
        [figures(&sources, ks), figures(&all, ks)]
    }
}

/// Asks about up to `wanted` commits, evenly spread.
pub fn bench(context: &Context, wanted: usize) -> Result<CompanionReport> {
    let Some(repository) = &context.repository else {
        return Err(PipelineError::NoRepository { root: context.project.root.display().to_string() });
    };
    let objects = repository.objects();
    let log = objects.log("HEAD", limits::MAX_COMMITS, true)?;
    let all = cases(&log);
    let fit = all.len();
    let chosen = mine::spread(all, wanted);
    if chosen.len() < LEAST {
        let why = String::new();
        let hint = if repository.shallow { super::SHALLOW } else { HINT };
        return Err(PipelineError::FewCases { found: chosen.len(), read: log.len(), why, hint });
    }
    let mut past = past(context, repository);
    let progress = &*context.progress;
    let mut answers = Vec::new();
    for (group, some) in chosen.chunks(GROUP).enumerate() {
        let parents: Vec<&str> = some.iter().map(|case| case.parent.as_str()).collect();
        if group == 0 {
            past.load(&parents, &|files| progress.begin("reading", files), &|| progress.step())?;
            progress.end();
            progress.begin("asking", chosen.len());
        } else {
            past.load(&parents, &|_| {}, &|| {})?;
        }
        past.keep_only(&parents);
        let past = &past;
        let answered: Vec<Vec<CompanionAnswer>> = some
            .par_iter()
            .map(|case| {
                let answers = answers_of(context, &objects, past, case);
                progress.step();
                answers
            })
            .collect::<Result<_>>()?;
        answers.extend(answered.into_iter().flatten());
    }
    progress.end();
    if answers.is_empty() {
        let hint = if past.lacking > 0 { LACKING } else { HINT };
        return Err(PipelineError::FewCases { found: 0, read: log.len(), why: String::new(), hint });
    }
    let (lacking, shallow) = (past.lacking, repository.shallow);
    Ok(CompanionReport { commits: log.len(), fit, cases: chosen.len(), answers, lacking, shallow })
}

/// The commits of a log that change two to five source files of their parent,
/// newest first.
pub fn cases(log: &[RawCommit]) -> Vec<CompanionCase> {
    let fits = |commit: &&RawCommit| {
        let sources = commit.paths.iter().filter(|path| !commit.added.contains(path) && is_source(path));
        commit.parents.len() == 1
            && commit.paths.len() <= MOST_FILES
            && (2..=MOST_SOURCES).contains(&sources.count())
    };
    let case =
        |commit: &RawCommit| CompanionCase { commit: commit.id.clone(), parent: commit.parents[0].clone() };
    log.iter().filter(fits).map(case).collect()
}

/// As far as names tell.
fn is_source(path: &RelPath) -> bool {
    let class = classify::class(path, classify::by_name(path), &[], true);
    let language = extract::language_of(path, &[]);
    language.map_or(class, |language| language.class(class, path)) == Class::Source
}

fn answers_of(
    context: &Context,
    objects: &git::Objects,
    past: &PastTrees,
    case: &CompanionCase,
) -> Result<Vec<CompanionAnswer>> {
    let (tree, history) = (past.tree(&case.parent), past.history(&case.parent));
    // A clone may lack one of its blobs.
    let Ok(files) = objects.diff(&case.parent, &case.commit) else { return Ok(Vec::new()) };
    let files = safe_files(&context.redactor, files);
    let recent = baseline::recency(&tree, &history);
    let answer = |(shown, path, diff): (Shown, RelPath, Diff)| {
        let sought: Vec<u32> = match shown {
            Shown::Rest => tree.index_of(&path).into_iter().collect(),
            _ => {
                files.iter().filter(|file| file.path != path).filter_map(|file| known(&tree, file)).collect()
            }
        };
        let rows = change::ChangeMeasure::of(&tree, &history, &diff);
        let companions = rows.order();
        let is_seed = |file: &u32| rows.seeds.binary_search(file).is_ok();
        let by = |value: &dyn Fn(&[f64]) -> f64| {
            let mut order: Vec<(u32, f64)> =
                rows.rows.iter().map(|(file, row)| (*file, value(row))).collect();
            order.retain(|(_, value)| *value > 0.0);
            order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            order.into_iter().map(|(file, _)| file).collect::<Vec<u32>>()
        };
        let of = |name: &str| change::SIGNALS.iter().position(|signal| *signal == name).unwrap_or(0);
        let (together, imported, imports) = (of("together"), of("imported"), of("imports"));
        let rankings: [Vec<u32>; RANKINGS.len()] = [
            companions.iter().map(|companion| companion.file).collect(),
            by(&|row| row[together]),
            recent.iter().copied().filter(|file| !is_seed(file)).collect(),
            by(&|row| row[imported] + row[imports]),
        ];
        let listed = change::cut(&companions);
        CompanionAnswer {
            commit: case.commit.clone(),
            shown,
            path,
            sources: rankings.each_ref().map(|ranking| places_of_sources(&tree, &sought, ranking)),
            all: rankings.each_ref().map(|ranking| places(&sought, ranking)),
            listed,
            right: companions[..listed].iter().filter(|found| sought.contains(&found.file)).count(),
        }
    };
    Ok(questions(&tree, &files, &case.commit).into_iter().map(answer).collect())
}

/// What is asked about one commit, with what is shown of it.
pub fn questions(tree: &Tree, files: &[DiffFile], commit: &str) -> Vec<(Shown, RelPath, Diff)> {
    let is_code = |file: &&DiffFile| {
        known(tree, file).is_some_and(|at| tree.files[at as usize].facts.class == Class::Source)
    };
    let sources: Vec<&DiffFile> = files.iter().filter(is_code).collect();
    if sources.len() < 2 {
        return Vec::new();
    }
    let diff = |files: Vec<DiffFile>| Diff { files, is_applied: false };
    let each = sources.iter().map(|file| (Shown::File, file.path.clone(), diff(vec![(*file).clone()])));
    let mut asked: Vec<(Shown, RelPath, Diff)> = each.collect();
    // The same one on every machine.
    let dice = usize::from_str_radix(commit.get(..7).unwrap_or_default(), 16).unwrap_or(0);
    let hunks: Vec<(&DiffFile, usize)> =
        sources.iter().flat_map(|file| (0..file.hunks.len()).map(|at| (*file, at))).collect();
    if let Some((file, at)) = hunks.get(dice % hunks.len().max(1)) {
        let one = DiffFile { hunks: vec![file.hunks[*at].clone()], ..(*file).clone() };
        asked.push((Shown::Hunk, file.path.clone(), diff(vec![one])));
    }
    let left_out = &sources[dice % sources.len()].path;
    let rest = files.iter().filter(|file| file.path != *left_out).cloned().collect();
    asked.push((Shown::Rest, left_out.clone(), diff(rest)));
    asked
}

/// A file of the change that its parent has.
fn known(tree: &Tree, file: &DiffFile) -> Option<u32> {
    let was = file.from.as_ref().unwrap_or(&file.path);
    tree.index_of(was).filter(|_| file.status != DiffStatus::Added)
}

fn places(sought: &[u32], ranking: &[u32]) -> RankingPlaces {
    let place = |file: &u32| ranking.iter().position(|other| other == file).map(|at| at as u32 + 1);
    sought.iter().map(place).collect()
}

fn places_of_sources(tree: &Tree, sought: &[u32], ranking: &[u32]) -> RankingPlaces {
    let is_source = |file: &&u32| tree.files[**file as usize].facts.class == Class::Source;
    let [sought, ranking] =
        [sought, ranking].map(|files| files.iter().filter(is_source).copied().collect::<Vec<u32>>());
    places(&sought, &ranking)
}
