//! What a project says of itself: its name and purpose, its parts and entry
//! points, how to build, test, lint and run it, what each folder is for. From
//! manifests, task files, CI and documents, each fact with its source.
//!
//! A function of paths and redacted texts: nothing is run, opened or fetched,
//! and a manifest that does not parse says nothing. Every text in the result
//! is a part of a redacted text or a constant.
//!
//! Not here: symbols and imports (the outlines), and how facts are shown.

use crate::model::{
    Command, EntryPoint, Folder, Part, PartKind, ProjectFacts, Purpose, RelPath, SafeText, resolve_path,
};

mod cargo;
mod choose;
mod ci;
mod classify;
mod dart;
mod docs;
mod dotnet;
mod elixir;
mod entries;
mod example;
mod forbidden;
mod generated;
mod go;
mod haskell;
mod jvm;
#[cfg(test)]
mod kinds;
mod languages;
mod layout;
mod markup;
mod named;
mod native;
mod node;
mod one_test;
mod php;
mod prepare;
mod programs;
mod prose;
mod python;
mod ruby;
mod scala;
mod shell;
mod source;
mod swift;
mod tasks;
#[cfg(test)]
mod tests;
mod tools;

pub use named::{NamedTarget, missing_target};
pub use one_test::{TestFile, one_test};
use source::{SourceFiles, SourceText};

/// Characters of the README's first paragraph: four lines on a terminal.
const MAX_ABOUT: usize = 480;

/// Characters of a description or of a folder's purpose: one line.
const MAX_LINE: usize = 160;

/// Characters that a description and the README have in common when they say the same.
const SAME_BEGINNING: usize = 48;

/// Characters of a name.
const MAX_NAME: usize = 80;

/// Packages of a monorepo that are listed; vite has 60 with its playground.
const MAX_PARTS: usize = 80;

/// Programs and libraries to start reading at.
const MAX_ENTRY_POINTS: usize = 12;

/// Commands found before the search ends; django has 140, uv 330.
const MAX_CANDIDATES: usize = 2_000;

/// The facts of a tree. `paths` are all walked files, sorted; `made` are those
/// that are marked as generated; `text` gives the redacted text of a file. Never
/// fails.
pub fn facts(
    paths: &[&RelPath],
    made: &[&RelPath],
    text: &dyn Fn(&RelPath) -> Option<SafeText>,
) -> ProjectFacts {
    let files = SourceFiles { paths, text };
    let languages = languages::of(paths);
    let mut draft = FactsDraft {
        files: &files,
        facts: ProjectFacts::default(),
        candidates: Vec::new(),
        said: forbidden::NamedCommands::default(),
        one_test: None,
    };
    cargo::read(&files, &mut draft);
    python::read(&files, &mut draft);
    go::read(&files, &mut draft);
    jvm::read(&files, &mut draft);
    dotnet::read(&files, &mut draft);
    php::read(&files, &mut draft);
    ruby::read(&files, &mut draft);
    elixir::read(&files, &mut draft);
    swift::read(&files, &mut draft);
    scala::read(&files, &mut draft);
    dart::read(&files, &mut draft);
    haskell::read(&files, &mut draft);
    node::read(&files, &mut draft);
    native::read(&files, &mut draft);
    tasks::read(&files, &mut draft);
    ci::read(&files, &mut draft);
    prepare::read(&files, &mut draft);
    tools::read(&files, &mut draft);
    docs::read(&files, &mut draft);
    entries::read(&files, &mut draft);
    layout::read(&files, &mut draft);
    generated::read(&files, made, &mut draft);
    draft.finish(&languages)
}

/// Facts while they are being collected.
struct FactsDraft<'a> {
    files: &'a SourceFiles<'a>,
    facts: ProjectFacts,
    candidates: Vec<choose::CommandCandidate>,
    /// What the documents say of commands.
    said: forbidden::NamedCommands,
    /// How they say that one test is run, and where.
    one_test: Option<(SafeText, RelPath)>,
}

