//! What the walker and the reader promise about names, borders and links.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;
use crate::model::Class;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

fn walked(folder: &Path, rules: &WalkRules) -> WalkOutcome {
    files(&Root::open(folder).expect("opens"), rules)
}

fn check(files: &[(&str, &str)], rules: &WalkRules, expected: &[&str]) {
    let folder = tree(files);
    let walked = walked(folder.path(), rules);
    let paths: Vec<&str> = walked.files.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, expected);
    for (path, _) in files {
        let path = RelPath::new(path).expect("a path");
        let alone = file(&Root::open(folder.path()).expect("opens"), rules, &path).files;
        let among: Vec<WalkedFile> =
            walked.files.iter().filter(|found| found.path == path).cloned().collect();
        assert_eq!(alone, among, "{path}");
    }
}

#[test]
fn deeper_rules_win_and_ours_are_final() {
    let files = [
        (".gitignore", "*.log\n"),
        ("a/.gitignore", "!keep.log\n"),
        ("a/keep.log", ""),
        ("a/no.log", ""),
        ("b/.waypostignore", "x\n"),
        ("b/x", ""),
        ("b/y", ""),
    ];
    let expected = [".gitignore", "a/.gitignore", "a/keep.log", "b/.waypostignore", "b/y"];
    check(&files, &WalkRules::default(), &expected);
}

/// Files that are listed below a folder with these, and the warnings.
fn listed(files: &[(&str, &str)], rules: &WalkRules) -> (Vec<String>, Vec<String>) {
    let folder = tree(files);
    let walked = walked(folder.path(), rules);
    (walked.files.iter().map(|found| found.path.to_string()).collect(), walked.warnings)
}

#[test]
fn a_rule_that_is_too_long_is_named_and_takes_no_other_with_it() {
    let long = "?".repeat(250_000);
    let text = format!("private.py\n{long}\n*.o\n");
    for name in [".gitignore", ".waypostignore"] {
        let files = [(name, text.as_str()), ("private.py", ""), ("a.o", ""), ("a.py", "")];
        let (files, warnings) = listed(&files, &WalkRules::default());
        assert_eq!(files, [name, "a.py"]);
        let told = format!("`{name}`, line 2: this rule is longer than any path and can never match");
        assert_eq!(warnings, [told]);
    }
    let rules = WalkRules { exclude: vec![long, "private.py".into()], ..WalkRules::default() };
    let (files, warnings) = listed(&[("private.py", ""), ("a.py", "")], &rules);
    assert_eq!(files, ["a.py"]);
    assert!(warnings[0].starts_with("the setting `exclude`, rule 1: this rule"), "{warnings:?}");
}

#[test]
fn what_an_ignore_file_without_end_might_leave_out_is_left_out() {
    let large = "!a.py\n# ".to_string() + &"x".repeat(limits::MAX_IGNORE_FILE as usize);
    let files = [("d/.gitignore", large.as_str()), ("d/a.py", ""), ("d/e/b.py", ""), ("c.py", "")];
    let (files, warnings) = listed(&files, &WalkRules::default());
    assert_eq!(files, ["c.py"]);
    let why = "has more than 16000000 bytes: whatever it might leave out is left out";
    assert_eq!(warnings, [format!("`d/.gitignore` {why}")]);
    let exclude = vec!["x".repeat(limits::MAX_IGNORE_FILE as usize + 1)];
    let rules = WalkRules { exclude, ..WalkRules::default() };
    assert!(listed(&[("c.py", "")], &rules).0.is_empty());
}

#[test]
fn rules_that_take_too_long_leave_out_what_they_might_and_no_more() {
    // Each name is tried against each rule, and each `*` of a rule at each place.
    let costly = format!("{}b\n", "*aaaaaaaa".repeat(20)).repeat(1_000);
    let name = "a".repeat(250);
    let names: Vec<String> = (0..40).map(|n| format!("d/{name}{n}b")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    files.extend([("d/.gitignore", costly.as_str()), (".gitignore", "*.o\n"), ("a.o", ""), ("c.py", "")]);
    let folder = tree(&files);
    let walked =
        files_within(&Root::open(folder.path()).expect("opens"), &WalkRules::default(), None, 1_000_000);
    let files: Vec<&str> = walked.files.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(files, [".gitignore", "c.py"]);
    assert!(walked.warnings[0].starts_with("`d/.gitignore` is too large"), "{:?}", walked.warnings);
}

#[test]
fn include_and_exclude_narrow() {
    let rules = WalkRules {
        include: vec!["src/".into(), "*.md".into()],
        exclude: vec!["src/gen".into()],
        ..WalkRules::default()
    };
    let files = [("src/a", ""), ("src/gen/b", ""), ("c.md", ""), ("d", "")];
    check(&files, &rules, &["c.md", "src/a"]);
}

#[test]
fn tracked_files_are_in_whatever_git_ignores() {
    let tracked = ["out/deep/kept", "x.log"].iter().filter_map(|path| RelPath::new(path));
    let rules = WalkRules {
        repository: Some(TrackedFiles { tracked: tracked.collect(), ..TrackedFiles::default() }),
        ..WalkRules::default()
    };
    let files = [(".gitignore", "out/\n*.log\n"), ("out/deep/kept", ""), ("out/no", ""), ("x.log", "")];
    check(&files, &rules, &[".gitignore", "out/deep/kept", "x.log"]);
}

#[test]
fn our_own_folder_and_that_of_git_are_never_entered() {
    let files = [(".waypost/handoff.md", ""), ("a/.waypost/x", ""), (".git/HEAD", ""), ("f", "")];
    check(&files, &WalkRules::default(), &["f"]);
}

#[test]
fn links_pipes_and_odd_names_are_listed_and_not_opened() {
    let folder = tree(&[("f", "")]);
    let root = folder.path();
    symlink("/etc", root.join("etc")).expect("made");
    symlink("/dev/zero", root.join(".gitignore")).expect("made");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .expect("made");
    fs::write(root.join(OsStr::from_bytes(b"bad\xff")), "").expect("written");
    let skipped = walked(root, &WalkRules::default()).skipped;
    let pairs: Vec<(&str, &str)> = skipped.iter().map(|s| (s.path.as_str(), s.reason.as_str())).collect();
    let expected = [
        (".gitignore", "symlink"),
        ("bad\\xff", "name is not UTF-8"),
        ("etc", "symlink"),
        ("pipe", "named pipe"),
    ];
    assert_eq!(pairs, expected);
}

#[test]
fn a_folder_swapped_for_a_link_reads_nothing_outside() {
    let outside = tree(&[("f", "secret")]);
    let folder = tree(&[("d/f", "mine")]);
    let root = Root::open(folder.path()).expect("opens");
    let walked = files(&root, &WalkRules::default());
    fs::remove_dir_all(folder.path().join("d")).expect("removed");
    symlink(outside.path(), folder.path().join("d")).expect("made");
    assert!(read(&root, &walked.files[0], 100).is_err());
}

#[test]
fn what_is_read_depends_on_name_size_and_content() {
    let big = "x\n".repeat(100);
    let folder = tree(&[(".env", "A=1"), ("big.rs", &big), ("bin.rs", "a\0b"), ("main.rs", "fn a() {}\n")]);
    let root = Root::open(folder.path()).expect("opens");
    let classes: Vec<Class> = files(&root, &WalkRules::default())
        .files
        .iter()
        .map(|found| read(&root, found, 100).expect("read").class)
        .collect();
    assert_eq!(classes, [Class::Secret, Class::Oversized, Class::Binary, Class::Source]);
}
