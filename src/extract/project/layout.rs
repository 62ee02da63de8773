//! Which folders are worth knowing, and what each says it is for: its README,
//! its manifest's description, the doc of its root module.
//!
//! Not here: what files declare; a folder without words of its own is shown
//! with its main symbols.

use std::collections::BTreeMap;

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, Folder, MAX_LINE, docs, languages, prose};
use crate::model::{RelPath, SafeText};

/// Folders that are listed: two screens, of which the renderer takes what the
/// budget allows.
const MAX_FOLDERS: usize = 72;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let mut layout: Vec<Folder> = Vec::new();
    for folder in folders(files) {
        let Some(path) = RelPath::new(&folder) else {
            continue;
        };
        let (purpose, source) = purpose(files, &folder).unzip();
        let purpose = purpose.unwrap_or_default();
        // `core/src` says what `core` has said.
        let repeated = !purpose.is_empty()
            && layout.iter().any(|outer| path.is_below(outer.path.as_str()) && outer.purpose == purpose);
        layout.push(Folder {
            path,
            purpose: if repeated { SafeText::default() } else { purpose },
            source: if repeated { None } else { source },
        });
    }
    let purposes: Vec<SafeText> = layout.iter().map(|folder| folder.purpose.clone()).collect();
    for folder in &mut layout {
        // What three folders say of themselves says nothing of any.
        if purposes.iter().filter(|text| **text == folder.purpose).count() > 2 {
            folder.purpose = SafeText::default();
            folder.source = None;
        }
    }
    layout.sort_by(|a, b| a.path.cmp(&b.path));
    draft.facts.layout = layout;
}

/// The folders with code, the larger ones opened up until the list is full.
fn folders(files: &SourceFiles) -> Vec<String> {
    let tree = FolderCounts::of(files);
    let mut listed: Vec<String> = Vec::new();
    let mut open: Vec<String> = vec![String::new()];
    while let Some(folder) = tree.largest(&mut open) {
        for child in tree.children(&folder) {
            if listed.len() >= MAX_FOLDERS {
                break;
            }
            let child = tree.skip_chain(child, files);
            if child.split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            // `core/src` is `core`, and a package's few tests are no place to know.
            let inner = is_package(files, &folder) && (child.ends_with("/src") || child.ends_with("/lib"));
            let minor = child.contains('/') && is_quarantined(&child) && tree.count(&child) < 8;
            if !inner && !minor && !listed.contains(&child) {
                listed.push(child.clone());
            }
            let packages = tree.children(&child).iter().any(|inner| is_package(files, inner));
            if !is_quarantined(&child) && (tree.count(&child) >= 3 || packages) {
                open.push(child);
            }
        }
    }
    for path in files.paths.iter().filter(|path| path.as_str().matches('/').count() == 1) {
        let folder = path.parent();
        let told = path.stem().eq_ignore_ascii_case("readme") && !folder.starts_with('.');
        if told && listed.len() < MAX_FOLDERS + 8 && !listed.iter().any(|known| known == folder) {
            listed.push(folder.to_string());
        }
    }
    // `crates`, `packages`: nothing but the folders that are listed below it.
    let container = |folder: &String| {
        !tree.direct.contains_key(folder)
            && tree.children(folder).iter().any(|child| listed.contains(child))
            && !is_package(files, folder)
    };
    let mut listed: Vec<String> = listed.iter().filter(|folder| !container(folder)).cloned().collect();
    listed.sort();
    listed
}

/// Folders whose inside repeats what their name says.
fn is_quarantined(folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "test"
            | "tests"
            | "testing"
            | "spec"
            | "specs"
            | "__tests__"
            | "testdata"
            | "fixtures"
            | "examples"
            | "example"
            | "benches"
            | "benchmarks"
            | "playground"
            | "vendor"
            | "third_party"
            | "node_modules"
            | "migrations"
            | "locale"
            | "docs"
            | "doc"
            | "templates"
    ) || name.ends_with("_test")
        || name.ends_with(".tests")
        || name.starts_with("__test")
        || name.starts_with("template-")
        || name.ends_with("-tests")
}

/// Code files below each folder, and its child folders.
struct FolderCounts {
    below: BTreeMap<String, usize>,
    direct: BTreeMap<String, usize>,
    children: BTreeMap<String, Vec<String>>,
}

impl FolderCounts {
    fn of(files: &SourceFiles) -> Self {
        let mut counts = Self { below: BTreeMap::new(), direct: BTreeMap::new(), children: BTreeMap::new() };
        for path in files.paths.iter().filter(|path| languages::of_path(path).is_some()) {
            let mut folder = path.parent();
            *counts.direct.entry(folder.to_string()).or_default() += 1;
            loop {
                let seen = counts.below.entry(folder.to_string()).or_default();
                *seen += 1;
                let is_new = *seen == 1;
                if folder.is_empty() {
                    break;
                }
                let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
                if is_new {
                    counts.children.entry(parent.to_string()).or_default().push(folder.to_string());
                }
                folder = parent;
            }
        }
        counts
    }

    fn count(&self, folder: &str) -> usize {
        self.below.get(folder).copied().unwrap_or(0)
    }

    /// Larger ones first, so that a full list holds those.
    fn children(&self, folder: &str) -> Vec<String> {
        let mut children = self.children.get(folder).cloned().unwrap_or_default();
        children.sort_by(|a, b| self.count(b).cmp(&self.count(a)).then(a.cmp(b)));
        children
    }

    /// `src/main/java/com/acme` when nothing branches off before.
    fn skip_chain(&self, mut folder: String, files: &SourceFiles) -> String {
        for _ in 0..12 {
            if is_package(files, &folder) {
                break;
            }
            match self.children.get(&folder).map(Vec::as_slice) {
                Some([only]) if !self.direct.contains_key(&folder) => folder = only.clone(),
                _ => break,
            }
        }
        folder
    }

