//! What the project's documents tell: the README's first paragraph, and the
//! shell commands in the README and the guides for contributors.
//!
//! Not here: mark-up (`prose`) and what a command is good for (`classify`).

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_ABOUT, MAX_NAME, Purpose, choose, prose};
use crate::model::{RelPath, SafeText};

/// Guides that are read; a project with more has a manual.
const MAX_GUIDES: usize = 24;

/// How much less a command within a sentence is trusted than a block: it may
/// be what not to do.
const SPAN: i32 = 8;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(readme) = readme(files) {
        let title = prose::title(&readme.text).one_line(MAX_NAME);
        draft.facts.about = {
            let name = draft.facts.name.as_str();
            let name = name.rsplit('/').next().unwrap_or(name);
            let words = title.as_str().split_whitespace().filter(|word| word.len() > 3);
            let names: Vec<&str> = words.chain([name, title.as_str()]).collect();
            prose::about(&readme.text, &names, draft.facts.description.as_str(), MAX_ABOUT)
        };
        if (1..=4).contains(&title.as_str().split_whitespace().count()) {
            if is_poor(draft.facts.name.as_str()) {
                draft.facts.name = title.clone();
            }
            draft.identify(title, SafeText::default(), SafeText::default(), SafeText::default());
        }
        if draft.facts.about.is_empty() && draft.facts.description.is_empty() {
            draft.facts.about = cited(files).unwrap_or_default();
        }
        draft.said.add(readme.str());
        commands(&readme, choose::README, false, draft);
        stated(&readme, draft);
    }
    licence(files, draft);
    for guide in guides(files) {
        draft.said.add(guide.str());
        commands(&guide, choose::GUIDE, true, draft);
        stated(&guide, draft);
        // What it builds is built for those who run its tests.
        if guide.path.stem().eq_ignore_ascii_case("readme") {
            draft.candidates.retain(|known| known.source != guide.path || known.purpose == Purpose::Test);
        }
    }
}

/// The documents that tell how to work on the project.
pub(super) fn guides<'a>(files: &'a SourceFiles<'a>) -> impl Iterator<Item = SourceText> + 'a {
    let paths = files.paths.iter().filter(is_guide).take(MAX_GUIDES);
    paths.filter_map(|path| files.open(path.as_str()))
}

/// The title by which a project wants to be cited, or its page in DocC.
fn cited(files: &SourceFiles) -> Option<SafeText> {
    let citation = files.open("CITATION.cff");
    let title = citation.map(|source| source.quote_value(&source.yaml()["title"], MAX_NAME));
    title.filter(|title| !title.is_empty()).or_else(|| {
        let is_page =
            |path: &&&RelPath| path.as_str().contains(".docc/") && path.as_str().matches('/').count() == 3;
        let page = files.below("Sources").iter().filter(is_page).find(|path| path.extension() == "md")?;
        let text = files.open(page.as_str())?.text;
        Some(prose::about(&text, &[], "", MAX_ABOUT)).filter(|text| !text.is_empty())
    })
}

/// How one test is run; a guide for contributors goes before the README.
fn stated(source: &SourceText, draft: &mut FactsDraft) {
    let from_readme = |(_, path): &(SafeText, RelPath)| path.stem().eq_ignore_ascii_case("readme");
    if draft.one_test.as_ref().is_none_or(from_readme)
        && let Some(line) = super::example::stated(source)
    {
        draft.one_test = Some((in_its_folder(draft.files, source, line), source.path.clone()));
    }
}

/// A guide has often changed folders some lines before: the program of a command
/// lies in the only folder that has one of its name.
fn in_its_folder(files: &SourceFiles, source: &SourceText, line: SafeText) -> SafeText {
    let program = line.as_str().split_whitespace().next().and_then(|word| word.strip_prefix("./"));
    let Some(program) = program.filter(|program| !files.has(program)) else { return line };
    let tail = format!("/{program}");
    let mut found = files.paths.iter().filter(|path| path.as_str().ends_with(&tail));
    match (found.next(), found.next()) {
        (Some(only), None) if source.str().contains(only.parent()) => {
            super::in_folder(source, line.clone(), only.parent()).unwrap_or(line)
        }
        _ => line,
    }
}

