//! Anchors against the tree as it was read: texts are read only where a hash
//! does not tell already.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::read::outline;
use super::sources::{open_root, text_of};
use super::{Context, PipelineError, Result};
use crate::memory::anchor::{self, TreeTexts};
use crate::memory::{Anchor, AnchorVerdict, Record};
use crate::model::{RelPath, SafeText, Tree};

/// The verdict on each anchor of each record, in their order.
pub fn verdicts(context: &Context, tree: &Tree, records: &[&Record]) -> Result<Vec<Vec<AnchorVerdict>>> {
    if records.iter().all(|record| record.anchors.is_empty()) {
        return Ok(vec![Vec::new(); records.len()]);
    }
    let root = open_root(context)?;
    let known: RefCell<HashMap<RelPath, Option<SafeText>>> = RefCell::default();
    let text = |path: &RelPath| {
        let mut known = known.borrow_mut();
        known.entry(path.clone()).or_insert_with(|| text_of(context, &root, tree, path)).clone()
    };
    let code = TreeTexts { tree, text: &text };
    let of_record = |record: &&Record| record.anchors.iter().map(|a| anchor::check(a, &code)).collect();
    Ok(records.iter().map(of_record).collect())
}

/// The same from the files alone that the anchors name: what is gone is not
/// looked for elsewhere.
pub fn verdicts_at(context: &Context, records: &[&Record]) -> Result<Vec<Vec<AnchorVerdict>>> {
    let paths = records.iter().flat_map(|record| &record.anchors).map(|anchor| &anchor.path);
    let paths: BTreeSet<RelPath> = paths.cloned().collect();
    if paths.is_empty() {
        return Ok(vec![Vec::new(); records.len()]);
    }
    let files = super::read::files_now(context, &paths)?;
    verdicts(context, &Tree { files, ..Tree::default() }, records)
}

/// Stamps an anchor on a file, or on a symbol of it, as it is now.
pub fn stamp(context: &Context, path: &RelPath, symbol: Option<&str>) -> Result<Anchor> {
    let file = outline(context, path)?.file;
    let root = open_root(context)?;
    let tree = Tree { files: vec![file], ..Tree::default() };
    let text = text_of(context, &root, &tree, path).unwrap_or_default();
    anchor::stamp(&tree.files[0], &text, symbol)
        .map_err(|why| PipelineError::NoFile { path: path.clone(), why })
}

/// The redacted texts of the files of a tree, as they are when asked for.
pub struct Texts<'a> {
    context: &'a Context,
    root: crate::walk::Root,
    tree: &'a Tree,
}

/// Texts of the tree for checking anchors, read when they are asked for.
pub fn texts<'a>(context: &'a Context, tree: &'a Tree) -> Result<Texts<'a>> {
    Ok(Texts { context, root: open_root(context)?, tree })
}

impl Texts<'_> {
    /// The text of a file; `None` if it is gone or is not read.
    pub fn of(&self, path: &RelPath) -> Option<SafeText> {
        self.tree.index_of(path)?;
        text_of(self.context, &self.root, self.tree, path)
    }
}
