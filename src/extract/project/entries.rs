//! Where a project starts, where no manifest names a file: the file or folder
//! that is called like the project, C's `main`, the activity an Android phone
//! starts, Rails' routes, the sources of a Swift or PHP package. And which of
//! all that were found are told.
//!
//! Not here: programs and libraries that a manifest names.

use std::collections::BTreeSet;

use super::source::{SourceFiles, SourceText};
use super::{EntryPoint, FactsDraft, languages};
use crate::model::{RelPath, SafeText, resolve_path};

/// C files that are looked into for `main`.
const MAX_MAINS: usize = 40;

/// Folders of one library that are told.
const MAX_LIBRARIES: usize = 4;

/// Packages with a program of the same name, from which on it is not theirs.
const MANY_PACKAGES: usize = 3;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    c_programs(files, draft);
    android(files, draft);
    if let (Some(routes), true) = (files.find("config/routes.rb"), files.has("config/application.rb")) {
        draft.entry_point(SafeText::constant("routes"), routes, true);
    }
    zig(files, draft);
    deno(files, draft);
    swift(files, draft);
    dotnet(files, draft);
    go(files, draft);
    rules_of_bazel(files, draft);
    if draft.facts.entry_points.iter().all(|entry| is_aside(entry.path.as_str()))
        && languages::of(files.paths).iter().all(|(name, _)| name.as_str() == "Nix")
    {
        flake(files, draft);
    }
    let told = draft.facts.entry_points.iter().any(|entry| !is_aside(entry.path.as_str()));
    if !told || !draft.facts.entry_points.iter().any(|entry| is_named(&entry.name, &draft.facts.name)) {
        namesake(files, draft);
    }
    let all_aside =
        |draft: &FactsDraft| draft.facts.entry_points.iter().all(|entry| is_aside(entry.path.as_str()));
    if all_aside(draft) {
        source_folder(files, draft);
    }
    // Beside code they only tell how it is packed.
    for (path, name) in [("flake.nix", "flake"), ("lib.bzl", "lib")] {
        if let (Some(found), true) = (files.find(path), all_aside(draft)) {
            draft.entry_point(SafeText::constant(name), found, true);
        }
    }
}

/// What others take from a project of Nix alone.
fn flake(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(found) = files.find("flake.nix").or(files.find("default.nix")) {
        draft.entry_point(draft.facts.name.clone(), found, true);
    }
}

/// What a `rules_x` is loaded by: `x/defs.bzl`.
fn rules_of_bazel(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(module) = files.open("MODULE.bazel") else { return };
    let name = module.str().split_once("name = \"").and_then(|(_, rest)| rest.split('"').next());
    let Some(language) = name.and_then(|name| name.strip_prefix("rules_")) else { return };
    let paths = ["defs.bzl", "def.bzl"].map(|file| format!("{language}/{file}"));
    if let Some(found) = paths.iter().find_map(|path| files.find(path)) {
        draft.entry_point(module.quote(language).unwrap_or_default(), found, true);
    }
}

/// The most important first; samples and helpers only where there is nothing else.
pub(super) fn by_importance(entries: &mut Vec<EntryPoint>, name: &SafeText, most: usize) {
    if entries.iter().any(|entry| !is_aside(entry.path.as_str())) {
        entries.retain(|entry| !is_aside(entry.path.as_str()));
    }
    // A program that package after package brings tells of none of them; one that a
    // folder has for each system is one.
    let programs: BTreeSet<(SafeText, String)> = entries
        .iter()
        .filter(|entry| entry.program)
        .map(|entry| (entry.name.clone(), entry.path.parent().to_owned()))
        .collect();
    let is_common = |entry: &EntryPoint| {
        entry.program && programs.iter().filter(|(name, _)| *name == entry.name).count() >= MANY_PACKAGES
    };
    if !entries.iter().all(is_common) {
        entries.retain(|entry| !is_common(entry));
    }
    let key = |entry: &EntryPoint| {
        let depth = entry.path.as_str().matches('/').count();
        (!is_named(&entry.name, name), !entry.program, depth)
    };
    entries.sort_by(|a, b| key(a).cmp(&key(b)).then(a.path.cmp(&b.path)));
    // Beside what users run or what bears the project's name, the libraries that it
    // is made of are told as its parts.
    let leads = |entry: &EntryPoint| entry.program || is_named(&entry.name, name);
    if entries.iter().any(leads) {
        entries.retain(leads);
    }
    entries.truncate(most);
    entries.sort_by(|a, b| (!a.program, &a.path).cmp(&(!b.program, &b.path)));
}