/// A name that only tells the manifest from others.
fn is_poor(name: &str) -> bool {
    let name = name.to_lowercase();
    let ends = ["-parent", " parent", "-root", " root", "-monorepo", "-workspace", "-aggregator", "-build"];
    let whole = ["parent", "root", "monorepo", "workspace", "app", "my-app", "project", "build", "example"];
    ends.iter().any(|end| name.ends_with(end)) || whole.contains(&name.as_str())
}

pub(super) fn readme(files: &SourceFiles) -> Option<SourceText> {
    let usual = readme_in(files, "").or_else(|| readme_in(files, ".github"));
    usual.or_else(|| readme_in(files, "docs")).or_else(|| longest_of_a_package(files))
}

/// Where the root's README is a link to that of its main package.
fn longest_of_a_package(files: &SourceFiles) -> Option<SourceText> {
    let is_package = |path: &RelPath| match path.as_str().matches('/').count() {
        1 => ["Cargo.toml", "package.json", "pyproject.toml"]
            .iter()
            .any(|name| files.has(&format!("{}/{name}", path.parent()))),
        2 => path.is_below("packages"),
        _ => false,
    };
    let found =
        files.paths.iter().filter(|path| path.name().eq_ignore_ascii_case("readme.md") && is_package(path));
    let found = found.take(40).filter_map(|path| files.open(path.as_str()));
    found.max_by_key(|source| source.str().len())
}

/// The README of a folder, the untranslated one where there are several.
pub(super) fn readme_in(files: &SourceFiles, folder: &str) -> Option<SourceText> {
    let mut found: Vec<&RelPath> = files
        .directly_in(folder)
        .filter(|path| path.stem().eq_ignore_ascii_case("readme"))
        .filter(|path| {
            matches!(
                path.extension().to_ascii_lowercase().as_str(),
                "" | "md" | "rst" | "txt" | "markdown" | "adoc" | "asciidoc"
            )
        })
        .collect();
    found.sort_by_key(|path| path.extension() != "md");
    found.into_iter().find_map(|path| files.open(path.as_str()))
}

