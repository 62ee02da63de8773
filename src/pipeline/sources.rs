//! Where a reading takes its files from: the root and the rules of the walk, the
//! index and the head of git, the text of a single file.
//!
//! Not here: reading the whole tree (`read`).

use super::{Context, Result, staged};
use crate::config::SettingKey;
use crate::model::{File, RelPath, SafeText, Skipped, Tree};
use crate::redact::Redactor;
use crate::{extract, git, rank_terms, redact, walk};

/// Whether a path holds no secret. One that does goes neither into the store
/// nor onto a page.
pub(super) fn is_safe_path(context: &Context, path: &RelPath) -> bool {
    is_safe(&context.redactor, path)
}

pub(super) fn is_safe(redactor: &Redactor, path: &RelPath) -> bool {
    redactor.name(path.as_str()).as_str() == path.as_str()
}

pub(super) fn open_root(context: &Context) -> Result<walk::Root> {
    staged::root_of(&context.project)
}

pub(super) fn head(context: &Context) -> git::Head {
    context.repository.as_ref().map(git::Repository::head).unwrap_or_default()
}

pub(super) fn index(context: &Context) -> Option<git::Index> {
    context.repository.as_ref()?.tracked().ok()
}

pub(super) fn walk_rules(context: &Context, index: Option<&git::Index>) -> walk::WalkRules {
    let listed = index.map(|index| (index.files.clone(), index.submodules.clone()));
    let (tracked, submodules) = listed.unwrap_or_default();
    let repository = context.repository.as_ref().map(|repository| walk::TrackedFiles {
        top: repository.top.clone(),
        prefix: repository.prefix.clone(),
        exclude_files: repository.exclude_files.clone(),
        ignore_case: repository.ignore_case,
        tracked,
        submodules,
    });
    walk::WalkRules {
        include: context.settings.include().to_vec(),
        exclude: context.settings.exclude().to_vec(),
        repository,
    }
}

/// What identifies everything that is made from a text: a new version of
/// waypost, a grammar or a pattern makes it anew.
pub fn extractor(context: &Context) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(extract::fingerprint().as_bytes());
    hash.update(redact::fingerprint().as_bytes());
    hash.update(&walk::DECODING.to_le_bytes());
    hash.update(&rank_terms::RULE.to_le_bytes());
    hash.update(&context.settings.max_file_size().to_le_bytes());
    for pattern in context.settings.redact_patterns() {
        hash.update(pattern.as_bytes()).update(&[0]);
    }
    // Patterns of a project count for less once they are trusted.
    hash.update(&(context.settings.added(SettingKey::RedactPatterns).len() as u64).to_le_bytes());
    hash.update(&[u8::from(context.settings.redact_pii())]);
    hash.finalize().to_hex()[..16].to_string()
}

/// The redacted text of a file that is read; `None` for every other.
pub(super) fn text_of(context: &Context, root: &walk::Root, tree: &Tree, path: &RelPath) -> Option<SafeText> {
    text_of_file(context, root, &tree.files[tree.index_of(path)? as usize])
}

pub(super) fn text_of_file(context: &Context, root: &walk::Root, file: &File) -> Option<SafeText> {
    text_of_found(context, root, &walk::WalkedFile { path: file.facts.path.clone(), stamp: file.facts.stamp })
}

pub(super) fn text_of_found(
    context: &Context,
    root: &walk::Root,
    found: &walk::WalkedFile,
) -> Option<SafeText> {
    let text = walk::read(root, found, context.settings.max_file_size()).ok()?.text?;
    Some(context.redactor.text(&walk::decode(&text)))
}

/// The folders that a watcher watches, `""` for the root, and what is skipped:
/// a walk that reads no file but those with rules.
pub fn folders(context: &Context) -> Result<(Vec<String>, Vec<Skipped>)> {
    let walked = walk::files(&open_root(context)?, &walk_rules(context, index(context).as_ref()));
    Ok((walked.directories, walked.skipped))
}