/// Not what users of the project start.
fn is_aside(path: &str) -> bool {
    #[rustfmt::skip]
    const ASIDE: &[&str] = &[
        "bench", "benches", "benchmark", "benchmarks", "benchsuite", "example", "examples", "_examples", "sample", "samples", "demo",
        "demos", "playground", "playgrounds", "test", "tests", "testing", "testdata", "spec", "specs", "e2e", "interop", "fixtures",
        "doc", "docs", "website", "www", "site", "fuzz", "sandbox", "hack", "scripts", "tools", "vendor", "third_party", "templates", "contrib",
        "win32", "compat", "gnulib", "misc",
    ];
    path.to_ascii_lowercase().split('/').any(|part| ASIDE.contains(&part) || part.ends_with("-private"))
}

/// A name without the marks that spellings differ in.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `grpc` of `google/grpc`, what a name ends with: `json` of `nlohmann_json`, and
/// what a title begins with: `jsoup` of `jsoup Java HTML Parser`.
fn forms(name: &str) -> Vec<String> {
    let last = name.rsplit(['/', '_', '-', ' ']).next().unwrap_or(name);
    let first = name.split_once(' ').map_or("", |(first, _)| first);
    let mut forms: Vec<String> = [name, first, last].iter().map(|form| plain(form)).collect();
    forms.retain(|form| form.len() > 1 && !matches!(form.as_str(), "the" | "apache" | "simple" | "google"));
    forms.dedup();
    forms
}

fn is_named(name: &SafeText, project: &SafeText) -> bool {
    let own = name.as_str().rsplit('/').next().unwrap_or_default();
    forms(project.as_str()).contains(&plain(own))
}

/// C and C++ programs: a file called `main`, or like the project or its folder,
/// that declares it.
fn c_programs(files: &SourceFiles, draft: &mut FactsDraft) {
    let project = forms(draft.facts.name.as_str());
    let is_named_so = |path: &&&RelPath| {
        let folder = path.parent().rsplit('/').next().unwrap_or_default();
        let stem = plain(path.stem());
        let is_in_main = folder == "main";
        stem.starts_with("main")
            || stem == "server"
            || project.contains(&stem)
            || stem == plain(folder)
            || is_in_main
    };
    let is_c = |path: &&&RelPath| matches!(path.extension(), "c" | "cc" | "cpp" | "cxx");
    let near = |path: &&&RelPath| path.as_str().matches('/').count() <= 2 && !is_aside(path.as_str());
    let found = files.paths.iter().filter(is_c).filter(near).filter(is_named_so).take(MAX_MAINS);
    for path in found {
        // Redis' server has a quarter of a megabyte.
        let Some(text) = (files.text)(path) else { continue };
        if !declares_main(text.as_str()) {
            continue;
        }
        let folder = path.parent().rsplit('/').next().unwrap_or_default();
        let generic = matches!(folder, "" | "src" | "source" | "app");
        let name = if generic { draft.facts.name.clone() } else { SafeText::of_path(path, folder) };
        draft.entry_point(name, path, true);
    }
}

/// `int main(`, the type perhaps on the line before.
fn declares_main(text: &str) -> bool {
    let starts = |line: &str| {
        line.starts_with("int main(") || line.starts_with("int main (") || line.starts_with("main(")
    };
    text.lines().any(|line| starts(line.strip_prefix("extern \"C\" ").unwrap_or(line)))
}

