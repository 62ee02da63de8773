//! The promises of `facts`, on small manifests as projects write them.

use super::*;

/// A tree of these files; everything is read.
fn facts_of(files: &[(&str, &str)]) -> ProjectFacts {
    let mut paths: Vec<RelPath> = files.iter().map(|(path, _)| RelPath::new(path).unwrap()).collect();
    paths.sort();
    let paths: Vec<&RelPath> = paths.iter().collect();
    let text = |path: &RelPath| {
        let (_, text) = files.iter().find(|(known, _)| *known == path.as_str())?;
        Some(SafeText::from_redacted(text.to_string()))
    };
    facts(&paths, &text)
}

#[test]
fn an_empty_tree_has_no_facts() {
    assert_eq!(facts_of(&[]), ProjectFacts::default());
}