fn licence(files: &SourceFiles, draft: &mut FactsDraft) {
    if !draft.facts.licence.is_empty() {
        return;
    }
    let found = files.directly_in("").filter(|path| {
        let stem = path.name().to_ascii_lowercase();
        stem.starts_with("licen") || stem.starts_with("copying")
    });
    let known = [
        ("Apache License", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("Permission is hereby granted, free of charge", "MIT"),
        ("Mozilla Public License", "MPL-2.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
        ("GNU GENERAL PUBLIC LICENSE", "GPL"),
        ("Redistribution and use in source and binary forms", "BSD"),
        ("Permission to use, copy, modify, and/or distribute", "ISC"),
    ];
    for path in found {
        let Some(text) = (files.text)(path) else {
            continue;
        };
        let text = text.as_str();
        if let Some((_, name)) = known.iter().find(|(mark, _)| text.contains(mark)) {
            draft.facts.licence = SafeText::constant(name);
            return;
        }
    }
}

/// Documents that tell how to work on the project.
fn is_guide(path: &&&RelPath) -> bool {
    let extension = path.extension().to_ascii_lowercase();
    if !matches!(extension.as_str(), "md" | "rst" | "txt" | "" | "adoc") {
        return false;
    }
    let stem = path.stem().to_ascii_lowercase();
    let folder = path.parent();
    let near = matches!(
        folder,
        "" | ".github"
            | "docs"
            | "doc"
            | "Documentation"
            | "dev"
            | "docs/dev"
            | "docs/src"
            | "docs/development"
            | "docs/developer"
    );
    let starts = |names: &[&str]| names.iter().any(|name| stem.starts_with(name));
    let named = starts(&["contributing", "development", "developing", "developer", "hacking", "building"])
        || (folder != "docs" && starts(&["build", "agents", "claude", "testing"]))
        || starts(&["install"]);
    let below = [
        "docs/contributing",
        "docs/internals/contributing",
        "docs/development",
        "doc/development",
        "docs/dev",
    ]
    .iter()
    .any(|known| path.is_below(known));
    let tests = stem == "readme" && matches!(folder, "tests" | "test");
    (near && named) || (below && path.as_str().matches('/').count() <= 5) || tests
}

/// Commands in shell blocks. In a README, only of sections about working on
/// the project: the rest tells users how to use it in their own.
fn commands(source: &SourceText, base: i32, guide: bool, draft: &mut FactsDraft) {
    let mut cloned = false;
    for mut block in blocks(source.text.as_str()) {
        // `cd project` often stands in the block after the clone.
        if std::mem::take(&mut cloned) && !block.script.contains("git clone") {
            block.script.insert_str(0, "git clone .\n");
        }
        let clone = block.script.rfind("git clone");
        cloned = clone.is_some_and(|at| !block.script[at..].contains("cd "));
        let heading = block.path.to_lowercase();
        let relevant = guide
            || [
                "build",
                "test",
                "develop",
                "contribut",
                "compil",
                "lint",
                "from source",
                "hacking",
                "running",
                "setup",
                "getting started",
                "quick start",
                "install",
                "format",
            ]
            .iter()
            .any(|word| heading.contains(word));
        let aside = [
            "release",
            "benchmark",
            "fuzz",
            "translat",
            "docker",
            "windows",
            "publish",
            "uninstall",
            "migrat",
            "ide",
            "debug",
            "profil",
            "coverage",
            "android",
            "selenium",
        ]
        .iter()
        .any(|word| {
            let nearest = block.heading.to_lowercase();
            nearest.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word))
        });
        if !relevant {
            continue;
        }
        let place = source.quote(block.heading).unwrap_or_default().one_line(60);
        let base = base - if aside { 14 } else { 0 };
        draft.script(source, &place, &block.script, "", base);
    }
    if guide {
        for span in spans(source.text.as_str()) {
            draft.script(source, &SafeText::default(), span, "", base - SPAN);
        }
    }
}

struct Block<'a> {
    heading: &'a str,
    /// That one and those around it, without the document's title.
    path: String,
    script: String,
}

/// The headings that a line stands under, with their levels.
#[derive(Default)]
struct Headings<'a>(Vec<(usize, &'a str)>);

impl<'a> Headings<'a> {
    fn begin(&mut self, level: usize, heading: &'a str) {
        self.0.retain(|(other, _)| *other < level);
        self.0.push((level, heading));
    }

    fn nearest(&self) -> &'a str {
        self.0.last().map_or("", |(_, heading)| heading)
    }

    fn path(&self) -> String {
        let own = self.0.iter().filter(|(level, _)| *level > 1 || self.0.len() == 1);
        own.map(|(_, heading)| *heading).collect::<Vec<_>>().join(" / ")
    }
}

