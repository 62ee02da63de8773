//! Languages of the user's own: folders like those in `grammars/`, with a
//! compiled parser beside the queries. Such a parser runs as this program, so
//! it is taken from the user's settings and from nowhere else.
//!
//! Not here: where that folder is. The caller must never name one that came
//! with a repository.

use std::fs;
use std::path::Path;

use libloading::{Library, Symbol};
use tree_sitter::{LANGUAGE_VERSION, MIN_COMPATIBLE_LANGUAGE_VERSION};

use super::language::{GrammarError, Language, add_languages_of_user, compiled_in, embedded_text};
use super::language::{query_text, read_manifest};
use super::manifest::LanguageManifest;

/// Takes in every language in `folder`, one a folder; says of each that is not
/// in order why it is left out, and of each that a process which runs already has
/// in another form. To be called before any other function here.
pub fn read_user_grammars(grammars: &Path) -> Vec<GrammarError> {
    let Ok(entries) = fs::read_dir(grammars) else { return Vec::new() };
    let mut folders: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|folder| folder.join("language.toml").is_file());
    folders.sort();
    let mut languages = Vec::new();
    let mut errors = Vec::new();
    for folder in folders {
        match language(&folder) {
            Ok(language) => languages.push(language),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(add_languages_of_user(languages).into_iter().map(|name| GrammarError {
        place: grammars.join(name).display().to_string(),
        why: "it is not the one that this process began with\nhint: end it and start it again".to_string(),
    }));
    errors
}

fn language(folder: &Path) -> Result<Language, GrammarError> {
    let place = folder.join("language.toml");
    let wrong = |place: &Path, why: String| GrammarError { place: place.display().to_string(), why };
    let text = fs::read_to_string(&place).map_err(|error| wrong(&place, error.to_string()))?;
    let manifest = read_manifest(&place.display().to_string(), &text)?;
    let name = manifest.name.clone();
    if folder.file_name() != Some(name.as_ref()) {
        return Err(wrong(&place, format!("`name` is `{name}`, which is not the folder's")));
    }
    let mut hash = blake3::Hasher::new();
    hash.update(text.as_bytes());
    let grammar = match (&manifest.library, &manifest.embedded) {
        (Some(library), _) => {
            let path = folder.join(library);
            let code = fs::read(&path).map_err(|error| wrong(&path, error.to_string()))?;
            hash.update(&code);
            Some(load(&path, &manifest).map_err(|why| wrong(&path, why))?)
        }
        (None, Some(_)) => None,
        (None, None) => Some(compiled_in(&name).ok_or_else(|| {
            wrong(&place, format!("waypost has no parser for `{name}`: name one with `library`"))
        })?),
    };
    let file = |path: &str| match path.split_once('/') {
        Some((own, name)) if own == manifest.name => fs::read_to_string(folder.join(name)).ok(),
        _ => embedded_text(path).map(str::to_string),
    };
    let queries = query_text(&manifest, &file);
    hash.update(queries.as_bytes());
    Language::of_user(manifest, queries, grammar, hash.finalize()).map_err(|why| wrong(folder, why))
}

/// The parser in a library, which stays loaded for good.
fn load(path: &Path, manifest: &LanguageManifest) -> Result<tree_sitter::Language, String> {
    refuse_shared(path)?;
    let default = || format!("tree_sitter_{}", manifest.name.replace('-', "_"));
    let function = manifest.function.clone().unwrap_or_else(default);
    // SAFETY: loading runs the library's code. It lies in the user's settings,
    // where only the user can have put it.
    let library = unsafe { Library::new(path) }.map_err(|error| error.to_string())?;
    // SAFETY: the function has this type in every library that tree-sitter
    // generates; of another one nothing is known.
    let language = unsafe {
        let make: Symbol<'_, unsafe extern "C" fn() -> *const tree_sitter::ffi::TSLanguage> =
            library.get(function.as_bytes()).map_err(|_| format!("it has no function `{function}`"))?;
        tree_sitter::Language::from_raw(make())
    };
    // The parser's tables live in it.
    std::mem::forget(library);
    let version = language.abi_version();
    match (MIN_COMPATIBLE_LANGUAGE_VERSION..=LANGUAGE_VERSION).contains(&version) {
        true => Ok(language),
        false => Err(format!(
            "its version is {version}, and waypost reads {MIN_COMPATIBLE_LANGUAGE_VERSION} to {LANGUAGE_VERSION}\nhint: generate it with a newer tree-sitter"
        )),
    }
}

/// Refuses what others can write, since it may not be the user's.
fn refuse_shared(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let folder = path.parent().unwrap_or(path);
    for place in [folder, path] {
        let mode = fs::metadata(place).map_err(|error| error.to_string())?.mode();
        if mode & 0o022 != 0 {
            return Err(format!("others can write `{0}`\nhint: `chmod go-w {0}`", place.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &str) {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("toy");
        fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let outcome = match language(&folder) {
            Ok(language) => language.name().to_string(),
            Err(error) => error.to_string(),
        };
        let outcome = outcome.replace(&place.path().display().to_string(), "~");
        assert!(outcome.contains(expected), "{outcome}");
    }

    const HEAD: &str = "name = \"toy\"\ntier = 2\nseparator = \".\"\nextensions = [\"toy\"]\n";

    #[test]
    fn what_is_wrong_with_a_folder_is_said() {
        check(&[("language.toml", "name = 1")], "grammar `~/toy/language.toml`");
        check(&[("language.toml", &HEAD.replace("toy\"\n", "boy\"\n"))], "one of `grammar`");
        check(&[("language.toml", &format!("{HEAD}colour = 1"))], "unknown field `colour`");
        check(&[("language.toml", &format!("{HEAD}grammar = \"x\""))], "no parser for `toy`");
        check(&[("language.toml", &format!("{HEAD}library = \"p.so\""))], "`~/toy/p.so`: No such file");
        let library = format!("{HEAD}library = \"p.so\"");
        check(&[("language.toml", &library), ("p.so", "no library")], "`~/toy/p.so`: ");
    }

    #[test]
    fn a_folder_may_change_the_queries_of_a_language_of_ours() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("rust");
        fs::create_dir(&folder).unwrap();
        let manifest = "name = \"rust\"\ntier = 1\ngrammar = \"tree-sitter-rust\"\nseparator = \"::\"\n";
        fs::write(folder.join("language.toml"), manifest).unwrap();
        fs::write(folder.join("tags.scm"), "(function_item name: (_) @name) @definition.function").unwrap();
        assert!(language(&folder).is_ok_and(|language| language.is_of_user()));
        fs::write(folder.join("tags.scm"), "(no_such_node) @name").unwrap();
        assert!(language(&folder).is_err());
    }

    #[test]
    fn a_language_that_came_while_the_process_runs_is_told_and_not_piled_up() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("latecomer");
        fs::create_dir(&folder).unwrap();
        let manifest = "name = \"latecomer\"\ntier = 2\nseparator = \".\"\nextensions = [\"late\"]\n\
                        [embedded]\nstrategy = \"script-elements\"\nlanguage = \"javascript\"\n";
        fs::write(folder.join("language.toml"), manifest).unwrap();
        assert!(super::super::language::language_named("latecomer").is_none());
        let errors: Vec<String> =
            read_user_grammars(place.path()).iter().map(|error| error.to_string()).collect();
        assert!(
            errors.len() == 1 && errors[0].contains("not the one that this process began with"),
            "{errors:?}"
        );
        assert!(super::super::language::language_named("latecomer").is_none());
    }
}