/// The activity that a launcher starts, by the app's manifest.
fn android(files: &SourceFiles, draft: &mut FactsDraft) {
    let manifests = files.paths.iter().filter(|path| path.as_str().ends_with("src/main/AndroidManifest.xml"));
    for path in manifests.take(6) {
        let Some(source) = files.open(path.as_str()) else { continue };
        let text = source.str();
        let Some((before, _)) = text.split_once("android.intent.action.MAIN") else { continue };
        let activity = before.rsplit("<activity").next().unwrap_or_default();
        let name = activity.split_once("android:name=\"").and_then(|(_, rest)| rest.split('"').next());
        let class = name.and_then(|name| name.rsplit('.').next()).unwrap_or_default();
        let is_class = |path: &&&RelPath| path.stem() == class && matches!(path.extension(), "kt" | "java");
        if let (Some(file), Some(name)) = (files.paths.iter().find(is_class), source.quote(class)) {
            draft.entry_point(name, file, true);
        }
    }
}

/// The program and the library of a Zig package, by their usual files.
fn zig(files: &SourceFiles, draft: &mut FactsDraft) {
    if !files.has("build.zig") {
        return;
    }
    let name = draft.facts.name.clone();
    for (path, program) in [("src/main.zig", true), ("src/root.zig", false), ("src/lib.zig", false)] {
        if let Some(found) = files.find(path) {
            draft.entry_point(name.clone(), found, program);
        }
    }
}

/// What the root's or the members' `deno.json` exports.
fn deno(files: &SourceFiles, draft: &mut FactsDraft) {
    let manifests = files.paths.iter().filter(|path| matches!(path.name(), "deno.json" | "deno.jsonc"));
    let own = manifests.filter(|path| path.as_str().matches('/').count() <= 2 && !is_aside(path.as_str()));
    for source in own.take(MAX_MAINS).filter_map(|path| files.open(path.as_str())) {
        let manifest = source.json();
        let exported = match &manifest["exports"] {
            serde_json::Value::String(path) => Some(path.as_str()),
            exports => exports["."].as_str(),
        };
        let path = exported.and_then(|path| resolve_path(source.path.parent(), path));
        if let Some(found) = path.and_then(|path| files.find(&path)) {
            draft.entry_point(source.quote_value(&manifest["name"], super::MAX_NAME), found, false);
        }
    }
}

/// The targets of a package that others use.
fn swift(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("Package.swift") else { return };
    let text = source.clone();
    let libraries = text.str().split(".library(").skip(1);
    let names = libraries
        .filter_map(|rest| rest.split_once("name:")?.1.trim_start().strip_prefix('"')?.split('"').next());
    for name in names.take(MAX_LIBRARIES) {
        let folder = format!("Sources/{name}");
        let main = files.find(&format!("{folder}/{name}.swift")).cloned();
        let folder = RelPath::new(&folder).filter(|_| !files.below(&folder).is_empty());
        if let (Some(path), Some(name)) = (main.or(folder), source.quote(name)) {
            draft.entry_point(name, &path, false);
        }
    }
}

/// The folders of projects that are neither programs nor tests.
fn dotnet(files: &SourceFiles, draft: &mut FactsDraft) {
    let projects = files.paths.iter().filter(|path| matches!(path.extension(), "csproj" | "fsproj"));
    let is_own = |path: &&&RelPath| {
        let name = path.stem().to_lowercase();
        let words = ["test", "bench", "sample", "example", "build"];
        !path.parent().is_empty() && !is_aside(path.parent()) && !words.iter().any(|word| name.contains(word))
    };
    let mut found: Vec<&&RelPath> = projects.filter(is_own).collect();
    found.sort_by_key(|path| {
        (!forms(draft.facts.name.as_str()).contains(&plain(path.stem())), path.as_str().len())
    });
    for path in found.into_iter().take(MAX_LIBRARIES) {
        let is_library = |source: SourceText| source.xml_text("OutputType").as_deref() != Some("Exe");
        if !files.open(path.as_str()).is_some_and(is_library) {
            continue;
        }
        if let Some(folder) = RelPath::new(path.parent()) {
            draft.entry_point(SafeText::of_path(path, path.stem()), &folder, false);
        }
    }
}