    fn largest(&self, open: &mut Vec<String>) -> Option<String> {
        let best = (0..open.len()).max_by(|a, b| {
            let weight = |at: usize| self.count(&open[at]) >> (2 * open[at].matches('/').count().min(8));
            weight(*a).cmp(&weight(*b)).then(open[*b].cmp(&open[*a]))
        })?;
        Some(open.swap_remove(best))
    }
}

/// A folder that speaks for itself: one with a manifest or a README.
fn is_package(files: &SourceFiles, folder: &str) -> bool {
    let named = ["Cargo.toml", "package.json", "pyproject.toml", "go.mod", "pom.xml", "README.md", "mix.exs"];
    !folder.is_empty() && named.iter().any(|name| files.has(&format!("{folder}/{name}")))
}

/// What a folder says it is for, and where.
fn purpose(files: &SourceFiles, folder: &str) -> Option<(SafeText, RelPath)> {
    let at = |name: &str| format!("{folder}/{name}");
    let described = |source: SourceText, text: SafeText| (!text.is_empty()).then_some((text, source.path));
    let manifests = [("Cargo.toml", "package"), ("pyproject.toml", "project")];
    for (name, table) in manifests {
        if let Some(source) = files.open(&at(name)) {
            let text = source.quote_line(&source.toml()[table]["description"]);
            if let Some(found) = described(source, text) {
                return Some(found);
            }
        }
    }
    for name in ["package.json", "composer.json"] {
        if let Some(source) = files.open(&at(name)) {
            let text = source.quote_line(&source.json()["description"]);
            if let Some(found) = described(source, text) {
                return Some(found);
            }
        }
    }
    let stem = folder.rsplit('/').next().unwrap_or(folder);
    let beside = format!("{folder}.rs");
    let roots = [at("mod.rs"), at("lib.rs"), beside, at("src/lib.rs"), at("main.rs"), at("src/main.rs")];
    for path in &roots {
        if let Some(source) = files.open(path)
            && let Some(found) = described(source.clone(), inner_doc(&source))
        {
            return Some(found);
        }
    }
    if let Some(source) = files.open(&at("__init__.py"))
        && let Some(found) = described(source.clone(), docstring(&source))
    {
        return Some(found);
    }
    if let Some(source) = docs::readme_in(files, folder) {
        let text = prose::first_sentence(&source.text, MAX_LINE);
        if let Some(found) = described(source, text) {
            return Some(found);
        }
    }
    for path in [at("doc.go"), at(&format!("{stem}.go"))] {
        if let Some(source) = files.open(&path)
            && let Some(found) = described(source.clone(), package_doc(&source))
        {
            return Some(found);
        }
    }
    let go = files.directly_in(folder).filter(|path| path.extension() == "go").take(12);
    for path in go {
        if let Some(source) = files.open(path.as_str())
            && let Some(found) = described(source.clone(), package_doc(&source))
        {
            return Some(found);
        }
    }
    let source = files.open(&at("package-info.java"))?;
    let text = javadoc(&source);
    described(source, text)
}

/// First sentence of the `//!` lines at a file's head.
fn inner_doc(source: &SourceText) -> SafeText {
    let doc = source.text.reduced("\n", |text| {
        text.lines()
            .take(80)
            .map(str::trim)
            .skip_while(|line| !line.starts_with("//!"))
            .take_while(|line| line.starts_with("//!"))
            .map(|line| {
                line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(line.trim_start_matches("//!"))
            })
            .collect::<Vec<_>>()
            .join("\n")
    });
    prose::first_sentence(&doc, MAX_LINE)
}

fn docstring(source: &SourceText) -> SafeText {
    let doc = source.text.reduced("\n", |text| {
        let code = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let Some(first) = code else {
            return String::new();
        };
        let start = text.find(first).unwrap_or(0);
        let body = text[start..].trim_start_matches(['r', 'R', 'u']);
        ["\"\"\"", "'''"]
            .iter()
            .find_map(|mark| body.strip_prefix(mark)?.split(mark).next())
            .unwrap_or_default()
            .to_string()
    });
    prose::first_sentence(&doc, MAX_LINE)
}

/// The comment directly above `package x`.
fn package_doc(source: &SourceText) -> SafeText {
    let doc = source.text.reduced("\n", |text| {
        let mut comment: Vec<&str> = Vec::new();
        for line in text.lines().take(200) {
            if let Some(rest) = line.strip_prefix("//") {
                comment.push(rest.trim());
            } else if line.starts_with("package ") {
                break;
            } else {
                comment.clear();
            }
        }
        comment.join("\n")
    });
    let is_doc = doc.as_str().starts_with("Package ") || doc.as_str().starts_with("Command ");
    if is_doc { prose::first_sentence(&doc, MAX_LINE) } else { SafeText::default() }
}

fn javadoc(source: &SourceText) -> SafeText {
    let doc = source.text.reduced("\n", |text| {
        let body = text.split("/**").nth(1).and_then(|rest| rest.split("*/").next()).unwrap_or_default();
        let lines = body.lines().map(|line| line.trim().trim_start_matches('*').trim());
        without_inline_tags(&lines.collect::<Vec<_>>().join("\n"))
    });
    prose::first_sentence(&doc, MAX_LINE)
}

/// `{@link java.io.File files}` is `files`, `{@code null}` is `null`.
fn without_inline_tags(text: &str) -> String {
    let mut parts = text.split("{@");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (tag, rest) = part.split_once('}').unwrap_or((part, ""));
        out.push_str(tag.split_whitespace().skip(1).last().unwrap_or_default());
        out.push_str(rest);
    }
    out
}
