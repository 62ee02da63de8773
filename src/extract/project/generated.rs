//! What tools write into the tree, from which file and by which command, as
//! make rules, guides for contributors, `.gitattributes` and the files' own
//! heads say it.
//!
//! Not here: telling by a mark alone that a file is generated (`walk/classify`).

use super::super::globs::Files;
use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, named, shell};
use crate::model::{GeneratedFile, RelPath, SafeText, resolve_path};

mod guides;
mod rules;
mod scripts;

/// Entries that are kept. What is beyond was said of whole folders.
const MAX_ENTRIES: usize = 400;

/// Heads that are read: most generated files of a folder say the same.
const MAX_HEADS: usize = 60;
const HEADS_OF_FOLDER: usize = 3;

/// Lines of a head.
const HEAD: usize = 15;

/// What is written by hand, by the extension of what a generator makes of it
/// under the same name.
#[rustfmt::skip]
const ORIGINS: &[(&str, &[&str])] = &[
    ("c", &["l", "y", "pyx", "rl", "re", "gperf"]), ("h", &["l", "y", "gperf"]), ("cpp", &["ll", "yy", "pyx", "rl", "l", "y"]),
    ("cc", &["ll", "yy", "rl", "proto"]), ("hh", &["yy", "ll"]), ("rb", &["y", "rl"]), ("js", &["pegjs", "jison", "peggy"]),
    ("go", &["y", "proto", "rl"]), ("py", &["proto"]), ("pyi", &["proto"]), ("dart", &["dart"]),
];

/// Words with which a command begins that a document may name.
#[rustfmt::skip]
const RUNNERS: &[&str] = &[
    "make", "gmake", "cargo", "npm", "npx", "pnpm", "yarn", "bun", "deno", "node", "go", "python", "python3", "uv", "tox", "nox",
    "bundle", "rake", "ruby", "composer", "php", "mix", "just", "task", "gradle", "mvn", "dotnet", "buf", "protoc", "flex",
    "bison", "cmake", "pip-compile", "sh", "bash", "perl", "sbt", "dart", "swift", "bazel",
];

pub(super) fn read(files: &SourceFiles, made: &[&RelPath], draft: &mut FactsDraft) {
    let made: Vec<&RelPath> = made.iter().copied().filter(|path| !is_template(path)).collect();
    let made = made.as_slice();
    let mut found = Found { files, entries: Vec::new() };
    for guide in super::docs::guides(files) {
        guides::read(&guide, &mut found);
    }
    rules::read(&mut found);
    heads(made, &mut found);
    attributes(&mut found);
    scripts::read(made, &mut found);
    let mut entries = found.entries;
    entries.retain(|entry| !is_foreign(&entry.path));
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    draft.facts.generated = entries;
}

/// It says of what is made from it that it is not edited.
fn is_template(path: &RelPath) -> bool {
    let extension = path.extension().to_ascii_lowercase();
    matches!(
        extension.as_str(),
        "j2" | "jinja" | "jinja2" | "in" | "tmpl" | "tpl" | "mustache" | "hbs" | "ejs"
    )
}

/// In a copy of another project, whose tools are its own.
fn is_foreign(path: &RelPath) -> bool {
    let foreign = ["deps", "vendor", "third_party", "third-party", "thirdparty", "external", "subprojects"];
    path.parent().split('/').any(|part| foreign.contains(&part))
}

/// What was found so far; of each path what was said first.
struct Found<'a> {
    files: &'a SourceFiles<'a>,
    entries: Vec<GeneratedFile>,
}

impl<'a> Found<'a> {
    fn add(&mut self, path: &str, origin: Option<RelPath>, command: SafeText, source: &RelPath) {
        let Some(path) = RelPath::new(path) else { return };
        let origin = origin.filter(|origin| *origin != path && !origin.is_below(path.as_str()));
        if let Some(known) = self.entries.iter_mut().find(|known| known.path == path) {
            known.origin = known.origin.take().or(origin);
            if known.command.is_empty() {
                known.command = command;
            }
        } else if self.entries.len() < MAX_ENTRIES {
            self.entries.push(GeneratedFile { path, origin, command, source: source.clone() });
        }
    }