/// The package at the root: its documentation, else the file that is called like it.
fn go(files: &SourceFiles, draft: &mut FactsDraft) {
    if !files.has("go.mod") {
        return;
    }
    let named = forms(draft.facts.name.as_str());
    let mut root: Vec<&RelPath> = files
        .directly_in("")
        .filter(|path| path.extension() == "go" && !path.stem().ends_with("_test"))
        .collect();
    root.sort_by_key(|path| (path.name() != "doc.go", !named.contains(&plain(path.stem()))));
    let Some(source) = root.first().and_then(|path| files.open(path.as_str())) else { return };
    if !source.str().lines().any(|line| line.trim() == "package main") {
        draft.entry_point(draft.facts.name.clone(), &source.path, false);
    }
}

/// The file that is called like the project, the nearest one; else the folder of
/// headers.
fn namesake(files: &SourceFiles, draft: &mut FactsDraft) {
    let name = draft.facts.name.clone();
    let forms = forms(name.as_str());
    let is_code = |path: &&&RelPath| languages::of_path(path).is_some_and(|(language, _)| language != "Nix");
    let own = |path: &&&RelPath| !is_aside(path.as_str()) && !path.as_str().starts_with('.');
    let headers = forms.iter().map(|form| format!("include/{form}"));
    let headers = headers.into_iter().find(|folder| !files.below(folder).is_empty());
    if let Some(folder) = headers.and_then(|folder| RelPath::new(&folder)) {
        return draft.entry_point(name, &folder, false);
    }
    let called =
        files.paths.iter().filter(is_code).filter(own).filter(|path| forms.contains(&plain(path.stem())));
    let depth = |path: &&&RelPath| (!path.is_below("include"), path.as_str().matches('/').count());
    if let Some(path) = called.min_by_key(|path| (depth(path), path.as_str().len())) {
        return draft.entry_point(name, path, false);
    }
    let scripts = forms.iter().flat_map(|form| [format!("bin/{form}"), form.clone()]);
    if let Some(script) = scripts.into_iter().find_map(|path| files.find(&path)) {
        draft.entry_point(name, script, true);
    }
}

/// The folder that the sources of a library have in common.
fn source_folder(files: &SourceFiles, draft: &mut FactsDraft) {
    let psr = files.open("composer.json").and_then(|source| autoloaded(&source));
    let roots = ["src/main/java", "src/main/kotlin", "src/commonMain/kotlin", "src/main/scala", "lib", "src"];
    let name = draft.facts.name.as_str().to_lowercase();
    // Of several modules the one that the others build on.
    let modules = ["core", name.as_str()].map(|module| format!("{module}/src/main/scala"));
    let java = || {
        let of_root = roots.iter().find_map(|root| common_folder(files, root));
        of_root.or_else(|| modules.iter().find_map(|root| common_folder(files, root)))
    };
    let folder = psr.filter(|folder| !files.below(folder).is_empty()).or_else(java);
    if let Some(folder) = folder.and_then(|folder| RelPath::new(&folder)) {
        draft.entry_point(draft.facts.name.clone(), &folder, false);
    }
}

fn autoloaded(source: &SourceText) -> Option<String> {
    let manifest = source.json();
    let folders = manifest["autoload"]["psr-4"].as_object()?.values().next()?;
    let folder = super::source::strings(folders).first().copied()?.trim_matches('/');
    (!folder.is_empty()).then(|| folder.to_string())
}

/// `src/main/java/org/apache/x`, as far as nothing branches off.
fn common_folder(files: &SourceFiles, root: &str) -> Option<String> {
    let mut folders =
        files.below(root).iter().filter(|path| languages::of_path(path).is_some()).map(|path| path.parent());
    let mut common = folders.next()?;
    for folder in folders {
        while !(folder == common || folder.starts_with(&format!("{common}/"))) {
            common = common.rsplit_once('/')?.0;
        }
    }
    Some(common.to_string())
}
