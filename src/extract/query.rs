//! The language's one query over the tree of a file, within a bound of time and
//! memory, and its matches sorted by what they mean.
//!
//! Not here: parsing (`outline`), what is made of the matches (`assemble`).

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use streaming_iterator::StreamingIterator;
use tree_sitter::{Node, QueryCursor, QueryCursorOptions, QueryMatch, Tree};

use super::language::{Compiled, PatternSettings, Role};
use crate::limits;
use crate::model::SymbolKind;

/// Matches in progress at one time. The queries hold a few per level of
/// nesting; what needs more is no code.
const MATCH_LIMIT: u32 = 4_096;

/// When this thread has used up [`limits::PARSE_TIME`].
pub(super) struct Deadline {
    end: Duration,
    asked: Cell<u32>,
}

impl Deadline {
    /// The bound of a file that is begun now.
    pub fn from_now() -> Self {
        Self { end: used_time() + limits::PARSE_TIME, asked: Cell::new(0) }
    }

    /// Looks at the clock every so often: a look costs as much as some tens
    /// of steps of a parser.
    pub fn flow(&self) -> ControlFlow<()> {
        let asked = self.asked.get().wrapping_add(1);
        self.asked.set(asked);
        match asked.is_multiple_of(16) && used_time() > self.end {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

fn used_time() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

/// What the query found, in the tree's own terms.
#[derive(Default)]
pub(super) struct QueryMatches<'t> {
    pub definitions: Vec<Definition<'t>>,
    /// Functions that are no symbols: tests that a macro declares.
    pub unlisted: Vec<Range<usize>>,
    pub docs: Vec<DocNote>,
    pub inner_docs: Vec<Range<usize>>,
    /// Starts of nodes whose doc comment is the file's.
    pub file_marks: Vec<usize>,
    pub packages: Vec<Range<usize>>,
    pub access: Vec<VisibilityMark>,
    /// Names used, with the place of each so that one is counted once.
    pub references: Vec<Range<usize>>,
    /// Names in these are no references.
    pub silent: Vec<Range<usize>>,
    pub locals: Vec<Range<usize>>,
    pub imports: Vec<FoundImport<'t>>,
    /// Some matches were dropped for the limit.
    pub is_partial: bool,
}

pub(super) struct Definition<'t> {
    pub pattern: usize,
    pub kind: SymbolKind,
    pub node: Node<'t>,
    /// What the signature begins with, `node` or around it.
    pub outer: Node<'t>,
    /// The type that the first of a list of names has written for all of them.
    pub lead: Option<Node<'t>>,
    pub name: Node<'t>,
    /// The end of `name`, or of the nodes that belong to it.
    pub name_end: usize,
    pub body: Option<Node<'t>>,
    /// The name of the type that it belongs to without standing in it.
    pub owner: Option<Node<'t>>,
    pub settings: PatternSettings,
}

/// From here to the end of what is around it, declarations are public or not.
pub(super) struct VisibilityMark {
    /// Id of the node around it.
    pub around: Option<usize>,
    pub start: usize,
    pub public: bool,
}

/// A doc comment, or an attribute between one and its declaration.
pub(super) struct DocNote {
    pub bytes: Range<usize>,
    pub is_doc: bool,
}

pub(super) struct FoundImport<'t> {
    pub bytes: Range<usize>,
    pub module: ImportModule<'t>,
    pub names: Vec<Range<usize>>,
}

pub(super) enum ImportModule<'t> {
    Plain(Range<usize>),
    Tree(Node<'t>),
    Child(Range<usize>),
}

/// `None` when the time is up.
pub(super) fn run_query<'t>(
    compiled: &Compiled,
    tree: &'t Tree,
    text: &str,
    deadline: &Deadline,
) -> Option<QueryMatches<'t>> {
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCH_LIMIT);
    let mut late = false;
    let mut found = QueryMatches::default();
    {
        let mut is_late = |_: &_| {
            let flow = deadline.flow();
            late |= flow.is_break();
            flow
        };
        let options = QueryCursorOptions::new().progress_callback(&mut is_late);
        let mut matches =
            cursor.matches_with_options(&compiled.query, tree.root_node(), text.as_bytes(), options);
        while let Some(hit) = matches.next() {
            found.take(compiled, hit);
        }
    }
    found.is_partial = cursor.did_exceed_match_limit();
    (!late).then_some(found)
}