    /// The file or folder of this name: as it stands, or below `folder`.
    fn resolve(&self, folder: &str, name: &str) -> Option<RelPath> {
        let name = name.trim_end_matches(['*', '/']).trim_start_matches("./");
        let is_there = |path: &String| !path.is_empty() && (self.files.has(path) || self.is_folder(path));
        let near = resolve_path(folder, name).filter(is_there);
        let path = near.or_else(|| resolve_path("", name).filter(is_there))?;
        RelPath::new(&path)
    }

    fn is_folder(&self, path: &str) -> bool {
        !self.files.below(path).is_empty()
    }

    /// The only file whose path ends with this one.
    fn only(&self, name: &str) -> Option<RelPath> {
        let tail = format!("/{}", name.trim_start_matches("./"));
        let mut ending = self.files.paths.iter().filter(|path| path.as_str().ends_with(&tail));
        ending.next().filter(|_| ending.next().is_none()).map(|path| (*path).clone())
    }
}

/// A command as a document spells it, if it is one and does no harm.
fn command(text: &str) -> Option<&str> {
    let text = text.trim().trim_start_matches("$ ").trim_end_matches(['.', ',', ';', ':']);
    let first = text.split_whitespace().next()?;
    let is_tool = RUNNERS.contains(&first) && (text.contains(' ') || first == "make");
    let is_one = is_tool || first.starts_with("./") || is_script(first);
    (is_one && text.len() <= 120 && !named::is_harmful(text)).then_some(text)
}

fn is_script(word: &str) -> bool {
    let extension = word.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "sh" | "py" | "rb" | "js" | "mjs" | "ts" | "pl" | "awk") && !word.contains('(')
}

/// What generated files say of where they come from, and files of the same name.
fn heads(made: &[&RelPath], found: &mut Found) {
    let mut folder = ("", 0);
    let mut read = 0;
    for path in made {
        folder = if folder.0 == path.parent() { (folder.0, folder.1 + 1) } else { (path.parent(), 1) };
        if let Some(origin) = beside(found.files, path) {
            found.add(path.as_str(), Some(origin.clone()), SafeText::default(), path);
        }
        if folder.1 <= HEADS_OF_FOLDER && read < MAX_HEADS {
            read += 1;
            head(path, found);
        }
    }
}

/// The file of the same name that such a file is made from.
fn beside<'a>(files: &SourceFiles<'a>, path: &RelPath) -> Option<&'a RelPath> {
    let (_, origins) = ORIGINS.iter().find(|(made, _)| *made == path.extension())?;
    let stem = path.stem();
    let ends = ["_pb2_grpc", "_pb2", "_grpc.pb", ".pb", ".g", ".freezed", ".tab", "-lexer", "-parser"];
    let stem = ends.iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let candidates = origins.iter().map(|origin| resolve_path(path.parent(), &format!("{stem}.{origin}")));
    candidates.flatten().find_map(|candidate| files.find(&candidate)).filter(|origin| *origin != path)
}

fn head(path: &RelPath, found: &mut Found) {
    let Some(text) = (found.files.text)(path) else { return };
    let text = SourceText { path: path.clone(), text };
    let comments = text.str().lines().take(HEAD).map(str::trim).filter(|line| line.starts_with(COMMENT));
    let lines: Vec<&str> = comments.map(|line| line.trim_start_matches(COMMENT)).collect();
    let mut origin = None;
    let mut said = SafeText::default();
    for (at, line) in lines.iter().enumerate() {
        let lower = line.to_ascii_lowercase();
        let behind = |mark: &str| lower.find(mark).and_then(|at| line.get(at + mark.len()..));
        let named =
            ["generated from ", "source: ", " from "].iter().find_map(|mark| behind(mark)).map(first_word);
        origin = origin.or_else(|| {
            named.and_then(|name| found.resolve(path.parent(), name).or_else(|| found.only(name)))
        });
        let next = lines[at + 1..].iter().find(|line| !line.is_empty()).copied().unwrap_or_default();
        let by = ["generated by ", "produced by ", "created by ", "please run ", " run ", "run "];
        let tool = by
            .iter()
            .find_map(|mark| behind(mark))
            .map(|rest| if rest.trim().is_empty() { next } else { rest });
        let tool = if lower.trim_end().ends_with("following command:") { Some(next) } else { tool };
        if let (true, Some(line)) = (said.is_empty(), tool.and_then(quoted_command)) {
            said = text.quote(line).unwrap_or_default();
        }
    }
    if origin.is_some() || !said.is_empty() {
        found.add(path.as_str(), origin, said, path);
    }
}

