//! Measures the ranking on cases with known answers, straight from bare
//! clones: no work tree is made, so hundreds of cases take minutes. Writes
//! where each sought file stands, and the signals of the candidates for
//! `train.py`.
//!
//! Not here: scoring from outside, through the command line; README.md tells
//! how.
//!
//! `cargo bench --bench relevance -- OUT REPOS [--no-history] CASES.jsonl ...`

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use waypost::extract;
use waypost::limits;
use waypost::model::{Class, Commit, Content, ContentHash, File, FileFacts, History, RelPath, Stamp, Tree};
use waypost::rank::{self, Measured, SIGNALS};
use waypost::redact::Redactor;
use waypost::walk::{classify, decode};

/// Candidates written for each case, and every sought file besides.
const ROWS: usize = 120;

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
    let [out, repos, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: cargo bench --bench relevance -- OUT REPOS [--no-history] CASES.jsonl ...");
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
    let mut output = Output::create(out)?;
    for (repo, cases) in by_repo {
        let mirror = cases[0].mirror.clone().unwrap_or(repo.clone());
        let mut clone = Clone::open(&find_clone(Path::new(repos), &mirror)?)?;
        let started = std::time::Instant::now();
        for case in &cases {
            measure(&mut clone, case, no_history, &mut output)?;
        }
        eprintln!("{repo}: {} cases in {:.1} s", cases.len(), started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn measure(clone: &mut Clone, case: &Case, no_history: bool, output: &mut Output) -> Result<()> {
    let tree = clone.tree(&case.base_commit)?;
    let history = if no_history { History::default() } else { clone.history(&case.base_commit)? };
    let goal = clone.redactor.text(&case.goal);
    let started = std::time::Instant::now();
    let ranked = rank::for_goal(&tree, &history, &goal, &[]);
    let seconds = started.elapsed().as_secs_f64();
    let path = |file: u32| tree.files[file as usize].facts.path.as_str();
    let places: HashMap<&str, usize> =
        ranked.iter().enumerate().map(|(place, entry)| (path(entry.file), place + 1)).collect();
    let symbols: Vec<String> = match &case.gold_symbols {
        Some(_) => rank::symbols(&tree, &history, &goal, &[], SYMBOLS)
            .iter()
            .map(|found| {
                let outline = &tree.files[found.file as usize].content.outline;
                format!("{}::{}", path(found.file), outline.qualified_name(found.symbol as usize))
            })
            .collect(),
        None => Vec::new(),
    };
    let measured = Measured::of(&tree, &history, &goal);
    let mut rows = measured.candidates(&tree, ROWS);
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
        "secs": seconds, "files": tree.files.len(), "signals": names,
        "rows": rows.iter().map(|file| path(*file)).collect::<Vec<_>>(), "offset": output.rows,
    });
    writeln!(output.lines, "{line}")?;
    for file in &rows {
        for value in measured.row(*file as usize) {
            output.values.write_all(&(value as f32).to_le_bytes())?;
        }
    }
    output.rows += rows.len();
    Ok(())
}

/// `OUT.jsonl` and `OUT.f32`, as `train.py` reads them.
struct Output {
    lines: std::fs::File,
    values: std::io::BufWriter<std::fs::File>,
    rows: usize,
}

impl Output {
    fn create(stem: &str) -> Result<Self> {
        let lines = std::fs::File::create(format!("{stem}.jsonl"))?;
        let values = std::io::BufWriter::new(std::fs::File::create(format!("{stem}.f32"))?);
        Ok(Self { lines, values, rows: 0 })
    }
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

/// A repository read by git's plumbing; what one blob says is remembered for
/// the other cases.
struct Clone {
    directory: PathBuf,
    child: Child,
    answers: BufReader<ChildStdout>,
    known: HashMap<(String, String), (Class, Arc<Content>)>,
    redactor: Redactor,
}

impl Clone {
    fn open(directory: &Path) -> Result<Self> {
        let mut child = Command::new("git")
            .arg("--git-dir")
            .arg(directory)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let answers = BufReader::new(child.stdout.take().context("git gives no output")?);
        let redactor = Redactor::new(&[]).map_err(|_| anyhow!("no redactor"))?;
        Ok(Self { directory: directory.to_owned(), child, answers, known: HashMap::new(), redactor })
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("git").arg("--git-dir").arg(&self.directory).args(arguments).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn blob(&mut self, id: &str) -> Result<Vec<u8>> {
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

    fn tree(&mut self, commit: &str) -> Result<Tree> {
        let listing = self.git(&["ls-tree", "-r", "-z", commit])?;
        let mut files = Vec::new();
        let mut manifests = HashMap::new();
        for entry in listing.split('\0') {
            let Some((mode, path)) = entry.split_once('\t') else { continue };
            let fields: Vec<&str> = mode.split(' ').collect();
            let (["100644" | "100755", _, id], Some(path)) = (fields.as_slice(), RelPath::new(path)) else {
                continue;
            };
            if path.name() == "Cargo.toml" {
                let text = self.blob(id)?;
                manifests.insert(path.clone(), self.redactor.text(&decode(&text)));
            }
            files.push(self.file(path, id)?);
        }
        files.sort_by(|a: &File, b: &File| a.facts.path.cmp(&b.facts.path));
        let sources: Vec<_> = files
            .iter()
            .map(|file| extract::imports::Source {
                path: &file.facts.path,
                language: file.facts.language,
                outline: &file.content.outline,
            })
            .collect();
        let imports = extract::imports::resolve(&sources, &|path| manifests.get(path).cloned());
        Ok(Tree { files, skipped: Vec::new(), imports })
    }

    fn file(&mut self, path: RelPath, id: &str) -> Result<File> {
        let language = extract::language_of(&path, b"");
        let key = (id.to_owned(), path.to_string());
        let (class, content) = match self.known.get(&key) {
            Some(known) => known.clone(),
            None => {
                let known = self.read(&path, id)?;
                self.known.insert(key, known.clone());
                known
            }
        };
        let hash = ContentHash::of(id.as_bytes());
        let language = language.map(extract::Language::name);
        let facts = FileFacts { path, stamp: Stamp::default(), hash, class, language };
        Ok(File { facts, content })
    }

    fn read(&mut self, path: &RelPath, id: &str) -> Result<(Class, Arc<Content>)> {
        let bytes = self.blob(id)?;
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

    fn history(&self, commit: &str) -> Result<History> {
        let count = limits::MAX_COMMITS.to_string();
        let format = "--format=%x01%s%x02%b%x03";
        let log = self.git(&[
            "log",
            "-n",
            &count,
            "--no-merges",
            "--no-renames",
            "--name-only",
            "-z",
            format,
            commit,
        ])?;
        let commits = log.split('\u{1}').skip(1).map(|entry| {
            let (subject, rest) = entry.split_once('\u{2}').unwrap_or((entry, ""));
            let (body, paths) = rest.split_once('\u{3}').unwrap_or((rest, ""));
            Commit {
                subject: self.redactor.line(subject),
                body: self.redactor.text(body),
                paths: paths.split(['\0', '\n']).filter_map(RelPath::new).collect(),
            }
        });
        Ok(History { commits: commits.collect(), shallow: false })
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
