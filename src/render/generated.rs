//! Generated files as a page tells them: those of one source and command
//! together.
//!
//! Not here: how they are found (`extract::project`).

use super::PageInput;
use super::view::GeneratedView;
use crate::model::{GeneratedFile, RelPath, SafeText};

/// Paths that are named; the others are counted.
const NAMED: usize = 3;

/// Groups that are told. One without source and command tells nothing to do.
const MOST: usize = 8;

/// The groups with most files first.
pub(super) fn groups(input: &PageInput) -> Vec<GeneratedView> {
    let telling =
        input.facts.generated.iter().filter(|made| made.origin.is_some() || !made.command.is_empty());
    let mut groups: Vec<Vec<&GeneratedFile>> = Vec::new();
    for made in telling {
        match groups.iter_mut().find(|group| is_alike(group[0], made)) {
            Some(group) => group.push(made),
            None => groups.push(vec![made]),
        }
    }
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a[0].path.cmp(&b[0].path)));
    groups.iter().take(MOST).map(|group| view(input, group)).collect()
}

/// By the same command, or without one from the same folder or each from the file
/// beside it.
fn is_alike(a: &GeneratedFile, b: &GeneratedFile) -> bool {
    let folder = |made: &GeneratedFile| made.origin.as_ref().map(|origin| origin.parent().to_owned());
    let is_same_folder = || folder(a) == folder(b) && a.path.parent() == b.path.parent();
    let beside = || extension_beside(a).is_some() && extension_beside(a) == extension_beside(b);
    a.command == b.command && (!a.command.is_empty() || is_same_folder() || beside())
}

/// The extension of the source where it lies beside the file and has its name:
/// `a.proto` of `a.pb.go`.
fn extension_beside(made: &GeneratedFile) -> Option<&str> {
    let origin = made.origin.as_ref()?;
    let is_beside = origin.parent() == made.path.parent() && made.path.name().starts_with(origin.stem());
    is_beside.then(|| origin.extension())
}

fn view(input: &PageInput, group: &[&GeneratedFile]) -> GeneratedView {
    let first = group[0];
    GeneratedView {
        paths: group.iter().take(NAMED).map(|made| (input.show)(made.path.as_str())).collect(),
        more: group.len().saturating_sub(NAMED),
        origin: origin(input, group),
        command: first.command.clone(),
        source: (input.show)(first.source.as_str()),
    }
}

/// What all of them are made from, or what their sources have in common.
fn origin(input: &PageInput, group: &[&GeneratedFile]) -> SafeText {
    let mut origins: Vec<&RelPath> = group.iter().filter_map(|made| made.origin.as_ref()).collect();
    origins.sort();
    origins.dedup();
    let Some(first) = origins.first() else { return SafeText::default() };
    let is_like =
        |other: &&RelPath| other.parent() == first.parent() && other.extension() == first.extension();
    match origins.len() {
        1 => (input.show)(first.as_str()),
        _ if origins.iter().all(is_like) => {
            let extension = (input.show)(first.as_str()).part(first.extension());
            SafeText::join(&[(input.show)(first.parent()), extension], "/*.")
        }
        _ if group.iter().all(|made| extension_beside(made) == Some(first.extension())) => {
            let extension = (input.show)(first.as_str()).part(first.extension());
            SafeText::join(&[SafeText::constant("**/*."), extension], "")
        }
        _ => SafeText::join(
            &origins.iter().take(NAMED).map(|path| (input.show)(path.as_str())).collect::<Vec<_>>(),
            ", ",
        ),
    }
}
