//! Who may import whom, which crate is used where, and the marks of the style,
//! read from the source text. `ARCHITECTURE.md` gives the reasons.
//!
//! Tests inside the modules are exempt: what follows `#[cfg(test)]` is cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules of the crate and what each may import besides itself and the
/// leaves. Data flows down.
const IMPORTS: &[(&str, &[&str])] = &[
    // Nouns and leaves.
    ("exhaustion", &[]),
    ("fs", &[]),
    ("io_errors", &[]),
    ("limits", &[]),
    ("model", &[]),
    ("rank_terms", &[]),
    ("search_terms", &[]),
    ("steering", &[]),
    ("visible", &[]),
    // Settings and places.
    ("config", &[]),
    ("project", &[]),
    // Stages: they do not know each other.
    ("git", &[]),
    ("walk", &[]),
    ("redact", &[]),
    ("extract", &[]),
    // Extraction in processes that can be stopped.
    ("parsers", &["extract"]),
    ("rank", &[]),
    ("meaning", &[]),
    ("compare", &[]),
    ("render", &[]),
    // What is kept. Records are repository text, and their files are written.
    ("memory", &["redact"]),
    // The index of the records.
    ("store", &["project", "memory"]),
    ("trust", &[]),
    // The rules of sessions.
    ("sessions", &[]),
    // The files of coding agents.
    ("setup", &[]),
    // What a command works on, and the one writer of records.
    ("context", &["config", "project", "git", "redact", "parsers", "render"]),
    ("records", &["project", "walk", "redact", "meaning", "memory", "store", "context"]),
    // What composes them.
    (
        "pipeline",
        &[
            "config", "project", "git", "walk", "redact", "extract", "parsers", "rank", "compare", "render",
            "memory", "store", "context", "records",
        ],
    ),
    ("backup", &["project", "redact", "render", "memory", "store"]),
    ("search", &["redact", "meaning", "render", "memory", "store", "pipeline", "records"]),
    ("watch", &["pipeline"]),
    // What it does for whoever asks: composes all of them.
    (
        "app",
        &[
            "config", "project", "git", "walk", "redact", "parsers", "meaning", "compare", "render",
            "memory", "store", "trust", "sessions", "pipeline", "backup", "records", "search", "watch",
            "setup",
        ],
    ),
    // A front end knows what it asks, and nouns.
    ("surroundings", &["app"]),
    ("library", &["app", "surroundings"]),
    ("cli", &["app", "surroundings"]),
    ("mcp", &["app"]),
    ("main", &["exhaustion", "parsers", "cli", "mcp"]),
];

/// What everybody may import.
const LEAVES: &[&str] =
    &["fs", "io_errors", "limits", "model", "rank_terms", "search_terms", "steering", "visible"];

/// Stages: pure but for the files that they read.
const STAGES: &[&str] = &["git", "walk", "redact", "extract", "rank", "meaning", "compare", "render"];