impl FactsDraft<'_> {
    /// The root manifest's account of the project; the first one wins.
    fn identify(&mut self, name: SafeText, description: SafeText, version: SafeText, licence: SafeText) {
        let facts = &mut self.facts;
        let fill = |slot: &mut SafeText, value: SafeText| {
            if slot.is_empty() {
                *slot = value;
            }
        };
        let same = facts.name.is_empty() || facts.name == name;
        fill(&mut facts.name, name);
        if same {
            fill(&mut facts.description, description);
            fill(&mut facts.version, version);
        }
        fill(&mut facts.licence, licence);
    }

    /// A folder with two manifests is one part: the first reader's.
    fn part(&mut self, part: Part) {
        let folder = part.manifest.parent();
        if !part.name.is_empty() && !self.facts.parts.iter().any(|p| p.manifest.parent() == folder) {
            self.facts.parts.push(part);
        }
    }

    fn entry_point(&mut self, name: SafeText, path: &RelPath, program: bool) {
        if !self.facts.entry_points.iter().any(|entry| entry.path == *path) {
            self.facts.entry_points.push(EntryPoint { name, path: path.clone(), program });
        }
    }

    /// A command that a manifest makes certain, though nobody wrote it down.
    fn convention(&mut self, purpose: Purpose, line: &'static str, source: &RelPath) {
        self.candidates.push(choose::CommandCandidate::new(
            purpose,
            SafeText::constant(line),
            source,
            SafeText::default(),
            choose::CONVENTION,
        ));
    }

    /// The commands of a script found in `source`, classified by what they
    /// run. `base` tells how much its kind of source is to be trusted.
    fn script(&mut self, source: &SourceText, place: &SafeText, script: &str, folder: &str, base: i32) {
        let is_folder = |path: &str| path.is_empty() || !self.files.below(path).is_empty();
        if self.candidates.len() > MAX_CANDIDATES {
            return;
        }
        for step in shell::steps(script, folder, &is_folder) {
            let Some(verdict) = classify::command(&step.line) else {
                continue;
            };
            let exists =
                |file: &String| resolve_path(&step.folder, file).is_some_and(|path| self.files.has(&path));
            let needed =
                |file: &&str| resolve_path(&step.folder, file).is_some_and(|path| self.files.has(&path));
            // A user's installation reads nothing of the project's.
            let works = verdict.needs.is_empty()
                || verdict.purpose == Purpose::Install
                || verdict.needs.iter().any(needed);
            // What tests start is not how the project is run.
            let is_of_tests = |file: &String| {
                verdict.purpose == Purpose::Run
                    && file.split('/').any(|part| matches!(part, "test" | "tests" | "e2e"))
            };
            let is_aside = verdict.file.as_ref().is_some_and(is_of_tests);
            // In a sentence it is the name of a tool, which is on nobody's path.
            let is_bare =
                source.path.name() != "package.json" && node::is_bare_program(self.files, &step.line);
            if !works || is_aside || is_bare || !verdict.file.as_ref().is_none_or(exists) {
                continue;
            }
            let line = match verdict.purpose {
                Purpose::Format => classify::applied(&step.line),
                // Nobody's browser is opened.
                _ => step.line.split(' ').filter(|word| *word != "--open").collect::<Vec<_>>().join(" "),
            };
            if named::is_harmful(&line) || !named::exists(self.files, &step.folder, &line, verdict.purpose) {
                continue;
            }
            let Some(line) = source.quote(&line) else {
                continue;
            };
            let Some(line) = in_folder(source, line, &step.folder) else {
                continue;
            };
            let away = match verdict.purpose {
                _ if step.folder.is_empty() => 0,
                Purpose::Setup => 14,
                _ => 6,
            };
            // `make $TARGET` is not `make`.
            if step.altered && !verdict.head.contains(' ') && verdict.family.is_empty() {
                continue;
            }
            let altered = if step.altered { 10 } else { 0 };
            self.candidates.push(choose::CommandCandidate {
                purpose: verdict.purpose,
                line,
                source: source.path.clone(),
                place: place.clone(),
                head: match verdict.file.and_then(|file| resolve_path(&step.folder, &file)) {
                    Some(file) => file,
                    None => format!("{}:{}", step.folder, verdict.head),
                },
                family: verdict.family,
                score: base - verdict.penalty - away - altered,
            });
        }
    }

    /// A named task of the project: `make test`, `npm run lint`.
    fn task(&mut self, source: &SourceText, runner: &'static str, name: &str, base: i32) {
        let Some(name) = source.quote(name) else {
            return;
        };
        let line = SafeText::join(&[SafeText::constant(runner), name.clone()], " ");
        let Some(verdict) = classify::command(line.as_str()) else {
            return;
        };
        let line = match source.path.parent() {
            "" => Some(line),
            folder => in_folder(source, line, folder),
        };
        if let Some(line) = line {
            self.candidates.push(choose::CommandCandidate {
                purpose: verdict.purpose,
                line,
                source: source.path.clone(),
                place: name,
                head: format!("{}:{}", source.path.parent(), verdict.head),
                family: verdict.family,
                score: base - verdict.penalty,
            });
        }
    }

    fn finish(mut self, languages: &[(SafeText, &'static str)]) -> ProjectFacts {
        let families: Vec<&str> = languages.iter().map(|(_, family)| *family).collect();
        let facts = &mut self.facts;
        let own: Vec<SafeText> =
            facts.parts.iter().map(|part| part.name.clone()).chain([facts.name.clone()]).collect();
        let said = std::mem::take(&mut self.said);
        let build_folder = native::meson_folder(self.files);
        let manager = node::own_manager(self.files);
        self.candidates.retain(|candidate| {
            let line = candidate.line.as_str();
            let is_own = match candidate.purpose {
                Purpose::Install => installs(line, &own),
                Purpose::Setup => !node::is_by_another_manager(line, manager),
                _ => true,
            };
            is_own && !said.forbids(line) && !native::is_elsewhere(line, build_folder.as_ref())
        });
        self.facts.commands = choose::commands(self.candidates, &families);
        let stated = self.one_test.take().filter(|(line, _)| !said.forbids(line.as_str()));
        let as_command =
            |(line, source)| Command { purpose: Purpose::OneTest, line, source, place: SafeText::default() };
        let filled = stated
            .as_ref()
            .and_then(|(line, source)| Some((example::filled(self.files, languages, line)?, source.clone())));
        let one = filled
            .map(as_command)
            .or_else(|| example::by_convention(self.files, &self.facts, languages))
            .or(stated.map(as_command));
        if let Some(one) = one {
            let at = self.facts.commands.partition_point(|command| command.purpose < Purpose::OneTest);
            self.facts.commands.insert(at, one);
        }
        for part in self.facts.parts.iter_mut().filter(|part| part.description == part.name) {
            part.description = SafeText::default();
        }
        without_samples(&mut self.facts.parts);
        blank_boilerplate(&mut self.facts.parts);
        let plain = |text: &SafeText| text.as_str().trim_end_matches('.').to_lowercase();
        if plain(&self.facts.about) == plain(&self.facts.description) {
            self.facts.about = SafeText::default();
        }
        // Where the README begins with the manifest's words, once is enough.
        let beginning: String = plain(&self.facts.description).chars().take(SAME_BEGINNING).collect();
        if beginning.chars().count() == SAME_BEGINNING && plain(&self.facts.about).starts_with(&beginning) {
            self.facts.description = SafeText::default();
        }
        self.facts.languages = languages.iter().map(|(name, _)| name.clone()).collect();
        self.facts.parts.sort_by(|a, b| a.manifest.cmp(&b.manifest));
        self.facts.parts.truncate(MAX_PARTS);
        entries::by_importance(&mut self.facts.entry_points, &self.facts.name, MAX_ENTRY_POINTS);
        self.facts
    }
}

/// A manifest among the tests is something that they read, unless all are.
fn without_samples(parts: &mut Vec<Part>) {
    let is_sample = |part: &Part| {
        let folder = part.manifest.parent();
        folder.contains('/')
            && folder.split('/').any(|name| matches!(name, "test" | "tests" | "testdata" | "fixtures"))
    };
    if !parts.iter().all(is_sample) {
        parts.retain(|part| !is_sample(part));
    }
}

/// `An internal crate of x` under thirty parts tells nothing of any.
fn blank_boilerplate(parts: &mut [Part]) {
    let all: Vec<SafeText> = parts.iter().map(|part| part.description.clone()).collect();
    for part in parts {
        if all.iter().filter(|text| **text == part.description).count() > 2 {
            part.description = SafeText::default();
        }
    }
}

/// Whether an installation is one of the project itself, not of a tool that
/// its developers need.
fn installs(line: &str, own: &[SafeText]) -> bool {
    line.split_whitespace().any(|word| {
        let word = word.trim_matches(['"', '\'']);
        let package = word.split(['[', '=', '<', '>', '~']).next().unwrap_or(word);
        let package = package.split_at(package.rfind('@').filter(|at| *at > 0).unwrap_or(package.len())).0;
        own.iter().map(SafeText::as_str).filter(|name| !name.is_empty()).any(|name| {
            let is_go_path = name.contains('.') && package.starts_with(name);
            package == "." || is_go_path || package.eq_ignore_ascii_case(name)
        })
    })
}

/// `cd folder && line`, for a folder whose name needs no quoting.
fn in_folder(source: &SourceText, line: SafeText, folder: &str) -> Option<SafeText> {
    if folder.is_empty() {
        return Some(line);
    }
    if !shell::is_plain_path(folder) {
        return None;
    }
    // A folder's name reaches every output as a path; it holds no more here.
    let path = SafeText::of_path(&source.path, source.path.as_str());
    let folder = SafeText::quoting(folder.to_string(), "", &[&source.text, &path]);
    let cd = SafeText::join(&[SafeText::constant("cd"), folder], " ");
    Some(SafeText::join(&[cd, line], " && "))
}
