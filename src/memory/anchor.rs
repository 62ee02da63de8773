//! Anchors: the code that a record is about, and whether it is still as it was
//! when somebody last looked. A file as a whole is told by its hash, a symbol
//! by the hash of its lines; a symbol that moved or got another name is found
//! again by its shape, the lines without the name and the indentation.
//!
//! Pure: the tree and its texts are handed in. Nothing here re-stamps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ContentHash, File, FileFacts, Outline, RelPath, SafeText, SymbolKind, Tree};

/// The code that a record is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub path: RelPath,
    /// Qualified name; `None` for the file as a whole.
    pub symbol: Option<SafeText>,
    /// First 16 hex digits of the blake3 hash of the span when it was looked at.
    pub hash: Option<String>,
    /// For a symbol: its number of lines, `:` and the hash of its shape.
    pub shape: Option<String>,
}

/// Whether the code of an anchor is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnchorState {
    Fresh,
    /// Gone from its place and found at another one.
    Moved,
    /// The span changed.
    Drifted,
    /// File or symbol is gone from its place.
    Orphaned,
}

/// The verdict on an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorVerdict {
    pub state: AnchorState,
    /// Where the code of a moved anchor is, and that of an orphaned one perhaps.
    pub found: Option<NewPlace>,
}

/// Where something that is gone from its place was found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPlace {
    pub path: RelPath,
    pub symbol: Option<SafeText>,
    /// Whether the span is the same apart from its name and indentation.
    pub same: bool,
}

/// The tree as it is, and its redacted texts.
pub struct TreeTexts<'a> {
    pub tree: &'a Tree,
    pub text: &'a dyn Fn(&RelPath) -> Option<SafeText>,
}

impl AnchorState {
    /// Whether nothing has changed.
    pub fn is_fresh(self) -> bool {
        self == Self::Fresh
    }

    /// The state in one word, as reports and pages show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Moved => "moved",
            Self::Drifted => "drifted",
            Self::Orphaned => "orphaned",
        }
    }
}

impl Anchor {
    /// `path#symbol`, as flags and reports write it.
    pub fn place(&self) -> String {
        place(&self.path, self.symbol.as_ref())
    }
}

impl NewPlace {
    /// The new place as `path` or `path#symbol`, the form in which anchors are written.
    pub fn place(&self) -> String {
        place(&self.path, self.symbol.as_ref())
    }
}

fn place(path: &RelPath, symbol: Option<&SafeText>) -> String {
    symbol.map_or_else(|| path.to_string(), |symbol| format!("{path}#{symbol}"))
}

/// An anchor on the code as it is, or why there is no such code. `wanted` is a
/// qualified name, or the last part of one that no other symbol of the file has.
pub fn stamp(file: &File, text: &SafeText, wanted: Option<&str>) -> Result<Anchor, String> {
    let path = file.facts.path.clone();
    let Some(wanted) = wanted else {
        return Ok(Anchor { path, symbol: None, hash: Some(short(file.facts.hash)), shape: None });
    };
    let index = symbol_named(&file.content().outline, wanted)?;
    let lines: Vec<&str> = text.as_str().lines().collect();
    let span =
        SymbolLines::of(&file.content().outline, index, &lines).ok_or("its lines are not there any more")?;
    let symbol = Some(file.content().outline.qualified_name(index));
    Ok(Anchor { path, symbol, hash: Some(span.hash), shape: Some(span.shape) })
}

/// The symbol that a name means; an `impl` block only where nothing else has it.
fn symbol_named(outline: &Outline, wanted: &str) -> Result<usize, String> {
    let is_block = |index: &usize| outline.symbols[*index].kind == SymbolKind::Impl;
    let whole: Vec<usize> = named(outline, wanted).collect();
    if let Some(index) = whole.iter().find(|index| !is_block(index)).or(whole.first()) {
        return Ok(*index);
    }
    let last: Vec<usize> =
        (0..outline.symbols.len()).filter(|index| outline.symbols[*index].name.as_str() == wanted).collect();
    let mut names: Vec<String> =
        last.iter().map(|index| outline.qualified_name(*index).to_string()).collect();
    names.sort();
    names.dedup();
    match (names.len(), last.first()) {
        (1, Some(index)) => Ok(*index),
        (0, _) => Err(format!("it has no symbol `{wanted}`\nhint: `waypost outline` lists those of a file")),
        _ => Err(format!("`{wanted}` may be each of {}", names.join(", "))),
    }
}