/// Shell blocks: fenced in Markdown, indented behind a `console` directive or
/// with `$` prompts in reStructuredText.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block> = Vec::new();
    let mut headings = Headings::default();
    let mut before = "";
    let mut fence: Option<(usize, bool)> = None;
    let mut script = String::new();
    let mut console = false;
    for line in text.lines().chain(["end"]) {
        let trimmed = line.trim();
        let marks = trimmed.bytes().take_while(|b| *b == b'`').count();
        if let Some((open, shell)) = fence {
            if marks >= open && trimmed.len() == marks {
                close(&mut found, &headings, &mut script, shell);
                fence = None;
            } else {
                script.push_str(trimmed);
                script.push('\n');
            }
            continue;
        }
        if marks >= 3 {
            script.clear();
            fence = Some((marks, is_shell(&trimmed[marks..])));
            continue;
        }
        if line.trim_start_matches(['#', '=']).starts_with(' ') && line.starts_with(['#', '=']) {
            let level = trimmed.bytes().take_while(|byte| matches!(byte, b'#' | b'=')).count();
            headings.begin(level, trimmed.trim_matches(['#', '=', ' ']));
        }
        let indented = line.starts_with("  ") || line.starts_with('\t');
        if indented && !trimmed.starts_with([':', '.']) {
            script.push_str(trimmed);
            script.push('\n');
        } else if !trimmed.is_empty() {
            close(&mut found, &headings, &mut script, console);
            let directive = trimmed.starts_with(".. ");
            console = match directive {
                true => {
                    trimmed.rsplit("::").next().is_some_and(|name| !name.trim().is_empty() && is_shell(name))
                        || trimmed == ".. console::"
                }
                // What is set off behind a colon, in Markdown by four spaces.
                false => trimmed.ends_with(':') || (console && indented),
            };
            if is_underline(trimmed, before) {
                let level = if trimmed.starts_with('=') { 1 } else { 2 };
                headings.begin(level, before.trim());
            }
            before = line;
        }
    }
    found
}

fn is_underline(line: &str, before: &str) -> bool {
    // Markdown takes three for a heading of any length.
    let is_markdown = line.chars().all(|c| c == '-') || line.chars().all(|c| c == '=');
    let long_enough = line.len() >= 3 && (is_markdown || line.len() + 3 > before.trim().len());
    long_enough && !before.trim().is_empty() && line.chars().all(|c| "=-~^\"'`*".contains(c))
}

fn is_shell(info: &str) -> bool {
    let info = info.trim().to_ascii_lowercase();
    let name = info.trim_start_matches(['{', '.']).split([' ', ',', '}', '{']).next().unwrap_or_default();
    matches!(
        name,
        "sh" | "bash"
            | "shell"
            | "zsh"
            | "console"
            | "shell-session"
            | "shellsession"
            | "terminal"
            | "text"
            | ""
    )
}

/// Takes over a finished block if it is one of commands.
fn close<'a>(found: &mut Vec<Block<'a>>, headings: &Headings<'a>, script: &mut String, shell: bool) {
    let script = std::mem::take(script);
    let prompted = script.lines().any(|line| prompt(line).is_some());
    if !script.is_empty() && (shell || prompted) {
        let (heading, path) = (headings.nearest(), headings.path());
        found.push(Block { heading, path, script: unprompted(&script) });
    }
}

/// Commands that a guide names within a sentence: code spans of two words or
/// more.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with("```"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|span| span.contains(' ') && span.len() < 100)
}

fn prompt(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("(venv) ").unwrap_or(line);
    if let Some(command) = line.strip_prefix("% ") {
        return Some(command);
    }
    // `$`, `...$`, `(.venv)$`, `ann@host:~/kit$`.
    let (before, command) = line.split_once("$ ")?;
    let is_prompt =
        before.len() < 40 && before.chars().all(|c| c.is_ascii_alphanumeric() || "()._-@:~/[]".contains(c));
    is_prompt.then_some(command)
}

/// In a session with prompts, the lines without one are output.
fn unprompted(script: &str) -> String {
    if !script.lines().any(|line| prompt(line).is_some()) {
        return script.to_string();
    }
    let mut kept = String::new();
    let mut goes_on = false;
    for line in script.lines() {
        if let Some(command) = prompt(line).or(goes_on.then_some(line)) {
            kept.push_str(command);
            kept.push('\n');
            goes_on = command.ends_with('\\');
        }
    }
    kept
}
