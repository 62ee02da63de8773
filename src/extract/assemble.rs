//! What the query found in a file, put together into its [`Outline`].
//!
//! Not here: how a signature or a doc line is spelled (`signature`, `doc`).

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::language::{Compiled, Language};
use super::lines::{Covered, LineStarts, line_count};
use super::manifest::{Access, ManifestNames};
use super::query::{Definition, DocNote, FoundImport, ImportModule, QueryMatches, VisibilityMark};
use super::{doc, imports, signature};
use crate::limits;
use crate::model::{Import, Outline, SafeText, Symbol, SymbolKind};

pub(super) fn outline(
    language: &Language,
    compiled: &Compiled,
    source: &SafeText,
    parsed: &str,
    tree: &Tree,
    found: QueryMatches<'_>,
) -> Outline {
    let lines = LineStarts::new(source.as_str());
    OutlineDraft { language, compiled, source, parsed, lines }.outline(tree, found)
}

/// A file while its outline is put together.
struct OutlineDraft<'a> {
    language: &'a Language,
    compiled: &'a Compiled,
    source: &'a SafeText,
    /// What the parser saw: `source`, or one with white space in place of what
    /// was hidden from it.
    parsed: &'a str,
    lines: LineStarts,
}

impl OutlineDraft<'_> {
    fn outline(&self, tree: &Tree, mut found: QueryMatches<'_>) -> Outline {
        found.access.sort_by_key(|mark| mark.start);
        found.unlisted.sort_by_key(|bytes| bytes.start);
        let definitions = self.nest(self.one_each(std::mem::take(&mut found.definitions)), &found.unlisted);
        let docs = self.docs(&definitions, &mut found);
        let mut symbols: Vec<Symbol> = Vec::with_capacity(definitions.len());
        for (placed, doc) in definitions.iter().zip(docs.of_symbols) {
            let symbol = self.symbol(placed, doc, &symbols, &definitions, &found.access);
            symbols.push(symbol);
        }
        let imports = self.imports(&found.imports, &definitions, &symbols);
        let covered = self.covered(tree, &found, &definitions);
        let references = self.references(&found, &symbols);
        Outline {
            symbols,
            imports,
            references,
            package: self.package(&found.packages),
            doc: docs.of_file,
            lines: line_count(self.source.as_str()),
            has_error: found.is_partial || tree.root_node().has_error(),
            covered,
        }
    }

    fn text(&self, bytes: Range<usize>) -> &str {
        self.source.as_str().get(bytes).unwrap_or_default()
    }

    /// The parser saw other words there than stand in the source.
    fn is_mended(&self, bytes: Range<usize>) -> bool {
        let mends = !self.language.manifest().mend.is_empty();
        let (parsed, source) = (self.parsed.get(bytes.clone()), self.text(bytes));
        mends
            && parsed.is_some_and(|parsed| {
                parsed != source && !parsed.split_whitespace().eq(source.split_whitespace())
            })
    }

    /// Of a thousand lines with a word on them, those that belong to a
    /// declaration, an import or a comment.
    fn covered(&self, tree: &Tree, found: &QueryMatches<'_>, definitions: &[Placed<'_>]) -> u16 {
        let mut covered = Covered::new(&self.lines);
        for placed in definitions {
            let outer = placed.definition.outer;
            covered.add(outer.start_byte()..outer.end_byte().max(placed.definition.node.end_byte()));
        }
        let imports = found.imports.iter().map(|import| &import.bytes);
        let notes = found.docs.iter().map(|note| &note.bytes);
        let ranges =
            imports.chain(notes).chain(&found.inner_docs).chain(&found.packages).chain(&found.unlisted);
        ranges.for_each(|bytes| covered.add(bytes.clone()));
        covered.add_comments(tree);
        covered.share(self.source.as_str())
    }

    /// One definition for each name's place and one pattern for each node, the
    /// earliest; in order of appearance, outer before inner.
    fn one_each<'t>(&self, mut definitions: Vec<Definition<'t>>) -> Vec<Definition<'t>> {
        definitions.retain(|definition| !definition.name.byte_range().is_empty());
        definitions.sort_by_key(|definition| {
            let body = definition.body.map_or(usize::MAX, |body| body.start_byte());
            (definition.name.start_byte(), definition.pattern, body)
        });
        definitions.dedup_by_key(|definition| definition.name.start_byte());
        // `a, b = 1, 2` is one node with two names by one pattern; `impl T for
        // &A` is one with `A` by one pattern and `&A` by a later one.
        let mut earliest: HashMap<usize, usize> = HashMap::with_capacity(definitions.len());
        for definition in &definitions {
            let pattern = earliest.entry(definition.node.id()).or_insert(usize::MAX);
            *pattern = definition.pattern.min(*pattern);
        }
        definitions.retain(|definition| earliest[&definition.node.id()] == definition.pattern);
        definitions.sort_by_key(|definition| {
            let bytes = definition.node.byte_range();
            (bytes.start, std::cmp::Reverse(bytes.end), definition.name.start_byte())
        });
        definitions
    }

    /// Finds each definition's parent. What is nested beyond the limits is left
    /// out, as are kinds that do not count inside functions and the second
    /// assignment of one variable.
    fn nest<'t>(&self, definitions: Vec<Definition<'t>>, unlisted: &[Range<usize>]) -> Vec<Placed<'t>> {
        let most = self.language.manifest().symbols.most.unwrap_or(limits::MAX_SYMBOLS);
        let most = most.min(limits::MAX_SYMBOLS);
        let local_kinds = &self.language.manifest().symbols.not_in_functions;
        let at_margin = &self.language.manifest().symbols.at_margin;
        let mut placed: Vec<Placed<'t>> = Vec::with_capacity(definitions.len());
        let mut assigned: HashSet<(Option<u32>, &str)> = HashSet::new();
        // Indices of the definitions around the current one, and their ends.
        let mut around: Vec<(u32, usize)> = Vec::new();
        for definition in definitions {
            let bytes = definition.node.byte_range();
            // Two names of one node stand beside each other.
            let is_over = |&(index, end): &(u32, usize)| {
                end <= bytes.start || placed[index as usize].definition.node == definition.node
            };
            while around.last().is_some_and(is_over) {
                around.pop();
            }
            if around.len() >= limits::MAX_SYMBOL_DEPTH || placed.len() >= most {
                continue;
            }
            // `a = b = 0` declares both in one place.
            let is_beside =
                |index: u32| is_assigned(definition.kind) && is_assigned(placed[index as usize].kind);
            let parent = around.iter().rev().map(|&(index, _)| index).find(|&index| !is_beside(index));
            let parent_kind = parent.map(|index| placed[index as usize].kind);
            let in_unlisted = || {
                let before = unlisted.partition_point(|function| function.start <= bytes.start);
                before.checked_sub(1).is_some_and(|last| bytes.start < unlisted[last].end)
            };
            let in_function = match parent_kind {
                Some(SymbolKind::Function | SymbolKind::Method) => true,
                // Only names that are assigned: a torn file can look like one such function.
                None | Some(SymbolKind::Module) => is_assigned(definition.kind) && in_unlisted(),
                Some(_) => false,
            };
            let is_astray = || {
                let whole = definition.lead.and_then(|lead| lead.parent()).unwrap_or(definition.outer);
                let is_top = whole.parent().is_some_and(|parent| parent.parent().is_none());
                is_top && self.is_indented(whole.start_byte())
            };
            if at_margin.contains(&definition.kind) && is_astray() {
                continue;
            }
            if in_function && local_kinds.contains(&definition.kind) {
                continue;
            }
            let name = self.text(definition.name.byte_range());
            if is_assigned(definition.kind) && !assigned.insert((parent, name)) {
                continue;
            }
            let kind = promoted(definition.kind, parent_kind);
            around.push((placed.len() as u32, bytes.end));
            let parent = parent.or_else(|| self.owner(&definition, &placed));
            placed.push(Placed { definition, kind, parent });
        }
        placed
    }

    /// The type before it that it says it belongs to. One that is declared
    /// further down stays unknown: a parent stands before its children.
    fn owner(&self, definition: &Definition<'_>, before: &[Placed<'_>]) -> Option<u32> {
        let name = self.text(definition.owner?.byte_range());
        let is_it = |placed: &Placed<'_>| {
            let has_members = is_type(Some(placed.kind)) || placed.kind == SymbolKind::Type;
            has_members && placed.parent.is_none() && self.text(placed.definition.name.byte_range()) == name
        };
        before.iter().position(is_it).map(|index| index as u32)
    }

    fn symbol(
        &self,
        placed: &Placed<'_>,
        doc: SafeText,
        before: &[Symbol],
        definitions: &[Placed<'_>],
        access: &[VisibilityMark],
    ) -> Symbol {
        let definition = &placed.definition;
        let parent = placed.parent.map(|index| &definitions[index as usize]);
        let end = match definition.body {
            Some(body) => body.start_byte(),
            None => definition.node.end_byte(),
        };
        let signature = match self.is_mended(definition.outer.start_byte()..end) {
            true => signature::as_written(self.source, definition.outer.start_byte()..end),
            false => signature::of(self.source, definition.outer, definition.name, end, &self.compiled.elide),
        };
        let signature = match definition.lead.map(|lead| signature::whole(self.source, lead)) {
            Some(lead) if !lead.as_str().contains('{') => SafeText::join(&[lead, signature], " "),
            _ => signature,
        };
        let signature = match self.hidden_words(definition.outer.start_byte()) {
            Some(words) => SafeText::join(&[words, signature], " "),
            None => signature,
        };
        let name = self.name(definition);
        // `typedef struct {..} name;`
        let signature = match definition.body {
            Some(body) if body.end_byte() <= definition.name.start_byte() => {
                SafeText::join(&[signature, SafeText::constant("{…}"), name.clone()], " ")
            }
            _ => signature,
        };
        let public = match definition.settings.public {
            Some(public) => public,
            None if definition.kind == SymbolKind::Variant && placed.parent.is_some() => {
                placed.parent.is_some_and(|index| before[index as usize].public)
            }
            None => self.is_public(name.as_str(), definition, parent, access),
        };
        Symbol {
            kind: placed.kind,
            signature,
            doc,
            line: self.lines.of(definition.name.start_byte()),
            end_line: self.lines.last_of(&definition.node.byte_range()),
            parent: placed.parent,
            public,
            name,
        }
    }

    /// Words of the language that were hidden from the parser before `start`.
    fn hidden_words(&self, start: usize) -> Option<SafeText> {
        let known = &self.language.manifest().signature.hidden;
        if known.is_empty() {
            return None;
        }
        let before = self.parsed.get(..start)?.trim_end().len();
        let gap = self.text(before..start);
        let mut words = gap.trim_end();
        while let Some(word) =
            words.split_whitespace().next_back().filter(|word| known.iter().any(|known| known == word))
        {
            words = words[..words.len() - word.len()].trim_end();
        }
        let from = before + words.len();
        let hidden = self.source.slice(from..start);
        (!self.text(from..start).trim().is_empty()).then(|| hidden.one_line(limits::MAX_SIGNATURE))
    }

    fn name(&self, definition: &Definition<'_>) -> SafeText {
        let marks = &self.language.manifest().symbols.name_marks;
        let start = definition.name.start_byte();
        let end = start + self.text(start..definition.name_end).trim_end().len();
        let name = self.source.slice(start..end);
        let name = match marks.is_empty() {
            true => name,
            false => name.part(unmarked(name.as_str(), marks)),
        };
        name.one_line(limits::MAX_NAME)
    }

    fn is_public(
        &self,
        name: &str,
        definition: &Definition<'_>,
        parent: Option<&Placed<'_>>,
        access: &[VisibilityMark],
    ) -> bool {
        let rule = &self.language.manifest().visibility;
        // `typedef struct { .. } name;`: what stands in the body is not about the name.
        let start = definition.outer.start_byte();
        let body = definition.body.map(|body| body.start_byte()).filter(|&body| body > start);
        let end = definition.name.start_byte().min(body.unwrap_or(usize::MAX));
        let head = self.text(start..end);
        let has_word = |words: &[String]| {
            let is_one = |word: &str| words.iter().any(|known| known == word);
            !words.is_empty() && head.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(is_one)
        };
        if has_word(&rule.private) {
            return false;
        }
        if has_word(&rule.public) {
            return true;
        }
        if let Some(mark) = mark_before(access, definition.outer) {
            return mark.public;
        }
        match rule.names {
            ManifestNames::Capital => return name.starts_with(char::is_uppercase),
            ManifestNames::Underscore if is_underscored(name) => return false,
            ManifestNames::Underscore | ManifestNames::Any => {}
        }
        let members = match parent {
            Some(parent) if parent.definition.settings.members.is_some() => {
                parent.definition.settings.members
            }
            Some(parent) if is_type(Some(parent.kind)) => rule.members,
            _ => None,
        };
        members.unwrap_or(rule.default) == Access::Public
    }

    fn docs(&self, definitions: &[Placed<'_>], found: &mut QueryMatches<'_>) -> DocComments {
        found.docs.sort_by_key(|note| note.bytes.start);
        found.docs.retain(|note| !note.is_doc || self.opens_line(note.bytes.start));
        found.inner_docs.sort_by_key(|bytes| bytes.start);
        let mut raw: Vec<Option<Range<usize>>> = definitions
            .iter()
            .map(|placed| self.doc_before(&found.docs, placed.definition.outer.start_byte()))
            .collect();
        let mut file = found.file_marks.iter().find_map(|&start| self.doc_before(&found.docs, start));
        for bytes in &found.inner_docs {
            let slot = match innermost(definitions, bytes) {
                Some(index) => &mut raw[index],
                None => &mut file,
            };
            match slot {
                None => *slot = Some(bytes.clone()),
                Some(known) if self.is_gap(known.end..bytes.start) => known.end = bytes.end,
                Some(_) => {}
            }
        }
        let markers = &self.language.manifest().docs.markers;
        let shown = |bytes: Option<Range<usize>>| match bytes {
            Some(bytes) => doc::first_sentence(&self.source.slice(bytes), markers),
            None => SafeText::default(),
        };
        DocComments { of_symbols: raw.into_iter().map(shown).collect(), of_file: shown(file) }
    }

    /// The run of doc comments that ends before `start`, seen past attributes.
    fn doc_before(&self, notes: &[DocNote], start: usize) -> Option<Range<usize>> {
        let mut next = notes.partition_point(|note| note.bytes.end <= start);
        let mut start = start;
        let mut doc: Option<Range<usize>> = None;
        while let Some(note) = next.checked_sub(1).map(|index| &notes[index]) {
            if !self.is_gap(note.bytes.end..start) {
                break;
            }
            if note.is_doc {
                match &mut doc {
                    Some(doc) if doc.start == start => doc.start = note.bytes.start,
                    Some(_) => doc = Some(note.bytes.clone()),
                    None => doc = Some(note.bytes.clone()),
                }
            }
            start = note.bytes.start;
            next -= 1;
        }
        doc
    }

    /// Nothing but white space, and no empty line where the language minds.
    fn is_gap(&self, bytes: Range<usize>) -> bool {
        let is_adjacent = |gap: &str| gap.bytes().filter(|&byte| byte == b'\n').count() < 2;
        let minds = self.language.manifest().docs.adjacent;
        let gap = self.parsed.get(bytes);
        gap.is_some_and(|gap| gap.chars().all(char::is_whitespace) && (!minds || is_adjacent(gap)))
    }

    /// White space stands before it on its line, and nothing else.
    fn is_indented(&self, start: usize) -> bool {
        let line = self.text(0..start).rfind('\n').map_or(0, |at| at + 1);
        line < start && self.opens_line(start)
    }

    /// Nothing stands before it on its line.
    fn opens_line(&self, start: usize) -> bool {
        let before = self.text(0..start);
        before[before.rfind('\n').map_or(0, |at| at + 1)..].trim().is_empty()
    }

    fn imports(
        &self,
        found: &[FoundImport<'_>],
        definitions: &[Placed<'_>],
        symbols: &[Symbol],
    ) -> Vec<Import> {
        let strategy = self.language.import_strategy();
        let mut out: Vec<(usize, Import)> = Vec::new();
        let with_path: HashSet<usize> = found
            .iter()
            .filter(|import| !matches!(import.module, ImportModule::Child(_)))
            .map(|import| import.bytes.start)
            .collect();
        for import in found {
            // `#[path] mod x;` matches as any `mod x;` too.
            let is_child = matches!(import.module, ImportModule::Child(_));
            let start = import.bytes.start;
            if is_child && with_path.contains(&start) {
                continue;
            }
            let around = modules_around(definitions, symbols, start);
            for (module, names) in self.modules_of(import) {
                let module = imports::seen_from_file(strategy, module, &around);
                let import_from = Import { module, names, line: self.lines.of(start) };
                out.push((start, import_from));
            }
        }
        merge(out)
    }

    /// The modules that one statement imports, each with the names it takes.
    fn modules_of(&self, import: &FoundImport<'_>) -> Vec<(SafeText, Vec<SafeText>)> {
        let plain = |bytes: &Range<usize>| {
            let text = self.source.slice(bytes.clone());
            text.reduced("", |text| text.split_whitespace().collect())
        };
        match &import.module {
            ImportModule::Plain(bytes) => {
                vec![(plain(bytes), import.names.iter().map(plain).collect())]
            }
            ImportModule::Child(bytes) => {
                let strategy = self.language.import_strategy();
                vec![(imports::child_module(strategy, &plain(bytes)), Vec::new())]
            }
            ImportModule::Tree(node) => {
                let tree = signature::whole(self.source, *node);
                imports::flatten(&tree, self.language.separator())
            }
        }
    }

    /// The first one that is declared. Packages that follow on each other, as
    /// Scala lets them, add up; a second one elsewhere in the file does not
    /// count.
    fn package(&self, found: &[Range<usize>]) -> SafeText {
        let mut places = found.to_vec();
        places.sort_by_key(|bytes| bytes.start);
        places.dedup();
        let Some(first) = places.first() else { return SafeText::default() };
        let mut parts = vec![self.source.slice(first.clone())];
        for pair in places.windows(2) {
            let gap = self.text(pair[0].end..pair[1].start);
            if gap.trim_matches([' ', ';', '\n']) != "package" {
                break;
            }
            parts.push(self.source.slice(pair[1].clone()));
        }
        SafeText::join(&parts, ".")
    }

    /// Names that are used and not declared here, the most frequent ones, by
    /// name.
    fn references(&self, found: &QueryMatches<'_>, symbols: &[Symbol]) -> Vec<(SafeText, u32)> {
        let noise = &self.language.manifest().references.noise;
        let mut known: HashSet<&str> = noise.iter().map(String::as_str).collect();
        known.extend(symbols.iter().map(|symbol| symbol.name.as_str()));
        known.extend(found.locals.iter().map(|bytes| self.text(bytes.clone())));
        let mut silent = found.silent.clone();
        silent.sort_by_key(|bytes| bytes.start);
        let is_silent = |at: usize| {
            let before = silent.partition_point(|bytes| bytes.start <= at);
            before.checked_sub(1).is_some_and(|last| at < silent[last].end)
        };
        let mut counts: HashMap<&str, (u32, Range<usize>)> = HashMap::new();
        let mut places: HashSet<usize> = HashSet::with_capacity(found.references.len());
        for bytes in &found.references {
            let name = self.text(bytes.clone());
            // A single letter is a type parameter or a loop variable.
            let tells = name.len() > 1 && name.len() <= limits::MAX_NAME && !known.contains(name);
            if tells && !is_silent(bytes.start) && places.insert(bytes.start) {
                counts.entry(name).or_insert((0, bytes.clone())).0 += 1;
            }
        }
        let mut names: Vec<(&str, (u32, Range<usize>))> = counts.into_iter().collect();
        names.sort_by(|a, b| (b.1.0, a.0).cmp(&(a.1.0, b.0)));
        names.truncate(limits::MAX_REFERENCES);
        names.sort_by_key(|(name, _)| *name);
        names.into_iter().map(|(_, (count, bytes))| (self.source.slice(bytes), count)).collect()
    }
}

struct DocComments {
    of_symbols: Vec<SafeText>,
    of_file: SafeText,
}

/// A definition with its place among the others.
struct Placed<'t> {
    definition: Definition<'t>,
    /// After the promotions by place: a function of a class is a method.
    kind: SymbolKind,
    parent: Option<u32>,
}

/// What stands in a class is a member of it.
fn promoted(kind: SymbolKind, parent: Option<SymbolKind>) -> SymbolKind {
    match kind {
        SymbolKind::Function if is_type(parent) => SymbolKind::Method,
        SymbolKind::Variable if is_type(parent) => SymbolKind::Field,
        _ => kind,
    }
}

/// Declarations in it are members.
fn is_type(parent: Option<SymbolKind>) -> bool {
    use SymbolKind::{Class, Enum, Impl, Interface, Struct, Trait, Union, Variant};
    matches!(parent, Some(Class | Struct | Enum | Union | Trait | Interface | Impl | Variant))
}

/// Of these a scope may hold several with one name, and they are one thing.
fn is_assigned(kind: SymbolKind) -> bool {
    matches!(kind, SymbolKind::Variable | SymbolKind::Constant)
}

/// The last mark before a node among its siblings.
fn mark_before<'m>(access: &'m [VisibilityMark], node: Node<'_>) -> Option<&'m VisibilityMark> {
    if access.is_empty() {
        return None;
    }
    let around = node.parent().map(|parent| parent.id());
    let before = access.partition_point(|mark| mark.start < node.start_byte());
    access[..before].iter().rev().find(|mark| mark.around == around)
}

/// `name` without marks around it; quotes and brackets only as a pair.
fn unmarked<'n>(name: &'n str, marks: &str) -> &'n str {
    let is_pair = |c: char| matches!(c, '"' | '\'' | '`' | '*' | '[' | ']');
    let mut name = name.trim_matches(|c| marks.contains(c) && !is_pair(c));
    while let Some(open) = name.chars().next().filter(|c| marks.contains(*c) && is_pair(*c)) {
        let close = if open == '[' { ']' } else { open };
        let Some(inside) = name[1..].strip_suffix(close) else { break };
        name = inside;
    }
    name
}