/// The symbols of a qualified name.
pub fn named<'a>(outline: &'a Outline, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    // The last part is compared first: joining names is the costly part.
    let last = move |index: &usize| name.ends_with(outline.symbols[*index].name.as_str());
    let all = (0..outline.symbols.len()).filter(last);
    all.filter(move |index| outline.qualified_name(*index).as_str() == name)
}

/// How an anchor stands to the code as it is.
pub fn check(anchor: &Anchor, code: &TreeTexts) -> AnchorVerdict {
    let state = |state| AnchorVerdict { state, found: None };
    let file = code.tree.index_of(&anchor.path).map(|index| &code.tree.files[index as usize]);
    match (&anchor.symbol, file) {
        (None, Some(file)) => match &anchor.hash {
            Some(then) if !file.facts.hash.to_hex().starts_with(then.as_str()) => state(AnchorState::Drifted),
            _ => state(AnchorState::Fresh),
        },
        (None, None) => gone(moved_file(anchor, code)),
        (Some(symbol), file) => {
            let outline = file.map(|file| &file.content().outline);
            let indices: Vec<usize> =
                outline.into_iter().flat_map(|outline| named(outline, symbol.as_str())).collect();
            match outline {
                Some(outline) if !indices.is_empty() => state(span_state(anchor, outline, &indices, code)),
                _ => gone(moved_symbol(anchor, symbol, code)),
            }
        }
    }
}

/// Of overloads and getters with one name any may be the one that was meant.
fn span_state(anchor: &Anchor, outline: &Outline, indices: &[usize], code: &TreeTexts) -> AnchorState {
    let Some(then) = &anchor.hash else { return AnchorState::Fresh };
    let Some(text) = (code.text)(&anchor.path) else { return AnchorState::Drifted };
    let lines: Vec<&str> = text.as_str().lines().collect();
    let same =
        |index: &usize| SymbolLines::of(outline, *index, &lines).is_some_and(|span| span.hash == *then);
    if indices.iter().any(same) { AnchorState::Fresh } else { AnchorState::Drifted }
}

/// What is gone from its place moved if the same code is elsewhere.
fn gone(found: Option<NewPlace>) -> AnchorVerdict {
    let has_moved = found.as_ref().is_some_and(|found| found.same);
    AnchorVerdict { state: if has_moved { AnchorState::Moved } else { AnchorState::Orphaned }, found }
}

/// The one file with its bytes; of several the one that kept its name. Else the
/// only one of its name.
fn moved_file(anchor: &Anchor, code: &TreeTexts) -> Option<NewPlace> {
    let found = |path: &RelPath, same| Some(NewPlace { path: path.clone(), symbol: None, same });
    let files = || code.tree.files.iter().map(|file| &file.facts);
    let then = anchor.hash.as_deref().filter(|then| !then.is_empty());
    let is_same = |file: &&FileFacts| then.is_some_and(|then| file.hash.to_hex().starts_with(then));
    let is_named = |file: &&FileFacts| file.path.name() == anchor.path.name();
    let same = only(files().filter(is_same)).or_else(|| only(files().filter(is_same).filter(is_named)));
    match (same, only(files().filter(is_named))) {
        (Some(same), _) => found(&same.path, true),
        (None, Some(alike)) => found(&alike.path, false),
        (None, None) => None,
    }
}

/// The only one there is.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}

