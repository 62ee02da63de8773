//! Whether what a text says about the repository is there: paths, lines,
//! declarations, commands, links. Silent about what cannot be known.
//!
//! Not here: reading claims off a text (`claims`).

mod blocks;
mod claims;
mod examples;
mod names;
mod options;
mod paths;

use std::ops::Range;

use super::answer::TextCache;
use super::sources::is_safe;
use super::{Context, Reading, Result};
use crate::extract::project;
use crate::model::{RelPath, SafeText};
use blocks::Markup;
use claims::{ClaimKind, PathPart, TextClaim};
use names::KnownNames;
use paths::{PathVerdict, Paths};

/// Claims of one text that are judged.
const MOST_CLAIMS: usize = 20_000;

/// Something that a text names and that is not there.
#[derive(Clone, Debug)]
pub struct FalseClaim {
    /// In the text, from 1.
    pub line: u32,
    pub kind: FalseKind,
    /// As the text says it.
    pub said: SafeText,
    /// What is wrong with it, in words.
    pub why: SafeText,
    /// The nearest that there is.
    pub nearest: Option<SafeText>,
    /// The path that stands in place of it since git renamed it, seen from where the
    /// text sees it, and the bytes of the text that it takes the place of.
    pub renamed: Option<(Range<usize>, String)>,
}

/// What kind of thing is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FalseKind {
    Path,
    Line,
    Symbol,
    Command,
    Link,
    Url,
}

impl FalseKind {
    /// The kind in a word, as reports show it.
    pub fn name(self) -> &'static str {
        match self {
            FalseKind::Path => "path",
            FalseKind::Line => "line",
            FalseKind::Symbol => "symbol",
            FalseKind::Command => "command",
            FalseKind::Link => "link",
            FalseKind::Url => "url",
        }
    }
}

/// A text that is checked.
pub struct CheckedText<'a> {
    /// As it is.
    pub text: &'a str,
    /// The same, redacted.
    pub safe: &'a SafeText,
    /// Where it lies in the project, if it does: its links start there, and what it
    /// says of itself proves nothing.
    pub path: Option<&'a RelPath>,
}

/// What a text names that is not there.
pub fn check_text(context: &Context, reading: &Reading, checked: &CheckedText) -> Result<Vec<FalseClaim>> {
    let (mut found, own) = claims::claims(checked.text, markup(checked.path));
    found.truncate(MOST_CLAIMS);
    let folder = checked.path.map(RelPath::parent).unwrap_or_default();
    let texts = TextCache::new(context, &reading.tree)?;
    let judge = Judge {
        paths: Paths::new(context, reading, folder),
        names: KnownNames::of(reading, checked.path, &found, &own),
        reading,
        texts: &texts,
        folder,
        text: checked.text,
        // What redaction changed cannot be quoted.
        safe: (checked.safe.as_str() == checked.text).then_some(checked.safe),
        path: checked.path,
        context,
    };
    let mut told: Vec<FalseClaim> = found.iter().filter_map(|claim| judge.judge(claim)).collect();
    told.dedup_by(|a, b| a.renamed.is_none() && (a.line, &a.said, a.kind) == (b.line, &b.said, b.kind));
    Ok(told)
}

/// How a text is written, by its name.
fn markup(path: Option<&RelPath>) -> Markup {
    match path.is_some_and(|path| matches!(path.extension(), "rst" | "rest")) {
        true => Markup::Restructured,
        false => Markup::Markdown,
    }
}

struct Judge<'a> {
    context: &'a Context,
    reading: &'a Reading,
    texts: &'a TextCache<'a>,
    paths: Paths<'a>,
    names: KnownNames<'a>,
    folder: &'a str,
    text: &'a str,
    safe: Option<&'a SafeText>,
    path: Option<&'a RelPath>,
}