fn is_underscored(name: &str) -> bool {
    name.starts_with('_') && !(name.starts_with("__") && name.ends_with("__"))
}

/// The definition that holds all of `bytes` and no smaller one does.
fn innermost(definitions: &[Placed<'_>], bytes: &Range<usize>) -> Option<usize> {
    let after = definitions.partition_point(|placed| placed.definition.node.start_byte() <= bytes.start);
    let mut candidate = after.checked_sub(1);
    while let Some(index) = candidate {
        if definitions[index].definition.node.end_byte() >= bytes.end {
            return Some(index);
        }
        candidate = definitions[index].parent.map(|parent| parent as usize);
    }
    None
}

/// Names of the inline modules around a place, outermost first.
fn modules_around<'s>(definitions: &[Placed<'_>], symbols: &'s [Symbol], at: usize) -> Vec<&'s SafeText> {
    let mut names = Vec::new();
    let mut candidate = innermost(definitions, &(at..at + 1));
    while let Some(index) = candidate {
        let definition = &definitions[index].definition;
        let is_around = definition.body.is_some_and(|body| body.start_byte() <= at);
        if definition.kind == SymbolKind::Module && is_around {
            names.push(&symbols[index].name);
        }
        candidate = definitions[index].parent.map(|parent| parent as usize);
    }
    names.reverse();
    names
}

/// One import for each statement and module, with all its names.
fn merge(mut found: Vec<(usize, Import)>) -> Vec<Import> {
    found.sort_by_key(|&(at, _)| at);
    let mut out: Vec<(usize, Import)> = Vec::with_capacity(found.len());
    for (at, import) in found {
        match out.last_mut() {
            Some((last, known))
                if *last == at
                    && known.module == import.module
                    && known.names.is_empty() == import.names.is_empty() =>
            {
                known.names.extend(import.names);
            }
            _ => out.push((at, import)),
        }
    }
    out.into_iter().map(|(_, import)| import).collect()
}