/// First a symbol of the same shape: of the same name anywhere, of any name in
/// the same file or one that took its place. Else the only one of its name.
fn moved_symbol(anchor: &Anchor, symbol: &SafeText, code: &TreeTexts) -> Option<NewPlace> {
    let last = symbol.as_str().rsplit('.').next().unwrap_or_default();
    let shape = anchor.shape.as_deref().unwrap_or_default();
    let lines = shape.split(':').next().and_then(|lines| lines.parse::<u32>().ok());
    let gone = code.tree.index_of(&anchor.path).is_none();
    let (mut alike, mut same) = (Vec::new(), Vec::new());
    for file in &code.tree.files {
        let outline = &file.content().outline;
        let path = &file.facts.path;
        let near = *path == anchor.path
            || (gone && path.extension() == anchor.path.extension() && is_near(path, &anchor.path));
        let mut text = None;
        for (index, candidate) in outline.symbols.iter().enumerate() {
            let same_name = candidate.name.as_str() == last;
            if same_name && outline.qualified_name(index) == *symbol {
                alike.push(NewPlace { path: path.clone(), symbol: Some(symbol.clone()), same: false });
            }
            let fits = lines == Some((candidate.end_line + 1).saturating_sub(candidate.line));
            if !fits || !(same_name || near) {
                continue;
            }
            let text = text.get_or_insert_with(|| (code.text)(path));
            let lines: Vec<&str> =
                text.as_ref().map(|text| text.as_str().lines().collect()).unwrap_or_default();
            if SymbolLines::of(outline, index, &lines).is_some_and(|span| span.shape == shape) {
                let symbol = Some(outline.qualified_name(index));
                same.push((same_name, NewPlace { path: path.clone(), symbol, same: true }));
            }
        }
    }
    alike.dedup();
    best_of(same, anchor, symbol).or_else(|| only(alike.into_iter()))
}

/// Of several symbols of one shape: the one of the whole name, of the last part
/// of it, in the same file. Those that cannot be told apart are none.
fn best_of(same: Vec<(bool, NewPlace)>, anchor: &Anchor, symbol: &SafeText) -> Option<NewPlace> {
    let closeness = |(same_name, place): &(bool, NewPlace)| {
        (place.symbol.as_ref() == Some(symbol), *same_name, place.path == anchor.path)
    };
    let best = same.iter().map(closeness).max()?;
    only(same.into_iter().filter(|one| closeness(one) == best)).map(|(_, place)| place)
}

/// In the same folder, or of the same name elsewhere.
fn is_near(path: &RelPath, gone: &RelPath) -> bool {
    path.parent() == gone.parent() || path.name() == gone.name()
}

/// Whether a symbol has the lines that an anchor was stamped on, apart from name
/// and indentation.
pub fn has_shape(anchor: &Anchor, outline: &Outline, index: usize, lines: &[&str]) -> bool {
    let span = SymbolLines::of(outline, index, lines);
    span.is_some_and(|span| anchor.shape.as_ref() == Some(&span.shape))
}

/// The lines of a symbol, as hashes.
struct SymbolLines {
    hash: String,
    shape: String,
}

impl SymbolLines {
    fn of(outline: &Outline, index: usize, lines: &[&str]) -> Option<Self> {
        let symbol = &outline.symbols[index];
        let span = lines.get((symbol.line as usize).checked_sub(1)?..symbol.end_line as usize)?;
        let indent = |line: &&str| line.len() - line.trim_start().len();
        let shallow = span.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let neutral: Vec<String> = span
            .iter()
            .map(|line| line.get(shallow..).unwrap_or_default().replace(symbol.name.as_str(), "\u{0}"))
            .collect();
        let hash = |text: String| short(ContentHash::of(text.as_bytes()));
        let shape = format!("{}:{}", span.len(), hash(neutral.join("\n")));
        Some(Self { hash: hash(span.join("\n")), shape })
    }
}

