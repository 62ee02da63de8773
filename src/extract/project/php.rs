//! PHP: composer.json and the tools whose settings stand beside it.
//!
//! Not here: autoload rules.

use super::source::{SourceFiles, entries};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose, named};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("composer.json") else {
        return;
    };
    let manifest = source.json();
    let name = source.quote_value(&manifest["name"], MAX_NAME);
    let description = source.quote_value(&manifest["description"], MAX_LINE * 2);
    draft.identify(
        name.clone(),
        description.clone(),
        source.quote_value(&manifest["version"], MAX_NAME),
        source.quote_value(&manifest["license"], MAX_NAME),
    );
    draft.part(Part {
        name,
        manifest: source.path.clone(),
        description: description.one_line(MAX_LINE),
        kind: PartKind::Package,
    });
    draft.convention(Purpose::Setup, "composer install", &source.path);
    for (script, _) in entries(&manifest["scripts"]).filter(|(_, recipe)| named::is_offered(recipe)) {
        draft.task(&source, "composer", script, choose::TASK);
    }
    for (config, purpose, line) in [
        ("phpunit.xml.dist", Purpose::Test, "vendor/bin/phpunit"),
        ("phpunit.xml", Purpose::Test, "vendor/bin/phpunit"),
        ("phpstan.neon.dist", Purpose::Lint, "vendor/bin/phpstan analyse"),
        ("phpstan.neon", Purpose::Lint, "vendor/bin/phpstan analyse"),
    ] {
        // A tool with its own composer project is not in `vendor/`.
        let elsewhere = !files.below("vendor-bin").is_empty() && purpose == Purpose::Lint;
        if let (Some(config), false) = (files.find(config), elsewhere) {
            draft.convention(purpose, line, config);
        }
    }
    for path in ["artisan", "bin/console", "public/index.php"] {
        if let Some(path) = files.find(path) {
            let name = draft.facts.name.clone();
            draft.entry_point(name, path, true);
        }
    }
    if let Some(artisan) = files.find("artisan") {
        draft.convention(Purpose::Run, "php artisan serve", artisan);
    }
}
