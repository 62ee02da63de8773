//! What the ranking promises, on small trees.

use std::sync::Arc;

use super::*;
use crate::extract::words::words;
use crate::model::{Class, Commit, Content, ContentHash, File, FileFacts, Outline, Stamp};

fn safe(text: &str) -> SafeText {
    SafeText::from_redacted(text.to_owned())
}

fn path(path: &str) -> RelPath {
    RelPath::new(path).unwrap()
}

fn tree(files: &[(&str, Class, &str)]) -> Tree {
    let mut files: Vec<File> = files
        .iter()
        .map(|(name, class, text)| {
            let outline = Outline::default();
            let words = words(&safe(text), &outline);
            let facts = FileFacts {
                path: path(name),
                stamp: Stamp::default(),
                hash: ContentHash::of(text.as_bytes()),
                class: *class,
                language: None,
            };
            File::new(facts, Arc::new(Content { outline, words, ..Content::default() }))
        })
        .collect();
    files.sort_by(|a, b| a.facts.path.cmp(&b.facts.path));
    let imports = vec![Vec::new(); files.len()];
    Tree { files, skipped: Vec::new(), imports: imports.into() }
}

fn small() -> Tree {
    tree(&[
        ("src/parser.rs", Class::Source, "fn parse_header() { read_token(); } // header\n"),
        ("src/writer.rs", Class::Source, "fn write_header() { flush(); }\n"),
        ("src/lib.rs", Class::Source, "mod parser;\nmod writer;\n"),
        ("tests/parser.rs", Class::Test, "fn parses_a_header() { parse_header(); }\n"),
        ("CHANGELOG.md", Class::Doc, "parse header parse header parse header token\n"),
        ("Cargo.lock", Class::Lock, ""),
    ])
}

/// The first files for a goal.
fn check(tree: &Tree, history: &History, goal: &str, expected: &[&str]) {
    let ranked = for_goal(tree, history, &safe(goal), Hints::default());
    let found: Vec<&str> = ranked
        .iter()
        .take(expected.len())
        .map(|entry| tree.files[entry.file as usize].facts.path.as_str())
        .collect();
    assert_eq!(found, expected, "{goal}");
}

#[test]
fn words_in_names_and_text_lead_to_a_file() {
    check(&small(), &History::default(), "Parsing a header loses a token", &["src/parser.rs"]);
    check(&small(), &History::default(), "flush when writing", &["src/writer.rs"]);
}

#[test]
fn a_file_that_is_named_comes_first() {
    check(&small(), &History::default(), "header is wrong in src/writer.rs", &["src/writer.rs"]);
}

#[test]
fn past_messages_tie_words_to_files() {
    let commit = |subject: &str, touched: &str| Commit {
        subject: safe(subject),
        body: SafeText::default(),
        paths: vec![path(touched)],
    };
    let history = History {
        commits: vec![
            commit("Buffer output for slow disks", "src/writer.rs"),
            commit("Accept comments", "src/parser.rs"),
        ],
        shallow: false,
    };
    check(&small(), &history, "slow disks", &["src/writer.rs"]);
}

#[test]
fn what_is_not_read_comes_last_and_nothing_is_missing() {
    let tree = small();
    let ranked = for_goal(&tree, &History::default(), &safe("cargo lock"), Hints::default());
    assert_eq!(ranked.len(), tree.files.len());
    let last = ranked.last().unwrap().file as usize;
    assert_eq!(tree.files[last].facts.class, Class::Lock);
}

#[test]
fn pins_stand_first_in_their_order() {
    let tree = small();
    let pins = [path("CHANGELOG.md"), path("src/lib.rs")];
    let ranked = for_goal(
        &tree,
        &History::default(),
        &safe("parse header"),
        Hints { pins: &pins, ..Hints::default() },
    );
    let first: Vec<&str> =
        ranked.iter().take(2).map(|r| tree.files[r.file as usize].facts.path.as_str()).collect();
    assert_eq!(first, ["CHANGELOG.md", "src/lib.rs"]);
}

#[test]
fn stuffing_a_file_with_the_goal_does_not_make_it_win() {
    let goal = "Parsing a header loses a token";
    let stuffed = format!("{goal} parse_header read_token\n").repeat(1000);
    let mut files = vec![("src/stuffed.rs", Class::Source, stuffed.as_str())];
    files.push(("src/parser.rs", Class::Source, "fn parse_header() { read_token(); lose(); } // header\n"));
    files.push(("src/writer.rs", Class::Source, "fn write_header() { flush(); }\n"));
    check(&tree(&files), &History::default(), goal, &["src/parser.rs"]);
}

#[test]
fn an_empty_goal_an_empty_tree_and_odd_text_are_no_errors() {
    for goal in ["", "```", "\u{0}\u{202e}", "--", "::::", "a/../b", &"x.".repeat(5000)] {
        let ranked = for_goal(&small(), &History::default(), &safe(goal), Hints::default());
        assert_eq!(ranked.len(), 6);
        assert!(for_goal(&Tree::default(), &History::default(), &safe(goal), Hints::default()).is_empty());
    }
    assert!(central(&Tree::default()).is_empty());
}

#[test]
fn what_is_imported_is_central() {
    let mut tree = small();
    let at = |name: &str| tree.files.iter().position(|f| f.facts.path.as_str() == name).unwrap();
    let (lib, parser, writer) = (at("src/lib.rs"), at("src/parser.rs") as u32, at("src/writer.rs"));
    let imports = std::sync::Arc::make_mut(&mut tree.imports);
    imports[lib] = vec![parser];
    imports[writer] = vec![parser];
    assert_eq!(central(&tree)[0].file, parser);
    let changed = [path("src/writer.rs")];
    assert_eq!(current(&tree, &History::default(), &changed, &[])[0].file, writer as u32);
}