/// Enough to tell versions of one span apart.
fn short(hash: ContentHash) -> String {
    hash.to_hex()[..16].to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Class, Content, Stamp};
    use crate::redact::Redactor;

    fn file(path: &str, text: &str) -> File {
        let source = Redactor::new(&[]).unwrap().text(text);
        let path = RelPath::new(path).unwrap();
        let language = crate::extract::language_of(&path, text.as_bytes()).unwrap();
        let outline = crate::extract::outline(language, &source).outline;
        let facts = FileFacts {
            path,
            stamp: Stamp::default(),
            hash: ContentHash::of(text.as_bytes()),
            class: Class::Source,
            language: Some(language.name()),
        };
        File::new(facts, Arc::new(Content { outline, ..Content::default() }))
    }

    fn verdict(anchor: &Anchor, files: &[(&str, &str)]) -> AnchorVerdict {
        let tree = Tree { files: files.iter().map(|(p, t)| file(p, t)).collect(), ..Tree::default() };
        let text = |path: &RelPath| {
            let (_, text) = files.iter().find(|(known, _)| *known == path.as_str())?;
            Some(Redactor::new(&[]).unwrap().text(text))
        };
        check(anchor, &TreeTexts { tree: &tree, text: &text })
    }

    const CODE: &str =
        "fn other() {}\n\nstruct Retry;\n\nimpl Retry {\n    fn next(&self) -> u32 {\n        7\n    }\n}\n";

    fn anchor(symbol: Option<&str>) -> Anchor {
        stamp(&file("src/a.rs", CODE), &Redactor::new(&[]).unwrap().text(CODE), symbol).unwrap()
    }

    #[track_caller]
    fn check_symbol(files: &[(&str, &str)], state: AnchorState, found: Option<(&str, bool)>) {
        let verdict = verdict(&anchor(Some("next")), files);
        let seen = verdict.found.as_ref().map(|found| (found.place(), found.same));
        let expected = found.map(|(place, same)| (place.to_string(), same));
        assert_eq!((verdict.state, seen), (state, expected));
    }

    #[test]
    fn edits_elsewhere_leave_a_symbol_fresh() {
        check_symbol(&[("src/a.rs", CODE)], AnchorState::Fresh, None);
        check_symbol(
            &[("src/a.rs", &format!("// new\n\n{CODE}\nfn more() {{}}\n"))],
            AnchorState::Fresh,
            None,
        );
        check_symbol(&[("src/a.rs", &CODE.replace('7', "8"))], AnchorState::Drifted, None);
    }

    #[test]
    fn a_moved_symbol_is_found_by_its_lines_and_a_renamed_one_by_its_shape() {
        let moved = format!("// elsewhere\n{CODE}");
        check_symbol(&[("lib/b.rs", &moved)], AnchorState::Moved, Some(("lib/b.rs#Retry.next", true)));
        let renamed = CODE.replace("next", "delay");
        check_symbol(&[("src/a.rs", &renamed)], AnchorState::Moved, Some(("src/a.rs#Retry.delay", true)));
        let out = "fn next(&self) -> u32 {\n    7\n}\n";
        check_symbol(&[("src/b.rs", out)], AnchorState::Moved, Some(("src/b.rs#next", true)));
        let changed = CODE.replace('7', "8");
        check_symbol(&[("lib/b.rs", &changed)], AnchorState::Orphaned, Some(("lib/b.rs#Retry.next", false)));
        check_symbol(&[("src/a.rs", "fn other() {}\n")], AnchorState::Orphaned, None);
    }

    #[test]
    fn one_of_two_that_cannot_be_told_apart_is_not_taken() {
        let out = "fn next(&self) -> u32 {\n    7\n}\n";
        check_symbol(&[("src/b.rs", out), ("src/c.rs", out)], AnchorState::Orphaned, None);
        check_symbol(
            &[("src/b.rs", out), ("src/c.rs", CODE)],
            AnchorState::Moved,
            Some(("src/c.rs#Retry.next", true)),
        );
        let twins = [("lib/x.rs", CODE), ("lib/y.rs", CODE)];
        assert_eq!(
            verdict(&anchor(None), &twins),
            AnchorVerdict { state: AnchorState::Orphaned, found: None }
        );
    }

    #[test]
    fn a_file_is_told_by_its_bytes() {
        let anchor = anchor(None);
        assert_eq!(verdict(&anchor, &[("src/a.rs", CODE)]).state, AnchorState::Fresh);
        assert_eq!(verdict(&anchor, &[("src/a.rs", "fn x() {}\n")]).state, AnchorState::Drifted);
        let moved = verdict(&anchor, &[("src/b.rs", CODE)]);
        assert_eq!((moved.state, moved.found.unwrap().place()), (AnchorState::Moved, "src/b.rs".to_string()));
    }

    #[test]
    fn a_symbol_that_is_not_there_or_not_one_is_refused() {
        let code = "struct A;\nstruct B;\nimpl A {\n    fn x() {}\n}\nimpl B {\n    fn x() {}\n}\n";
        let text = Redactor::new(&[]).unwrap().text(code);
        let refused = |name: &str| stamp(&file("a.rs", code), &text, Some(name)).unwrap_err();
        assert!(refused("y").starts_with("it has no symbol `y`\nhint: "));
        assert_eq!(refused("x"), "`x` may be each of A.x, B.x");
        assert_eq!(stamp(&file("a.rs", code), &text, Some("A")).unwrap().symbol.unwrap().as_str(), "A");
    }
}
