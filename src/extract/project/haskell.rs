//! Haskell: the package description, Cabal and Stack.
//!
//! Not here: dependencies and flags.

use super::source::SourceFiles;
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let is_main = |path: &str| path.matches('/').count() <= 1;
    let packages = files.paths.iter().filter(|path| path.extension() == "cabal" && is_main(path.as_str()));
    for path in packages.take(60) {
        let Some(source) = files.open(path.as_str()) else { continue };
        let field = |name: &str| {
            let line = source.str().lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then_some(value.trim())
            });
            line.and_then(|value| source.quote(value)).unwrap_or_default()
        };
        let (name, synopsis) = (field("name"), field("synopsis"));
        if path.parent().is_empty() {
            let long = synopsis.one_line(MAX_LINE * 2);
            draft.identify(name.one_line(MAX_NAME), long, field("version"), field("license"));
        }
        draft.part(Part {
            name: name.one_line(MAX_NAME),
            manifest: source.path.clone(),
            description: synopsis.one_line(MAX_LINE),
            kind: PartKind::Package,
        });
    }
    // Where both stand, the package is Cabal's, and Stack one way to build it.
    let stack = files.find("stack.yaml");
    let cabal = files.find("cabal.project").or_else(|| {
        let mut packages = files.paths.iter().filter(|path| path.extension() == "cabal");
        packages.find(|path| path.parent().is_empty()).copied()
    });
    if let Some(manifest) = cabal {
        let many = files.has("cabal.project");
        draft.convention(Purpose::Build, if many { "cabal build all" } else { "cabal build" }, manifest);
        draft.convention(Purpose::Test, if many { "cabal test all" } else { "cabal test" }, manifest);
    }
    if let Some(manifest) = stack {
        draft.convention(Purpose::Build, "stack build", manifest);
        draft.convention(Purpose::Test, "stack test", manifest);
    }
}