/// What stands before the words of a comment.
const COMMENT: [char; 10] = ['/', '*', '#', '!', '-', ' ', '\t', ';', '%', '<'];

fn first_word(rest: &str) -> &str {
    let word = rest.split_whitespace().next().unwrap_or_default();
    word.trim_matches(['`', '"', '\'', ',', ';', ')', '(', '.'])
}

/// `x y` in backticks, else the words up to the end of the sentence.
fn quoted_command(rest: &str) -> Option<&str> {
    let rest = rest.trim();
    let quoted = rest.strip_prefix(['`', '"', '\'']).and_then(|rest| rest.split(['`', '"', '\'']).next());
    let sentence = || rest.split([',', ';']).next().and_then(|rest| rest.split(". ").next()).unwrap_or(rest);
    command(quoted.unwrap_or_else(|| before_prose(sentence())).trim_end_matches("*/"))
}

/// The words up to the first that goes on about the command, as in `protoc with
/// version 3`.
fn before_prose(text: &str) -> &str {
    let ends = [" with ", " using ", " from ", " on ", " at ", " and ", " version "];
    let end = ends.iter().filter_map(|word| text.find(word)).min();
    &text[..end.unwrap_or(text.len())]
}

/// What hosts are told to fold away in a difference.
fn attributes(found: &mut Found) {
    let Some(source) = found.files.open(".gitattributes") else { return };
    let lines = source.str().lines().filter(|line| marks_generated(line));
    let patterns = Files::named_by(lines.filter_map(|line| line.split_whitespace().next()));
    for path in found.files.paths {
        if patterns.contains(path.as_str()) {
            let origin = beside(found.files, path).cloned();
            found.add(path.as_str(), origin, SafeText::default(), &source.path);
        }
    }
}