impl<'t> QueryMatches<'t> {
    fn take(&mut self, compiled: &Compiled, hit: &QueryMatch<'_, 't>) {
        let mut definition = None;
        let mut name = None;
        let mut name_end = None;
        let mut body = None;
        let mut owner = None;
        let mut import = None;
        let mut module = None;
        let mut names = Vec::new();
        for capture in hit.captures() {
            let node = capture.node;
            let bytes = node.byte_range();
            match compiled.roles[capture.index as usize] {
                Role::Definition(kind) => definition = Some((kind, node)),
                Role::Name => name = Some(node),
                Role::NameEnd => name_end = Some(bytes.start),
                Role::Body => body = body.or(Some(node)),
                Role::Owner => owner = Some(node),
                Role::Doc => self.docs.push(DocNote { bytes, is_doc: true }),
                Role::Attribute => self.docs.push(DocNote { bytes, is_doc: false }),
                Role::DocInner => self.inner_docs.push(bytes),
                Role::File => self.file_marks.push(bytes.start),
                Role::Package => self.packages.push(bytes),
                Role::Access(public) => self.access.push(VisibilityMark {
                    around: node.parent().map(|parent| parent.id()),
                    start: bytes.start,
                    public,
                }),
                Role::Reference => self.references.push(bytes),
                Role::Silent => self.silent.push(bytes),
                Role::Local => self.locals.push(bytes),
                Role::Import => import = Some(node),
                Role::ImportModule => module = Some(ImportModule::Plain(bytes)),
                Role::ImportName => names.push(bytes),
                Role::ImportTree => module = Some(ImportModule::Tree(node)),
                Role::ImportChild => module = Some(ImportModule::Child(bytes)),
                Role::None => {}
            }
        }
        if let (Some((_, node)), true) = (definition, compiled.settings[hit.pattern_index].unlisted) {
            self.unlisted.push(node.byte_range());
        } else if let (Some((kind, node)), Some(name)) = (definition, name) {
            let outer = unwrapped(node, &compiled.wrappers);
            self.definitions.push(Definition {
                pattern: hit.pattern_index,
                kind,
                node,
                outer,
                lead: shared_type(outer, &compiled.wrappers),
                name,
                name_end: name_end.unwrap_or(name.end_byte()),
                body,
                owner,
                settings: compiled.settings[hit.pattern_index],
            });
        }
        if let (Some(import), Some(module)) = (import, module) {
            self.imports.push(FoundImport { bytes: import.byte_range(), module, names });
        }
    }
}

/// `int` for the `b` of `int a, b;`.
fn shared_type<'t>(node: Node<'t>, wrappers: &[u16]) -> Option<Node<'t>> {
    let around = node.parent().filter(|around| wrappers.contains(&around.kind_id()))?;
    let is_later = node.prev_sibling().is_some_and(|before| before.kind() == ",");
    is_later.then(|| around.child_by_field_name("type")).flatten()
}

/// The outermost of the wrappers around a node that stands first in them: not
/// the second of a list, nor in a group.
fn unwrapped<'t>(node: Node<'t>, wrappers: &[u16]) -> Node<'t> {
    let mut outer = node;
    if wrappers.is_empty() {
        return outer;
    }
    while let Some(parent) = outer.parent().filter(|parent| wrappers.contains(&parent.kind_id())) {
        let before = std::iter::successors(outer.prev_sibling(), |node| node.prev_sibling());
        let before = before.into_iter().find(|node| !node.is_extra());
        let its_type = parent.child_by_field_name("type");
        let is_next = |before: Node<'_>| {
            let is_like = before.kind_id() == outer.kind_id() && Some(before) != its_type;
            matches!(before.kind(), "," | "(") || is_like
        };
        if before.is_some_and(is_next) {
            break;
        }
        outer = parent;
    }
    outer
}
