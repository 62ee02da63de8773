//! Which commits are cases, and what their goals are.

use super::*;

fn commit(subject: &str, body: &str, paths: &[&str]) -> RawCommit {
    RawCommit {
        id: "c".into(),
        parents: vec!["p".into()],
        author: "Ann <ann@example.org>".into(),
        subject: subject.into(),
        body: body.into(),
        paths: paths.iter().map(|path| RelPath::new(path).expect("a path")).collect(),
        added: Vec::new(),
    }
}

#[track_caller]
fn check(subject: &str, paths: &[&str], expected: Result<(), LeftOut>) {
    let outcome = judge(&commit(subject, "", paths)).map(|_| ());
    assert_eq!(outcome, expected, "{subject}");
}

#[track_caller]
fn check_subject(subject: &str, expected: Result<(), LeftOut>) {
    check(subject, &["src/walk.rs"], expected);
}

#[test]
fn a_change_of_source_is_a_case_with_the_files_that_existed() {
    let mut commit = commit(
        "Skip hidden folders (#12)",
        "They are never wanted.\n\nFixes #3, closes #4\nSigned-off-by: Ann <a@b>\nCo-authored-by: B <b@c>",
        &["tests/skip.rs", "src/new.rs", "src/walk.rs", "README.md", "src/args.rs"],
    );
    commit.added = vec![RelPath::new("src/new.rs").expect("a path")];
    let case = judge(&commit).expect("a case");
    assert_eq!(case.goal, "Skip hidden folders\n\nThey are never wanted.");
    assert_eq!(case.answers.iter().map(RelPath::as_str).collect::<Vec<_>>(), ["src/args.rs", "src/walk.rs"]);
    assert_eq!((case.commit.as_str(), case.parent.as_str()), ("c", "p"));
}

#[test]
fn merges_first_commits_and_bots_are_left_out() {
    let ok = commit("Skip hidden folders", "", &["src/walk.rs"]);
    let reason = |commit: RawCommit| judge(&commit).err();
    assert_eq!(
        reason(RawCommit { parents: vec!["p".into(), "q".into()], ..ok.clone() }),
        Some(LeftOut::Merge)
    );
    assert_eq!(reason(RawCommit { parents: vec![], ..ok.clone() }), Some(LeftOut::First));
    for author in ["dependabot[bot] <x@y>", "Renovate Bot <x@y>", "pre-commit-ci <x@y>"] {
        assert_eq!(reason(RawCommit { author: author.into(), ..ok.clone() }), Some(LeftOut::Bot), "{author}");
    }
    assert_eq!(reason(RawCommit { author: "Abbott <abbott@robotics.org>".into(), ..ok }), None);
}

#[test]
fn what_tells_no_place_is_left_out() {
    check_subject("Revert \"Skip hidden folders\"", Err(LeftOut::Revert));
    check_subject("Release 1.2.3", Err(LeftOut::Release));
    check_subject("1.2.3", Err(LeftOut::Release));
    check_subject("[4.2.x] Bumped version for 4.2.9 release.", Err(LeftOut::Release));
    check_subject("chore(deps): update serde", Err(LeftOut::Release));
    check_subject("Update the changelog", Err(LeftOut::Release));
    check_subject("Fix a typo in the docs of Walk", Err(LeftOut::Tidying));
    check_subject("Run rustfmt on everything", Err(LeftOut::Tidying));
    check_subject("style: sort the imports of all", Err(LeftOut::Tidying));
    check_subject("Fix clippy lints", Err(LeftOut::Tidying));
    check_subject("wip on the folders", Err(LeftOut::TooShort));
    check_subject("Fix it", Err(LeftOut::TooShort));
}

#[test]
fn words_that_only_sound_alike_are_kept() {
    check_subject("Release the lock when a search ends", Ok(()));
    check_subject("Format dates by the locale of the user", Ok(()));
    check_subject("Version numbers in paths are matched whole", Ok(()));
    check_subject("Add a lint for unused rules to the checker", Ok(()));
    check_subject("Reverse the order of results", Ok(()));
    check_subject("Support HTTP 1.1 in the parser of requests", Ok(()));
}

#[test]
fn only_source_files_are_sought_and_not_many() {
    let text = "Skip hidden folders";
    check(text, &["tests/walk.rs", "README.md", "docs/conf.py", "vendor/a.rs"], Err(LeftOut::NoSource));
    let many: Vec<String> = (0..6).map(|n| format!("src/f{n}.rs")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(text, &many[..5], Ok(()));
    check(text, &many, Err(LeftOut::TooMany));
    let docs: Vec<String> = (0..20).map(|n| format!("docs/f{n}.md")).collect();
    let sweep: Vec<&str> = docs.iter().map(String::as_str).chain(["src/walk.rs"]).collect();
    check(text, &sweep, Err(LeftOut::TooMany));
}

#[test]
fn a_message_that_names_a_file_sought_is_left_out() {
    let named = |subject: &str, path: &str| check(subject, &[path], Err(LeftOut::Named));
    let free = |subject: &str, path: &str| check(subject, &[path], Ok(()));
    named("Skip hidden folders in src/walk.rs", "src/walk.rs");
    named("Skip hidden folders in Walk.rs", "src/walk.rs");
    named("Skip hidden folders: core.walk", "src/core/walk.py");
    named("Skip hidden folders in core::walk", "core/walk/mod.rs");
    named("walk: skip hidden folders", "src/walk.rs");
    named("fix(walk): skip hidden folders", "src/walk.rs");
    named("Let UrlMap skip hidden folders", "src/url_map.py");
    named("Let `url_map` skip hidden folders", "src/url-map.js");
    free("The walk skips hidden folders", "src/walk.rs");
    free("core: skip hidden folders", "src/walk.rs");
    free("Url and map skip hidden folders", "src/url_map.py");
    free("Sidewalk.rs is hidden in folders", "src/walk.rs");
}

#[test]
fn of_one_subject_only_the_first_commit_is_a_case() {
    let one = commit("Skip hidden folders (#7)", "Again.", &["src/walk.rs"]);
    let other = commit("Sort what was found", "", &["src/walk.rs"]);
    let older = RawCommit { id: "older".into(), subject: "Skip hidden folders".into(), ..one.clone() };
    let mined = cases(&[one, other, older]);
    let kept: Vec<&str> = mined.cases.iter().map(|case| case.commit.as_str()).collect();
    assert_eq!(kept, ["c", "older"]);
    assert_eq!(mined.left_out.into_iter().collect::<Vec<_>>(), [(LeftOut::Repeated, 1)]);
}

#[test]
fn cases_are_spread_evenly_from_the_newest_on() {
    let case = |n: usize| Case {
        commit: n.to_string(),
        parent: String::new(),
        goal: String::new(),
        answers: vec![],
    };
    let chosen = |all: usize, wanted: usize| -> Vec<String> {
        spread((0..all).map(case).collect(), wanted).into_iter().map(|case| case.commit).collect()
    };
    assert_eq!(chosen(10, 4), ["0", "2", "5", "7"]);
    assert_eq!(chosen(3, 4), ["0", "1", "2"]);
    assert_eq!(chosen(1_000, 100).len(), 100);
}