#[test]
fn a_file_that_the_first_line_spells_out_comes_before_all_that_fit_better() {
    let tree = small();
    check(&tree, &History::default(), "src/lib.rs: parse the header token", &["src/lib.rs", "src/parser.rs"]);
    check(&tree, &History::default(), "parse header tokens as writer.rs does", &["src/writer.rs"]);
    // Two files bear this name, and a lock file is seldom meant.
    check(&tree, &History::default(), "flush as in Cargo.lock", &["src/writer.rs"]);
    let ranked =
        for_goal(&tree, &History::default(), &safe("src/lib.rs: parse the header"), Hints::default());
    assert_eq!(ranked[0].reasons[0].kind, ReasonKind::Named);
}

#[test]
fn a_pin_comes_first_and_says_so() {
    let tree = small();
    let pins = [path("src/writer.rs")];
    let hints = Hints { pins: &pins, ..Hints::default() };
    let ranked = for_goal(&tree, &History::default(), &safe("fix src/parser.rs"), hints);
    let order: Vec<&str> =
        ranked.iter().map(|entry| tree.files[entry.file as usize].facts.path.as_str()).collect();
    assert_eq!(order[..2], ["src/writer.rs", "src/parser.rs"]);
    assert_eq!(ranked[0].reasons[0].kind, ReasonKind::Pinned);
    assert!(ranked.windows(2).all(|pair| pair[0].score >= pair[1].score), "scores follow the order");
}

#[test]
fn files_that_hold_a_rare_name_of_the_goal_stand_before_those_that_hold_none() {
    let mut files = vec![
        (
            "src/support.rs".to_owned(),
            "fn remove_support() { remove(); support(); } // remove support\n".to_owned(),
        ),
        ("src/remove.rs".to_owned(), "fn remove() { support(); remove(); support(); }\n".to_owned()),
        ("src/runtime.rs".to_owned(), "fn spawn() { tokio::spawn(); start(); stop(); wait(); }\n".to_owned()),
        ("src/pipe.rs".to_owned(), "use tokio::io; fn pipe() { copy(); shut(); }\n".to_owned()),
    ];
    files.extend(
        (0..12).map(|n| (format!("src/part{n}.rs"), format!("fn part{n}() {{ remove(); support(); }}\n"))),
    );
    let files: Vec<(&str, Class, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), Class::Source, text.as_str())).collect();
    let tree = tree(&files);
    let ranked = for_goal(&tree, &History::default(), &safe("Remove tokio support"), Hints::default());
    let mut first: Vec<&str> =
        ranked.iter().take(2).map(|entry| tree.files[entry.file as usize].facts.path.as_str()).collect();
    first.sort_unstable();
    assert_eq!(first, ["src/pipe.rs", "src/runtime.rs"]);
}

/// `Emit` is a word like others, whatever its capital says.
#[test]
fn the_verb_of_a_title_is_no_name() {
    let mut files = vec![("src/a.rs".to_owned(), "fn a() { emit(); peel(); }\n".to_owned())];
    files.extend((0..12).map(|n| (format!("src/part{n}.rs"), format!("fn part{n}() {{ run(); }}\n"))));
    let files: Vec<(&str, Class, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), Class::Source, text.as_str())).collect();
    let tree = tree(&files);
    let check = |goal: &str, expected: &[&str]| {
        let measured = Measured::of(&tree, &History::default(), &safe(goal));
        let found: Vec<&str> = measured.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(found, expected, "{goal}");
    };
    check("Emit what parts run", &[]);
    check("cli: Emit what parts run", &[]);
    check("Parts emit and peel", &["emit", "peel"]);
    check("`emit` what parts run", &["emit"]);
}

/// Of two names in a title, the one that is declared leads as the one that is rare.
#[test]
fn what_a_title_names_leads_though_many_use_it() {
    let symbol = crate::model::Symbol {
        name: safe("FigFactory"),
        kind: crate::model::SymbolKind::Class,
        signature: safe("class FigFactory"),
        doc: SafeText::default(),
        line: 1,
        end_line: 2,
        parent: None,
        public: true,
    };
    let mut files = vec![
        ("src/factory.py".to_owned(), "class FigFactory:\n    pass\n".to_owned()),
        ("src/limits.py".to_owned(), "skinWidth = 1\n".to_owned()),
    ];
    files.extend((0..30).map(|n| (format!("src/part{n}.py"), format!("part{n} = FigFactory()\n"))));
    let files: Vec<(&str, Class, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), Class::Source, text.as_str())).collect();
    let mut tree = tree(&files);
    let factory = tree.index_of(&path("src/factory.py")).unwrap() as usize;
    let outline = Outline { symbols: vec![symbol], ..Outline::default() };
    let words = words(&safe("class FigFactory:\n    pass\n"), &outline);
    let facts = tree.files[factory].facts.clone();
    tree.files[factory] = File::new(facts, Arc::new(Content { outline, words, ..Content::default() }));
    let measured = Measured::of(&tree, &History::default(), &safe("FigFactory forgets \"skinWidth\""));
    let leads = measured.table.column(Signal::LiteralLeads);
    let leading: Vec<&str> = (0..tree.files.len())
        .filter(|at| leads[*at] > 0.0)
        .map(|at| tree.files[at].facts.path.as_str())
        .collect();
    assert_eq!(leading, ["src/factory.py", "src/limits.py"]);
}