impl Judge<'_> {
    fn judge(&self, claim: &TextClaim) -> Option<FalseClaim> {
        let is_link = matches!(claim.kind, ClaimKind::Link(_) | ClaimKind::Url(_));
        if !is_link && self.path.is_some_and(examples::is_of_other_times) {
            return None;
        }
        match &claim.kind {
            ClaimKind::Path { path, part, in_code } => match self.paths.judge(path, *in_code) {
                PathVerdict::There(file) => self.part(claim, &file?, part),
                PathVerdict::Missing => {
                    self.missing(claim, FalseKind::Path, path, "there is no such file or folder")
                }
                PathVerdict::Unknown => None,
            },
            ClaimKind::Link(target) => {
                let path = self.paths.missing_link(target)?;
                self.missing(claim, FalseKind::Link, &path, "the link leads to nothing")
            }
            ClaimKind::Url(url) => {
                let path = self.paths.missing_url(url)?;
                self.missing(claim, FalseKind::Url, &path, "the repository has no such file")
            }
            ClaimKind::Name { name, is_call } => {
                let nearest = self.names.missing(name, *is_call)?;
                if examples::is_gone(self.text, claim.at.clone()) {
                    return None;
                }
                Some(self.claim(claim, FalseKind::Symbol, "nothing is declared by that name", nearest))
            }
            ClaimKind::Command { line, folder } => {
                let found = self.missing_command(line, folder).or_else(|| self.missing_option(line))?;
                Some(self.claim(claim, FalseKind::Command, found, None))
            }
        }
    }

    fn missing(
        &self,
        claim: &TextClaim,
        kind: FalseKind,
        path: &str,
        why: &'static str,
    ) -> Option<FalseClaim> {
        let renamed = self.paths.renamed(path);
        let is_example = || {
            examples::is_example(self.text, claim.at.clone())
                || examples::is_gone(self.text, claim.at.clone())
        };
        // An example is meant as one unless the file is there by another name.
        if renamed.is_none() && kind == FalseKind::Path && !self.paths.has_namesake(path) && is_example() {
            return None;
        }
        let nearest = renamed.clone().or_else(|| self.paths.nearest(path));
        let nearest = nearest.map(|path| self.context.redactor.name(path.as_str()));
        let why = if renamed.is_some() { "it was renamed" } else { why };
        let to = |to: RelPath| match kind {
            FalseKind::Link => relative(self.folder, to.as_str()),
            _ => to.to_string(),
        };
        let mended = renamed.filter(|_| kind != FalseKind::Url).map(|path| (claim.at.clone(), to(path)));
        let told = self.claim(claim, kind, why, nearest);
        Some(FalseClaim { renamed: mended, ..told })
    }

    fn claim(
        &self,
        claim: &TextClaim,
        kind: FalseKind,
        why: &'static str,
        nearest: Option<SafeText>,
    ) -> FalseClaim {
        let said = self.safe.map(|safe| safe.slice(claim.at.clone()));
        let said = said.unwrap_or_else(|| SafeText::constant("(redacted)")).one_line(120);
        FalseClaim { line: claim.line, kind, said, why: SafeText::constant(why), nearest, renamed: None }
    }

    /// A claim with the line or the name behind its path.
    fn whole(&self, claim: &TextClaim) -> TextClaim {
        let rest = &self.text[claim.at.end..];
        let is_end = |c: char| c.is_whitespace() || "`)]\"',;".contains(c);
        let end = claim.at.end + rest.find(is_end).unwrap_or(rest.len());
        TextClaim { at: claim.at.start..end, ..claim.clone() }
    }

    /// A line or a declaration in a file that is there.
    fn part(&self, claim: &TextClaim, file: &RelPath, part: &PathPart) -> Option<FalseClaim> {
        let at = self.reading.tree.index_of(file)?;
        let content = self.reading.tree.files[at as usize].content();
        match part {
            PathPart::Whole => None,
            PathPart::Line(line) => {
                let lines = self.texts.of(at)?.as_str().lines().count() as u32;
                let has = [
                    SafeText::constant("the file has"),
                    SafeText::number(lines),
                    SafeText::constant("lines"),
                ];
                let told = FalseClaim {
                    why: SafeText::join(&has, " "),
                    ..self.claim(&self.whole(claim), FalseKind::Line, "", None)
                };
                (*line > lines).then_some(told)
            }
            PathPart::Symbol(name) => {
                let outline = &content.outline;
                let whole = |at: usize| outline.qualified_name(at);
                let last = name.rsplit('.').next().unwrap_or(name);
                let is_there = (0..outline.symbols.len())
                    .any(|at| outline.symbols[at].name.as_str() == last || whole(at).as_str() == name);
                let is_known = outline.symbols.is_empty() || outline.has_error || is_there;
                let mentions = || outline.references.iter().any(|(known, _)| known.as_str() == last);
                if is_known || mentions() {
                    return None;
                }
                let nearest = names::nearest_in(outline, last);
                Some(self.claim(
                    &self.whole(claim),
                    FalseKind::Symbol,
                    "the file declares nothing by that name",
                    nearest,
                ))
            }
        }
    }

    /// What a command names that is not there. Commands of other programs, and in
    /// folders that are not here, say nothing.
    fn missing_command(&self, line: &str, folder: &str) -> Option<&'static str> {
        // The project that the text tells how to make has scripts of its own.
        let in_new =
            ["npm ", "yarn ", "pnpm ", "bun ", "cargo "].iter().any(|program| line.starts_with(program));
        if in_new && MAKES_PROJECT.iter().any(|command| self.text.contains(command)) {
            return None;
        }
        let paths: Vec<&RelPath> = self.reading.tree.files.iter().map(|file| &file.facts.path).collect();
        let text = |path: &RelPath| self.texts.at(path);
        let below = |base: &str| match (base, folder) {
            (base, "") => Some(base.to_string()),
            (base, folder) => crate::model::resolve_path(base, folder),
        };
        let tried: Vec<String> = ["", self.folder].into_iter().filter_map(below).collect();
        let is_folder = |folder: &String| folder.is_empty() || self.paths.is_folder(folder);
        let mut tried = tried.iter().filter(|folder| is_folder(folder)).peekable();
        tried.peek()?;
        let mut missing = None;
        for folder in tried {
            match project::missing_target(&paths, &text, folder, line) {
                project::NamedTarget::There | project::NamedTarget::Unknown => return None,
                project::NamedTarget::Missing(what) => missing = Some(what),
            }
        }
        missing
    }
}

/// Why an option of the project's own program is told.
const NO_OPTION: &str = "the program has no such option";

impl Judge<'_> {
    /// An option that the text gives to a program of the project, and that is spelled nowhere.
    fn missing_option(&self, line: &str) -> Option<&'static str> {
        if !line.contains(" --") || line.contains(['<', '$', '{', '[', '*', '\\', '"', '\'']) {
            return None;
        }
        let entries = &self.reading.facts(self.context).ok()?.entry_points;
        let programs: Vec<SafeText> =
            entries.iter().filter(|entry| entry.program).map(|entry| entry.name.clone()).collect();
        let text = |at: u32| self.texts.of(at);
        options::missing_option(self.reading, &programs, (line, self.path), &text).map(|_| NO_OPTION)
    }
}

/// Commands that make another project.
const MAKES_PROJECT: [&str; 9] = [
    "npm init",
    "npm create",
    "npx create-",
    "yarn create",
    "pnpm create",
    "bun create",
    "create-react-app",
    "cargo new",
    "cargo init",
];

/// A path as a link from a file in `folder` spells it.
fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// Whether a text may be shown as the name of a file.
fn is_shown(context: &Context, path: &RelPath) -> bool {
    is_safe(&context.redactor, path)
}
