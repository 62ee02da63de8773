//! Dart and Flutter: pubspec.yaml.
//!
//! Not here: dependencies.

use super::source::SourceFiles;
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let is_main = |path: &str| path.matches('/').count() <= 2 && !path.contains("example/");
    let manifests = files.paths.iter().filter(|path| path.name() == "pubspec.yaml" && is_main(path.as_str()));
    for path in manifests.take(60) {
        let Some(source) = files.open(path.as_str()) else { continue };
        let manifest = source.yaml();
        let name = source.quote_value(&manifest["name"], MAX_NAME);
        let description = source.quote_value(&manifest["description"], MAX_LINE * 2);
        if path.parent().is_empty() {
            let version = source.quote_value(&manifest["version"], MAX_NAME);
            draft.identify(name.clone(), description.clone(), version, Default::default());
        }
        draft.part(Part {
            name,
            manifest: source.path.clone(),
            description: description.one_line(MAX_LINE),
            kind: PartKind::Package,
        });
    }
    let Some(root) = files.open("pubspec.yaml") else { return };
    let is_flutter = root.str().contains("sdk: flutter");
    let (setup, test, lint) = match is_flutter {
        true => ("flutter pub get", "flutter test", "flutter analyze"),
        false => ("dart pub get", "dart test", "dart analyze"),
    };
    draft.convention(Purpose::Setup, setup, &root.path);
    draft.convention(Purpose::Test, test, &root.path);
    if let Some(options) = files.find("analysis_options.yaml") {
        draft.convention(Purpose::Lint, lint, options);
    }
    if is_flutter {
        draft.convention(Purpose::Run, "flutter run", &root.path);
    }
    if let Some(main) = files.find("lib/main.dart").or_else(|| files.find("bin/main.dart")) {
        let name = draft.facts.name.clone();
        draft.entry_point(name, main, true);
    }
}