/// Crates that belong to one place, so that they can be exchanged there.
const CRATES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store/"]),
    ("rustls", &["store/postgres/"]),
    ("tokio", &["store/postgres/"]),
    ("tokio_postgres", &["store/postgres/"]),
    ("tokio_postgres_rustls", &["store/postgres/"]),
    ("postcard", &["store/", "parsers/frame.rs"]),
    ("notify", &["watch/"]),
    ("signal_hook", &["watch/", "exhaustion.rs", "sessions/child.rs"]),
    ("tree_sitter", &["extract/"]),
    ("streaming_iterator", &["extract/query.rs"]),
    ("libloading", &["extract/user.rs"]),
    ("roxmltree", &["extract/"]),
    ("saphyr_parser", &["extract/", "setup/yaml.rs"]),
    ("jsonc_parser", &["setup/json.rs"]),
    ("diffy", &["compare/unified.rs"]),
    ("toml_edit", &["config/", "setup/toml.rs"]),
    ("ignore", &["extract/globs.rs"]),
    ("minijinja", &["render/"]),
    ("tiktoken_rs", &["render/tokens.rs"]),
    (
        "rustix",
        &[
            "fs/",
            "cli/out.rs",
            "exhaustion.rs",
            "extract/query.rs",
            "mcp/lifetime.rs",
            "parsers/worker.rs",
            "sessions/child.rs",
            "watch/",
            "backup/",
        ],
    ),
    ("tar", &["backup/"]),
    ("zstd", &["store/", "backup/"]),
    ("regex", &["redact/", "sessions/lines.rs", "sessions/matching.rs"]),
    ("aho_corasick", &["redact/"]),
    ("rust_stemmers", &["rank_terms.rs"]),
    ("foldhash", &["rank_terms.rs"]),
    ("unicode_normalization", &["search_terms.rs"]),
    ("chardetng", &["walk/encoding.rs"]),
    ("encoding_rs", &["walk/encoding.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("anstream", &["cli/out.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    ("etcetera", &["surroundings.rs"]),
    ("jiff", &["surroundings.rs"]),
    ("anyhow", &["watch/"]),
];

/// A source file: its path below `src`, and its code without tests, comments
/// and the contents of strings.
struct File {
    path: String,
    text: String,
    code: String,
}

impl File {
    /// The top module that it belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().map_or("", |part| part.trim_end_matches(".rs"))
    }

    /// Whether `super` means the crate here.
    fn is_module_root(&self) -> bool {
        !self.path.contains('/') || self.path.matches('/').count() == 1 && self.path.ends_with("/mod.rs")
    }
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false => paths.push(entry),
            }
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    let mut tests = BTreeSet::new();
    for path in &paths {
        let text = fs::read_to_string(path).expect("a source file");
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]") {
            if let Some(name) = pair[1].trim().strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                let folder = match path.ends_with("mod.rs") {
                    true => path.parent().expect("a folder").to_path_buf(),
                    false => path.with_extension(""),
                };
                tests.insert(folder.join(format!("{name}.rs")));
            }
        }
    }
    let paths = paths.into_iter().filter(|path| !tests.contains(path));
    let read = paths.map(|path| {
        let text = fs::read_to_string(&path).expect("a source file");
        let path = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let code = code(&text);
        File { path, text, code }
    });
    read.collect()
}

/// Without comments, contents of strings, and items behind `#[cfg(test)]`.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let indent = &line[..line.len() - line.trim_start().len()];
            // The item ends where its indentation closes, or on its own line.
            let mut item = lines.by_ref().skip_while(|line| line.trim_start().starts_with("#["));
            let first = item.next().unwrap_or_default();
            if !first.trim_end().ends_with([';', '}']) {
                let closing = format!("{indent}}}");
                let _ = item.find(|line| line.starts_with(&closing));
            }
            continue;
        }
        out.push_str(&without_strings_and_comments(line));
        out.push('\n');
    }
    out
}

fn without_strings_and_comments(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => _ = chars.next(),
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            // A quote as a character is no string.
            '\'' if !in_string && chars.peek() == Some(&'"') => _ = chars.next(),
            '/' if !in_string && chars.peek() == Some(&'/') => break,
            _ if in_string => {}
            _ => out.push(c),
        }
    }
    out
}

/// Every name that follows `prefix::`, groups included.
fn named_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let pattern = format!("{prefix}::");
    for (at, _) in code.match_indices(&pattern) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
            continue;
        }
        let rest = &code[at + pattern.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => _ = found.insert(head(rest)),
        }
    }
    found
}

/// The first name of each member of a `{...}` group.
fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut heads = Vec::new();
    let mut start = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                heads.push(head(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Reports all findings at once, one a line.
#[track_caller]
fn none(findings: Vec<String>, rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n{}", findings.join("\n"));
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.iter().copied().collect();
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.module() != "lib") {
        let module = file.module();
        let Some(below) = allowed.get(module) else {
            findings.push(format!("src/{}: the module `{module}` is not in the table", file.path));
            continue;
        };
        let prefix = if module == "main" { "waypost" } else { "crate" };
        let mut used = named_after(&file.code, prefix);
        if file.is_module_root() {
            used.extend(named_after(&file.code, "super"));
        }
        for name in used.iter().map(String::as_str).filter(|name| allowed.contains_key(name)) {
            if name != module && !LEAVES.contains(&name) && !below.contains(&name) {
                findings.push(format!("src/{}: `{module}` imports `{name}`", file.path));
            }
        }
    }
    none(findings, "data flows down; add no way up");
}

#[test]
fn the_modules_stand_in_the_order_in_which_data_flows() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    let order: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let place = |name: &str| order.iter().position(|known| *known == name);
    for (module, below) in IMPORTS.iter().filter(|(module, _)| *module != "main") {
        let own = place(module).unwrap_or_else(|| panic!("lib.rs declares no `{module}`"));
        for name in *below {
            assert!(place(name).is_some_and(|other| other < own), "lib.rs: `{name}` comes after `{module}`");
        }
    }
    assert_eq!(order.len(), IMPORTS.len() - 1, "every module is in the table");
}

