//! Measures the ranking on cases with known answers, straight from bare
//! clones: no work tree is made, so hundreds of cases take minutes. Writes
//! where each sought file stands, and the signals of the candidates for
//! `train.py`.
//!
//! Not here: scoring from outside, through the command line; README.md tells
//! how.
//!
//! `cargo bench --bench relevance -- OUT REPOS CACHE [--no-history] CASES.jsonl ...`

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use waypost::extract;
use waypost::limits;
use waypost::model::{Class, Commit, Content, ContentHash, File, FileFacts, History, RelPath, Stamp, Tree};
use waypost::rank::{self, Measured, SIGNALS, WEIGHTS};
use waypost::redact::Redactor;
use waypost::walk::{classify, decode};

/// Symbols written for each case that names some.
const SYMBOLS: usize = 20;

/// One line of a case file; what else it holds is ignored.
#[derive(Deserialize)]
struct Case {
    id: String,
    repo: String,
    mirror: Option<String>,
    base_commit: String,
    goal: String,
    gold: Vec<String>,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    language: String,
    gold_symbols: Option<Vec<String>>,
}

fn main() -> Result<()> {
    let mut arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let no_history = arguments.iter().any(|argument| argument == "--no-history");
    arguments.retain(|argument| argument != "--no-history");
    let [out, repos, cache, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench relevance -- OUT REPOS CACHE [--no-history] CASES.jsonl ...");
        return Ok(());
    };
    let mut by_repo: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{file}`"))?;
        for line in text.lines() {
            let case: Case = serde_json::from_str(line).with_context(|| format!("no case in `{file}`"))?;
            by_repo.entry(case.repo.clone()).or_default().push(case);
        }
    }
    let place = Places { repos: Path::new(repos), cache: Path::new(cache) };
    let by_repo: Vec<Vec<Case>> = by_repo.into_values().collect();
    let measured: Vec<Vec<Measurement>> =
        by_repo.par_iter().map(|cases| place.measure(cases, no_history)).collect::<Result<_>>()?;
    write(out, measured.into_iter().flatten())
}

/// Where clones and what is remembered of them are.
struct Places<'a> {
    repos: &'a Path,
    cache: &'a Path,
}

impl Places<'_> {
    /// Measures the cases of one repository.
    fn measure(&self, cases: &[Case], no_history: bool) -> Result<Vec<Measurement>> {
        let name = cases[0].mirror.as_ref().unwrap_or(&cases[0].repo);
        let cache = self.cache.join(format!("{}.{}", name.replace('/', "+"), &extract::fingerprint()[..8]));
        let mut clone = Clone::open(&find_clone(self.repos, name)?, cache)?;
        clone.remember_commits(cases)?;
        let started = std::time::Instant::now();
        let measured: Result<_> = cases.iter().map(|case| measure(&mut clone, case, no_history)).collect();
        clone.save()?;
        eprintln!("{name}: {} cases in {:.1} s", cases.len(), started.elapsed().as_secs_f64());
        measured
    }
}

/// A line of `OUT.jsonl` and its rows in `OUT.f32`.
struct Measurement {
    line: serde_json::Value,
    values: Vec<f32>,
}

fn measure(clone: &mut Clone, case: &Case, no_history: bool) -> Result<Measurement> {
    let tree = clone.tree(&case.base_commit)?;
    let history = if no_history { History::default() } else { clone.history(&case.base_commit) };
    let goal = clone.redactor.text(&case.goal);
    let started = std::time::Instant::now();
    let measured = Measured::of(&tree, &history, &goal);
    let ranked = rank::order(&tree, &measured, &[]);
    let seconds = started.elapsed().as_secs_f64();
    let path = |file: u32| tree.files[file as usize].facts.path.as_str();
    let places: HashMap<&str, usize> =
        ranked.iter().enumerate().map(|(place, entry)| (path(entry.file), place + 1)).collect();
    let symbols: Vec<String> = match &case.gold_symbols {
        Some(_) => rank::symbols_in(&tree, &measured, &ranked, SYMBOLS)
            .iter()
            .map(|found| {
                let outline = &tree.files[found.file as usize].content.outline;
                format!("{}::{}", path(found.file), outline.qualified_name(found.symbol as usize))
            })
            .collect(),
        None => Vec::new(),
    };
    let mut rows = measured.candidates(&tree);
    let judged = rows.len();
    for gold in &case.gold {
        let place = tree.files.binary_search_by(|file| file.facts.path.as_str().cmp(gold));
        if let Ok(file) = place
            && !rows.contains(&(file as u32))
        {
            rows.push(file as u32);
        }
    }
    let names: Vec<String> =
        SIGNALS.iter().map(|(signal, _, _)| format!("{signal:?}")).chain(["Base".to_owned()]).collect();
    let line = serde_json::json!({
        "id": case.id, "repo": case.repo, "kind": case.kind, "language": case.language,
        "gold": case.gold, "gold_symbols": case.gold_symbols, "symbols": symbols,
        "gold_ranks": case.gold.iter().map(|gold| places.get(gold.as_str())).collect::<Vec<_>>(),
        "ranked": ranked.iter().take(20).map(|entry| path(entry.file)).collect::<Vec<_>>(),
        "judged": judged, "secs": seconds, "files": tree.files.len(), "signals": names,
        "weights": WEIGHTS.map(|(signal, weight)| (format!("{signal:?}"), weight)),
        "rows": rows.iter().map(|file| path(*file)).collect::<Vec<_>>(),
    });
    let values =
        rows.iter().flat_map(|file| measured.row(*file as usize)).map(|value| value as f32).collect();
    Ok(Measurement { line, values })
}

/// `OUT.jsonl` and `OUT.f32`, as `train.py` reads them.
fn write(stem: &str, measured: impl Iterator<Item = Measurement>) -> Result<()> {
    let mut lines = std::io::BufWriter::new(std::fs::File::create(format!("{stem}.jsonl"))?);
    let mut values = std::io::BufWriter::new(std::fs::File::create(format!("{stem}.f32"))?);
    let mut rows = 0;
    for mut one in measured {
        one.line["offset"] = rows.into();
        rows += one.values.len() / (SIGNALS.len() + 1);
        writeln!(lines, "{}", one.line)?;
        for value in one.values {
            values.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(())
}

/// `OWNER+NAME/repo`, `OWNER+NAME`, `OWNER/NAME`, bare or with a work tree.
fn find_clone(repos: &Path, name: &str) -> Result<PathBuf> {
    let plus = name.replace('/', "+");
    let places = [format!("{plus}/repo"), plus, name.to_owned(), format!("{name}.git")];
    places
        .iter()
        .flat_map(|place| [repos.join(place), repos.join(place).join(".git")])
        .find(|place| place.join("objects").is_dir())
        .ok_or_else(|| anyhow!("no clone of `{name}` in `{}`", repos.display()))
}

/// A commit with what tells the order of a history.
#[derive(Serialize, Deserialize)]
struct Known {
    parents: Vec<String>,
    date: i64,
    commit: Commit,
}

/// What is known of a repository, kept in a file between runs: reading a blob
/// again costs a hundred times more.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    /// By the blob's id and the path, which tells the class.
    contents: HashMap<(String, RelPath), (Class, Arc<Content>)>,
    commits: HashMap<String, Known>,
}

/// A repository read by git's plumbing.
struct Clone {
    directory: PathBuf,
    cache: PathBuf,
    blobs: RefCell<Blobs>,
    memory: Memory,
    remembered: usize,
    redactor: Redactor,
}

/// `git cat-file --batch`.
struct Blobs {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    fn open(directory: &Path) -> Result<Self> {
        let mut child = Command::new("git")
            .arg("--git-dir")
            .arg(directory)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let answers = BufReader::new(child.stdout.take().context("git gives no output")?);
        Ok(Self { child, answers })
    }

    fn read(&mut self, id: &str) -> Result<Vec<u8>> {
        let input = self.child.stdin.as_mut().context("git takes no input")?;
        writeln!(input, "{id}")?;
        input.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let Some(size) = head.split_whitespace().nth(2).and_then(|size| size.parse::<usize>().ok()) else {
            return Ok(Vec::new());
        };
        let mut bytes = vec![0; size + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Clone {
    fn open(directory: &Path, cache: PathBuf) -> Result<Self> {
        let redactor = Redactor::new(&[]).map_err(|_| anyhow!("no redactor"))?;
        let memory: Memory = std::fs::read(&cache)
            .ok()
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .unwrap_or_default();
        let remembered = memory.contents.len() + memory.commits.len();
        let blobs = RefCell::new(Blobs::open(directory)?);
        Ok(Self { directory: directory.to_owned(), cache, blobs, memory, remembered, redactor })
    }

    /// Keeps what was read, where something was.
    fn save(&self) -> Result<()> {
        if self.memory.contents.len() + self.memory.commits.len() > self.remembered {
            if let Some(folder) = self.cache.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&self.cache, postcard::to_stdvec(&self.memory)?)?;
        }
        Ok(())
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("git").arg("--git-dir").arg(&self.directory).args(arguments).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn tree(&mut self, commit: &str) -> Result<Tree> {
        let listing = self.git(&["ls-tree", "-r", "-z", commit])?;
        let mut files = Vec::new();
        let mut ids: HashMap<RelPath, &str> = HashMap::new();
        for entry in listing.split('\0') {
            let Some((mode, path)) = entry.split_once('\t') else { continue };
            let fields: Vec<&str> = mode.split(' ').collect();
            let (["100644" | "100755", _, id], Some(path)) = (fields.as_slice(), RelPath::new(path)) else {
                continue;
            };
            ids.insert(path.clone(), id);
            files.push(self.file(path, id)?);
        }
        files.sort_by(|a: &File, b: &File| a.facts.path.cmp(&b.facts.path));
        let sources: Vec<_> = files
            .iter()
            .map(|file| extract::imports::Source {
                path: &file.facts.path,
                language: file.facts.language,
                imports: &file.content.outline.imports,
            })
            .collect();
        let text_of = |path: &RelPath| {
            let bytes = self.blobs.borrow_mut().read(ids.get(path)?).ok()?;
            Some(self.redactor.text(&decode(&bytes)))
        };
        let imports = extract::imports::resolve(&sources, &text_of);
        Ok(Tree { files, skipped: Vec::new(), imports })
    }

    fn file(&mut self, path: RelPath, id: &str) -> Result<File> {
        let key = (id.to_owned(), path.clone());
        let (class, content) = match self.memory.contents.get(&key) {
            Some(known) => known.clone(),
            None => {
                let known = self.read(&path, id)?;
                self.memory.contents.insert(key, known.clone());
                known
            }
        };
        let hash = ContentHash::of(id.as_bytes());
        let language = extract::language_of(&path, b"").map(extract::Language::name);
        let facts = FileFacts { path, stamp: Stamp::default(), hash, class, language };
        Ok(File { facts, content })
    }

    fn read(&self, path: &RelPath, id: &str) -> Result<(Class, Arc<Content>)> {
        let bytes = self.blobs.borrow_mut().read(id)?;
        let is_whole = bytes.len() as u64 <= limits::MAX_FILE_SIZE;
        let head = if is_whole { &bytes[..] } else { &bytes[..limits::SNIFF] };
        let class = classify::class(path, classify::by_name(path), head, is_whole);
        if !class.is_read() {
            return Ok((class, Arc::default()));
        }
        let source = self.redactor.text(&decode(&bytes));
        let outline = match extract::language_of(path, head) {
            Some(language) => extract::outline(language, &source).outline,
            None => Default::default(),
        };
        let words = extract::words::words(&source, &outline);
        Ok((class, Arc::new(Content { outline, words, ..Content::default() })))
    }

    /// Reads all commits that any of `cases` can see.
    fn remember_commits(&mut self, cases: &[Case]) -> Result<()> {
        if cases.iter().all(|case| self.memory.commits.contains_key(&case.base_commit)) {
            return Ok(());
        }
        let mut arguments = vec![
            "log",
            "--no-renames",
            "--name-only",
            "-z",
            "--encoding=UTF-8",
            "--format=%x01%H%x02%P%x02%ct%x02%s%x02%b%x02",
        ];
        let heads: BTreeSet<&str> = cases.iter().map(|case| case.base_commit.as_str()).collect();
        arguments.extend(heads);
        let log = self.git(&arguments)?;
        for entry in log.split('\u{1}').skip(1) {
            let fields: Vec<&str> = entry.splitn(6, '\u{2}').collect();
            let [id, parents, date, subject, body, paths] = fields.as_slice() else { continue };
            let body: String = body.chars().take(limits::MAX_COMMIT_BODY).collect();
            let commit = Commit {
                subject: self.redactor.line(subject),
                body: self.redactor.text(&body),
                paths: paths
                    .split(['\0', '\n'])
                    .filter_map(RelPath::new)
                    .take(limits::MAX_COMMIT_PATHS)
                    .collect(),
            };
            let parents = parents.split_whitespace().map(str::to_owned).collect();
            let known = Known { parents, date: date.parse()?, commit };
            self.memory.commits.insert((*id).to_owned(), known);
        }
        Ok(())
    }

    /// The history of a commit in git's order: youngest first, of equal age
    /// the one first that was met first.
    fn history(&self, head: &str) -> History {
        let mut commits = Vec::new();
        let mut met: HashSet<&str> = HashSet::from([head]);
        let mut waiting = BinaryHeap::new();
        let push = |waiting: &mut BinaryHeap<_>, id: &str, number: usize| {
            if let Some((id, known)) = self.memory.commits.get_key_value(id) {
                waiting.push((known.date, std::cmp::Reverse(number), id));
            }
        };
        push(&mut waiting, head, 0);
        while let Some((_, _, id)) = waiting.pop() {
            let known = &self.memory.commits[id];
            for parent in &known.parents {
                if met.insert(parent) {
                    push(&mut waiting, parent, met.len());
                }
            }
            if known.parents.len() < 2 {
                commits.push(known.commit.clone());
            }
            if commits.len() == limits::MAX_COMMITS {
                break;
            }
        }
        History { commits, shallow: false }
    }
}
