//! The walk, as a reading takes it: which of its files are remembered, and which
//! have a name that may be shown.
//!
//! Not here: the walk itself (`walk`).

use std::sync::Arc;

use super::apply::Before;
use crate::model::{SkipReason, Skipped};
use crate::pipeline::sources::{is_safe_path, walk_rules};
use crate::pipeline::usage::Usage;
use crate::pipeline::{Context, staged};
use crate::store::{CachedFile, ReadTransaction};
use crate::{git, walk};

/// The files on the disk, and the tree as the database remembers it; both are
/// asked at the same time.
pub fn walk_and_before(
    context: &Context,
    root: &walk::Root,
    index: Option<&git::Index>,
    moment: Option<&Arc<ReadTransaction>>,
) -> (walk::WalkOutcome, Option<Before>) {
    let rules = walk_rules(context, index);
    let (mut walked, before) = std::thread::scope(|scope| {
        let walking = scope.spawn(|| walk::files(root, &rules));
        let before = moment.and_then(Before::in_store);
        (walking.join().expect("the walk reports its errors"), before)
    });
    if let Some(staged) = &context.project.staged {
        staged::retain(staged, root, &mut walked, &rules);
    }
    (walked, before)
}

impl Before {
    fn in_store(moment: &Arc<ReadTransaction>) -> Option<Self> {
        let (digest, cached) = moment.cached_tree()?;
        // What a page asked for is remembered with the page.
        let rendered = cached.rendered.as_ref().filter(|rendered| rendered.tree == digest);
        let remembered = rendered.map_or(&[][..], |rendered| &rendered.uses);
        let usage = Usage::stored(moment.clone(), cached.name_bits, remembered);
        Some(Self { digest, cached, usage })
    }
}

/// The files whose names hold no secret, what is remembered of each, and the
/// others as skipped. What is remembered was safe by the same rules.
pub fn known_and_safe<'a>(
    context: &Context,
    files: Vec<walk::WalkedFile>,
    remembered: &'a [CachedFile],
) -> (Vec<walk::WalkedFile>, Vec<Option<&'a CachedFile>>, Vec<Skipped>) {
    let mut remembered = remembered.iter().peekable();
    let (mut found, mut known, mut skipped) = (Vec::with_capacity(files.len()), Vec::new(), Vec::new());
    for file in files {
        while remembered.next_if(|known| known.path < file.path).is_some() {}
        let of_file = remembered.next_if(|known| known.path == file.path);
        if of_file.is_some() || is_safe_path(context, &file.path) {
            found.push(file);
            known.push(of_file);
        } else {
            skipped.push(secret_name(context, &file));
        }
    }
    (found, known, skipped)
}

/// A file that is left out since its name holds a secret.
fn secret_name(context: &Context, found: &walk::WalkedFile) -> Skipped {
    let path = context.redactor.name(found.path.as_str()).to_string();
    Skipped { path, reason: SkipReason::SecretName }
}

/// A file that was not read, its name fit to be shown.
pub fn shown(context: &Context, skipped: Skipped) -> Skipped {
    Skipped { path: context.redactor.name(&skipped.path).to_string(), reason: skipped.reason }
}

/// All that is skipped: what the walk left out, and files that are listed but
/// were not read, or not to the end.
pub fn all_skipped(mut skipped: Vec<Skipped>, files: &[CachedFile]) -> Vec<Skipped> {
    skipped.extend(files.iter().filter_map(|file| {
        let unread = file.class.reason().map(str::to_string);
        let reason = unread.or_else(|| file.unparsed.map(|unparsed| unparsed.to_string()))?;
        Some(Skipped { path: file.path.to_string(), reason: reason.into() })
    }));
    skipped.sort();
    skipped
}