#[test]
fn one_crate_has_one_place() {
    let mut findings = Vec::new();
    for file in files() {
        for (name, places) in CRATES {
            let used =
                !named_after(&file.code, name).is_empty() || file.code.contains(&format!("use {name};"));
            if used && !places.iter().any(|place| file.path.starts_with(place)) {
                findings.push(format!("src/{}: `{name}` belongs to {places:?}", file.path));
            }
        }
    }
    none(findings, "an external crate is used in one place");
}

#[test]
fn every_dependency_is_used() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let names = section.expect("dependencies").lines().filter_map(|line| line.split_once(" = "));
    let names = names.map(|(name, _)| name.trim().replace('-', "_"));
    let files = files();
    // `serde` is used by its derives alone.
    let used = |name: &str| {
        files
            .iter()
            .any(|file| file.code.contains(&format!("{name}::")) || file.code.contains(&format!("{name};")))
    };
    // Grammars are used by the folder that names them.
    let grammars = grammar_crates();
    let unused = names.filter(|name| !used(name) && !grammars.contains(name));
    none(unused.collect(), "in Cargo.toml, and nowhere in src or grammars");
}

fn grammar_crates() -> BTreeSet<String> {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars")).expect("grammars");
    let manifests = folders
        .filter_map(|entry| fs::read_to_string(entry.expect("an entry").path().join("language.toml")).ok());
    let names = manifests.filter_map(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("grammar = \"")).map(str::to_string);
        line.map(|line| line.trim_end_matches('"').replace('-', "_"))
    });
    names.collect()
}

#[test]
fn stages_know_no_clock_no_environment_and_print_nothing() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| STAGES.contains(&file.module())) {
        for word in [
            "SystemTime::now",
            "Timestamp::now",
            "env::var",
            "env::current_dir",
            "env::args",
            "stdout()",
            "stderr()",
        ] {
            if file.code.contains(word) {
                findings.push(format!("src/{}: {word}", file.path));
            }
        }
    }
    none(findings, "a stage gives the same for the same input");
}

/// What prints by a macro is clippy's to find (`Cargo.toml`).
#[test]
fn only_the_command_line_writes_to_the_terminal() {
    // A worker's streams are its pipes, and who has no memory left cannot go the
    // usual way.
    let writers = ["cli/out.rs", "exhaustion.rs", "parsers/worker.rs"];
    let files = files();
    let files = files.iter().filter(|file| !writers.contains(&file.path.as_str()));
    let found = files.filter(|file| file.code.contains("io::stdout()") || file.code.contains("io::stderr()"));
    none(found.map(|file| format!("src/{}", file.path)).collect(), "all printing is in cli/out.rs");
}

/// Several projects and several users fit into one process: what surrounds a
/// call comes with it.
#[test]
fn the_application_layer_asks_no_process() {
    let words =
        ["env::var", "env::current", "env::args", "stdin()", "SystemTime::now", "Timestamp::now", "exit("];
    let files = files();
    let files = files.iter().filter(|file| file.module() == "app");
    let found = files.flat_map(|file| {
        let words = words.iter().filter(|word| file.code.contains(**word));
        words.map(move |word| format!("src/{}: {word}", file.path))
    });
    none(found.collect(), "the host of a call says where, when and for whom");
}

/// A report is a type of `app`, so that all front ends say the same.
#[test]
fn a_front_end_builds_no_report() {
    let files = files();
    let files = files.iter().filter(|file| file.module() == "cli");
    let built = files.filter(|file| file.code.contains("json!") || file.code.contains("serde_json::Value"));
    none(
        built.map(|file| format!("src/{}", file.path)).collect(),
        "the JSON of a command is a report of `app`",
    );
}

#[test]
fn files_of_one_folder_do_not_know_each_other_in_a_circle() {
    let files = files();
    let mut folders: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.contains('/')) {
        let path = file.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if let Some((folder, name)) = path.rsplit_once('/') {
            let mut used = named_after(&file.code, "super");
            used.extend(named_after(&file.code, &format!("crate::{}", folder.replace('/', "::"))));
            folders.entry(folder.to_string()).or_default().insert(name.to_string(), used);
        }
    }
    let mut findings = Vec::new();
    for (folder, uses) in &folders {
        for circle in circles(uses) {
            findings.push(format!("src/{folder}: {}", circle.join(" -> ")));
        }
    }
    none(findings, "of two files one knows the other");
}