fn marks_generated(line: &str) -> bool {
    line.split_whitespace()
        .skip(1)
        .any(|word| matches!(word, "linguist-generated" | "linguist-generated=true" | "gitlab-generated"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts_with;

    /// What is said of generated files, as `path < origin: command (source)`.
    fn check(files: &[(&str, &str)], made: &[&str], expected: &[&str]) {
        let facts = facts_with(files, made);
        let told = facts.generated.iter().map(|file| {
            let origin = file.origin.as_ref().map(|origin| format!(" < {origin}")).unwrap_or_default();
            format!("{}{origin}: {} ({})", file.path, file.command, file.source)
        });
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_make_rule_that_writes_a_tracked_file_tells_its_source() {
        let make = "ONE=single/kit.hpp\nall: $(ONE)\n\tcc x\n\namalgamate: $(ONE)\n\n$(ONE): include/kit.hpp\n\t./amalgamate -o x\n";
        check(
            &[("Makefile", make), ("include/kit.hpp", ""), ("single/kit.hpp", "")],
            &[],
            &["single/kit.hpp < include/kit.hpp: make amalgamate (Makefile)"],
        );
        check(
            &[
                ("Makefile.am", "a.c: a.l\n\tflex -o $@ $<\na.h: a.c\n"),
                ("a.l", ""),
                ("a.c", ""),
                ("a.h", ""),
            ],
            &["a.c", "a.h"],
            &["a.c < a.l: make a.c (Makefile.am)", "a.h < a.l:  (a.h)"],
        );
    }

    #[test]
    fn rules_that_make_nothing_make_no_copy() {
        check(
            &[("Makefile", ".PHONY: run\nrun: a.c\n\t./a\na.o: a.c\n\tcc a.c\n"), ("run", ""), ("a.c", "")],
            &[],
            &[],
        );
        check(&[("Makefile", "a.c: a.h\n\ttouch $@\n"), ("a.h", ""), ("a.c", "")], &[], &[]);
    }

    #[test]
    fn a_guide_says_what_to_edit_instead_and_what_to_run() {
        let files = |text| [("CONTRIBUTING.md", text), ("include/kit/a.hpp", ""), ("single/kit.hpp", "")];
        for text in [
            "The file `single/kit.hpp` is generated from the sources in `include/kit`. Run `make one` afterwards.",
            "Do not edit [`single/kit.hpp`](https://x.org/single) directly, but change `include/kit/` and execute `make one`.",
            "Never edit `single/kit.hpp` by hand: edit `include/kit/*` instead, then run `make one`.",
        ] {
            check(&files(text), &[], &["single/kit.hpp < include/kit: make one (CONTRIBUTING.md)"]);
        }
    }

    #[test]
    fn other_sentences_of_a_guide_make_no_copy() {
        for text in [
            "Edit `src/a.c` and run `make test`.",
            "Do not edit more than needed. `src/a.c` holds the parser.",
            "Do not commit generated files. See `src/a.c`.",
            "`src/a.c` generates the tables.",
        ] {
            check(&[("CONTRIBUTING.md", text), ("src/a.c", "")], &[], &[]);
        }
    }

    #[test]
    fn a_head_names_its_source_and_its_command() {
        let check_head = |head: &str, expected: &str| {
            check(&[("src/a.rs", head), ("gen/a.txt", ""), ("gen/make.py", "")], &["src/a.rs"], &[expected]);
        };
        check_head(
            "//! Generated by `cargo xtask codegen`, do not edit by hand.",
            "src/a.rs: cargo xtask codegen (src/a.rs)",
        );
        check_head(
            "// Code generated by x. DO NOT EDIT.\n// source: gen/a.txt",
            "src/a.rs < gen/a.txt:  (src/a.rs)",
        );
        check_head(
            "/* This file is generated from gen/a.txt by gen/make.py */",
            "src/a.rs < gen/a.txt:  (src/a.rs)",
        );
        check_head(
            "# This file was generated by the following command:\n#   sh gen.sh 1 2",
            "src/a.rs: sh gen.sh 1 2 (src/a.rs)",
        );
        check_head(
            "#\n# This file is autogenerated by pip-compile with Python 3.11\n# by the following command:\n#\n#    pip-compile --quiet pyproject.toml\n#",
            "src/a.rs: pip-compile --quiet pyproject.toml (src/a.rs)",
        );
        check_head(
            "/* This file is generated by gen/make.py. Do not edit! */\nimport a from './gen/a.txt';",
            "src/a.rs: gen/make.py (src/a.rs)",
        );
        check_head("// generated by `npm publish`\n// source: a.txt", "src/a.rs < gen/a.txt:  (src/a.rs)");
    }

    #[test]
    fn a_script_that_generates_and_names_a_file_is_its_command() {
        let script = "root = join(top, 'src')\nheader = join(top, 'extras', 'kit_all.hpp')\n# 'docs' are left out, 'x'\n";
        let files = [
            ("tools/generateKit.py", script),
            ("tools/test_kit.py", script),
            ("src/a.hpp", ""),
            ("extras/kit_all.hpp", ""),
            ("extras/other.hpp", ""),
        ];
        check(
            &files,
            &["extras/kit_all.hpp", "extras/other.hpp"],
            &["extras/kit_all.hpp < src: tools/generateKit.py (tools/generateKit.py)"],
        );
    }

    #[test]
    fn attributes_mark_what_hosts_fold_away() {
        let attributes = "src/lexer.[ch] linguist-generated=true\n*.snap -linguist-generated\n*.txt text\n";
        check(
            &[
                (".gitattributes", attributes),
                ("src/lexer.l", ""),
                ("src/lexer.c", ""),
                ("a.snap", ""),
                ("a.txt", ""),
            ],
            &[],
            &["src/lexer.c < src/lexer.l:  (.gitattributes)"],
        );
    }
}
