//! However a tree is read, it is the same: from nothing (cold), with what the
//! store remembers (warm), or from the reading before with the files that were
//! touched.

use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::*;
use crate::config::Settings;
use crate::parsers::Parsers;
use crate::project::Project;
use crate::redact::Redactor;

struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
    fn end(&self) {}
}

/// A minute ahead of the files: every stamp is old enough to be trusted.
fn later() -> Time {
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time { ns: now.as_nanos() as i64 + 60_000_000_000, text: "2026-01-02T03:04:05Z".to_string() }
}

fn context(root: &Path) -> Context {
    Context {
        project: Project::locate(Some(root), root).unwrap(),
        settings: Settings::defaults(),
        redactor: Arc::new(Redactor::new(&[]).unwrap()),
        repository: None,
        parsers: Arc::new(Parsers::here()),
        templates: crate::render::template::Templates::embedded(),
        clock: later,
        progress: Arc::new(Silent),
    }
}

/// What a person or a program does to a project.
#[derive(Clone, Debug)]
enum Edit {
    Write(usize, usize),
    /// The same bytes again.
    Touch(usize),
    Remove(usize),
    Rename(usize, usize),
}

const PATHS: [&str; 9] = [
    "Cargo.toml",
    "README.md",
    "src/lib.rs",
    "src/parse.rs",
    "tools/__init__.py",
    "tools/make.py",
    "tools/names.py",
    "data.txt",
    ".waypostignore",
];

/// Texts that name each other, some of which fit any file.
const TEXTS: [&str; 11] = [
    "",
    "pub mod parse;\npub fn run() { parse::parse() }\n",
    "/// Parses.\npub fn parse() { run() }\n",
    "/// Parses a text.\npub fn parse() { helper() }\npub fn helper() {}\n",
    "import tools.names\n\ndef make():\n    return tools.names.name()\n",
    "from . import make\n\ndef name():\n    return make\n",
    "[package]\nname = \"mix\"\ndescription = \"A mix.\"\n",
    "# Mix\n\nWhat parse and make do.\n",
    "tools/names.py\n",
    "\0\u{1}\u{2}",
    "fn parse( {\n",
];

fn edits() -> impl Strategy<Value = Edit> {
    let path = || 0..PATHS.len();
    prop_oneof![
        6 => (path(), 0..TEXTS.len()).prop_map(|(path, text)| Edit::Write(path, text)),
        1 => path().prop_map(Edit::Touch),
        2 => path().prop_map(Edit::Remove),
        1 => (path(), path()).prop_map(|(from, to)| Edit::Rename(from, to)),
    ]
}

fn apply(root: &Path, edit: &Edit) -> Vec<RelPath> {
    let at = |path: &usize| root.join(PATHS[*path]);
    let touched = match edit {
        Edit::Write(path, text) => {
            std::fs::write(at(path), TEXTS[*text]).unwrap();
            vec![path]
        }
        Edit::Touch(path) => {
            if let Ok(bytes) = std::fs::read(at(path)) {
                std::fs::write(at(path), bytes).unwrap();
            }
            vec![path]
        }
        Edit::Remove(path) => {
            _ = std::fs::remove_file(at(path));
            vec![path]
        }
        Edit::Rename(from, to) => {
            _ = std::fs::rename(at(from), at(to));
            vec![from, to]
        }
    };
    touched.into_iter().map(|path| RelPath::new(PATHS[*path]).unwrap()).collect()
}

/// Everything that is known of a tree, a line each.
fn told(context: &Context, reading: &Reading) -> Vec<String> {
    let files = &reading.tree.files;
    let path = |at: &u32| files[*at as usize].facts.path.to_string();
    let mut told = vec![format!("{} symbols", reading.symbols()), format!("{:?}", reading.tree.skipped)];
    for (file, imports) in files.iter().zip(reading.tree.imports.iter()) {
        let FileFacts { path: own, hash, class, language, .. } = &file.facts;
        let imports: Vec<String> = imports.iter().map(path).collect();
        told.push(format!(
            "{own} {hash:?} {class:?} {language:?} -> {imports:?}: {:?}",
            file.content().outline
        ));
        for symbol in &file.content().outline.symbols {
            told.push(format!("{} is used {:?}", symbol.name, reading.usage.of(symbol.name.as_str())));
        }
    }
    told.push(format!("{:?}", reading.central().iter().map(path).collect::<Vec<_>>()));
    told.push(format!("{:?}", reading.facts(context).unwrap()));
    told
}

fn pages(root: &Path) -> [String; 2] {
    ["handoff.md", "handoff.json"]
        .map(|name| std::fs::read_to_string(root.join(".waypost").join(name)).unwrap())
}

fn check(edits: &[Edit]) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for folder in [".waypost", "src", "tools"] {
        std::fs::create_dir(root.join(folder)).unwrap();
    }
    for (path, text) in [(0, 6), (1, 7), (2, 1), (3, 2), (4, 0), (5, 4), (6, 5), (7, 7)] {
        apply(&root, &Edit::Write(path, text));
    }
    let context = context(&root);
    let mut warm = WarmState::default();
    let mut take = |touched: Option<&[RelPath]>| {
        let request = Request {
            goal: None,
            with_handoff: true,
            refocus: Refocus::WhenBroken,
            touched,
            by_watch: false,
        };
        snapshot(&context, request, &mut warm).unwrap();
        warm.kept.as_ref().and_then(|kept| kept.reading.as_ref()).map(|reading| told(&context, reading))
    };
    take(None);
    for edit in edits {
        let touched = apply(&root, edit);
        let cold = read(&context, None).unwrap();
        let store = Store::open(&context.project.database()).unwrap();
        let remembered = read(&context, store.as_ref()).unwrap();
        let cold_told = told(&context, &cold);
        assert_eq!(cold_told, told(&context, &remembered), "warm, after {edit:?}");
        drop(store);
        let kept = take(Some(&touched)).expect("a small tree is kept");
        assert_eq!(cold_told, kept, "touched, after {edit:?}");
        let memory = Memory::load(&context.project.memory(), &context.redactor).unwrap();
        let page = handoff(&context, &cold, &memory).unwrap();
        assert_eq!([page.markdown, page.json], pages(&root), "the handoff, after {edit:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_tree_is_the_same_however_it_is_read(edits in prop::collection::vec(edits(), 1..7)) {
        check(&edits);
    }
}