/// The groups of names that reach each other, sorted.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = uses.get(from).into_iter().flatten().collect();
        while let Some(name) = next.pop() {
            if uses.contains_key(name) && name != from && seen.insert(name.clone()) {
                next.extend(&uses[name]);
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = uses.keys().map(|name| (name, reached(name))).collect();
    let group = |name: &String| {
        let back = reach[name].iter().filter(|other| reach[other].contains(name)).cloned();
        let mut group: Vec<String> = back.chain([name.clone()]).collect();
        group.sort();
        group
    };
    uses.keys().map(group).filter(|group| group.len() > 1).collect()
}

/// [`SafeText`](waypost::model::SafeText) means "has been redacted". Who makes
/// one out of nothing breaks that: redaction does, and one door of the store
/// for what went through it before.
#[test]
fn only_redaction_and_the_store_make_safe_text() {
    let doors = [
        ("SafeText::from_redacted", &["redact/mod.rs", "store/sql.rs"][..]),
        ("SafeText::of_path", &["extract/project/"]),
    ];
    let files = files();
    let found = files.iter().filter(|file| file.path != "model/text.rs").flat_map(|file| {
        let strange =
            |(_, places): &&(&str, &[&str])| !places.iter().any(|place| file.path.starts_with(place));
        let used = doors.iter().filter(strange).filter(|(door, _)| file.code.contains(door));
        used.map(|(door, _)| format!("src/{}: {door}", file.path))
    });
    none(found.collect(), "a text is redacted, or taken from one that was");
}

/// Whatever else makes one out of nothing would stand in its own file.
#[test]
fn safe_text_is_made_by_what_is_named_here() {
    let files = files();
    let text = files.iter().find(|file| file.path == "model/text.rs").expect("the file of SafeText");
    let made = text
        .code
        .split("fn ")
        .skip(1)
        .filter(|item| item.contains("-> SafeText") || item.contains("-> Self"));
    let made: Vec<String> = made.map(head).collect();
    let known = [
        // The doors.
        "from_redacted",
        // Of one that is there.
        "slice",
        "one_line",
        "part",
        "parts",
        "reduced",
        "reduced_from",
        "reduced_json",
        "followed_by",
        "indented",
        // Of several, of constants, of what is no text.
        "constant",
        "join",
        "quoting",
        "of_path",
        "number",
        "kept",
    ];
    let strange = made.iter().filter(|name| !known.contains(&name.as_str()));
    none(strange.cloned().collect(), "say how its text is known to be redacted");
    assert_eq!(made.len(), known.len(), "{made:?}");
}

#[test]
fn only_publishing_backups_and_the_store_write_files() {
    let writers = [
        "fs/atomic.rs",
        "backup/",
        // An export goes where the user says.
        "app/transfer.rs",
        "store/",
        "watch/lock.rs",
        // A scratch repository, to ask git what a merge will be.
        "git/merge.rs",
    ];
    let mut findings = Vec::new();
    for file in files() {
        for word in [
            "fs::write(",
            "File::create(",
            "fs::rename(",
            "fs::remove_",
            "create_dir",
            "OpenOptions",
            ".persist(",
        ] {
            if file.code.contains(word) && !writers.iter().any(|place| file.path.starts_with(place)) {
                findings.push(format!("src/{}: {word}", file.path));
            }
        }
    }
    none(findings, "writing is fs::atomic's, backup's and the store's");
}

/// A record that is saved without the lock, or from what was read before it was
/// taken, undoes what somebody else changed.
#[test]
fn only_the_writer_of_records_changes_their_files() {
    let words = ["memory::save(", "memory::save_new(", "memory::remove("];
    let files = files();
    let files = files.iter().filter(|file| file.path != "records/writer.rs");
    let found = files.flat_map(|file| {
        let words = words.iter().filter(|word| file.code.contains(**word));
        words.map(move |word| format!("src/{}: {word}", file.path))
    });
    none(found.collect(), "records::change gives a writer that holds the lock");
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let files = files();
    let bare = files.iter().filter(|file| !file.text.starts_with("//! "));
    none(bare.map(|file| format!("src/{}", file.path)).collect(), "the first line is a //! comment");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let empty =
        ["util", "utils", "helper", "helpers", "manager", "service", "common", "misc", "base", "core"];
    let files = files();
    let named =
        files.iter().filter(|file| file.path.split(['/', '.', '_']).any(|part| empty.contains(&part)));
    none(named.map(|file| format!("src/{}", file.path)).collect(), "name it after what it knows");
}

#[test]
fn a_circle_is_seen_through_a_third_file() {
    let uses = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<_>>();
    let files = [("a", uses(&["b"])), ("b", uses(&["c", "x"])), ("c", uses(&["a"])), ("d", uses(&["a"]))];
    let files = files.into_iter().map(|(name, uses)| (name.to_string(), uses)).collect();
    assert_eq!(circles(&files), BTreeSet::from([["a", "b", "c"].map(str::to_string).to_vec()]));
}

/// The rules above read text; these lines hold the reader.
#[test]
fn the_reader_sees_code_and_not_what_looks_like_it() {
    let text = "//! crate::cli\nuse crate::{model::A, git, walk::{B, C}};\nlet s = \"crate::store\"; // crate::watch\n\
                #[cfg(test)]\nmod tests {\n    use crate::cli;\n}\nfn f() { crate::rank::x() }\n";
    let found = named_after(&code(text), "crate");
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["git", "model", "rank", "walk"]);
}

/// An item's lines, by rustfmt's rule that what closes it stands as far in as
/// what opens it.
fn lines_of(lines: &[&str], first: usize) -> usize {
    let indent = lines[first].len() - lines[first].trim_start().len();
    let closes = |line: &str| {
        line.len() - line.trim_start().len() == indent && (line.ends_with('}') || line.ends_with(';'))
    };
    lines[first..].iter().position(|line| closes(line)).map_or(1, |last| last + 1)
}

/// What stands before an item's own keyword.
fn without_modifiers(line: &str) -> &str {
    let mut rest = line.trim_start();
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest
}

/// Wider than a reader keeps in mind, and not yet taken apart.
const WIDE: &[&str] = &["PageInput", "Reading", "Record", "Recorded", "SnapshotOutcome", "Watch"];

/// Settings, flags, and views that a file or a report is made of.
const VIEWS: &[&str] =
    &["FieldArguments", "Fields", "Front", "LanguageManifest", "Report", "ResumeReport", "Taken", "View"];

#[test]
fn functions_are_short_and_structs_are_narrow() {
    let (mut lengths, mut findings) = (Vec::new(), Vec::new());
    for file in files().iter().filter(|file| !file.path.ends_with("tests.rs")) {
        let text = file.text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let item = without_modifiers(line);
            if item.starts_with("fn ") {
                let length = lines_of(&lines, at);
                lengths.push(length);
                if length > 80 {
                    findings.push(format!("src/{}:{}: {length} lines", file.path, at + 1));
                }
            }
            let Some(name) = item.strip_prefix("struct ").filter(|_| line.ends_with('{')) else { continue };
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let body = &lines[at + 1..at + lines_of(&lines, at)];
            let is_field = |line: &&&str| {
                let field = without_modifiers(line);
                field
                    .split_once(": ")
                    .is_some_and(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
            };
            let fields = body.iter().filter(is_field).count();
            if fields > 12 && !WIDE.contains(&name) && !VIEWS.contains(&name) {
                findings.push(format!("src/{}:{}: {name} has {fields} fields", file.path, at + 1));
            }
        }
    }
    lengths.sort_unstable();
    let (half, most) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    if half > 9 || most > 26 {
        findings.push(format!("half of the functions have up to {half} lines, nine of ten up to {most}"));
    }
    none(findings, "functions p50 <= 9, p90 <= 26, none over 80 lines; structs up to 12 fields");
}

#[test]
fn what_is_public_says_what_it_is() {
    let (mut documented, mut all) = (0, 0);
    for file in files().iter().filter(|file| !file.path.ends_with("tests.rs")) {
        let text = file.text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_public = line.trim_start().starts_with("pub ");
            let item = without_modifiers(line);
            let kinds = ["fn ", "struct ", "enum ", "trait ", "type ", "static "];
            if !is_public || !(kinds.iter().any(|kind| item.starts_with(kind)) || line.contains("pub const "))
            {
                continue;
            }
            let above = lines[..at].iter().rev().map(|line| line.trim_start());
            let mut above = above.skip_while(|line| line.starts_with("#[") || line.ends_with(")]"));
            all += 1;
            documented += usize::from(above.next().is_some_and(|line| line.starts_with("///")));
        }
    }
    assert!(documented * 100 >= all * 85, "{documented} of {all} public items have a doc comment");
}
