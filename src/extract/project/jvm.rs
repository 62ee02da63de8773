//! Maven and Gradle, by simple text: the root's name, modules, wrappers.
//!
//! Not here: dependencies, profiles and build logic.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose};
use crate::model::SafeText;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    maven(files, draft);
    gradle(files, draft);
    for path in files.paths.iter().filter(|path| is_application(path.as_str())).take(6) {
        let Some(text) = (files.text)(path) else {
            continue;
        };
        if text.as_str().contains("static void main(") || text.as_str().contains("fun main(") {
            let name = text.map(|_| path.stem().to_string());
            draft.entry_point(name, path, true);
        }
    }
}

fn is_application(path: &str) -> bool {
    path.contains("src/main/")
        && ["Application.java", "Main.java", "App.java", "Application.kt", "Main.kt"]
            .iter()
            .any(|name| path.ends_with(name))
}

fn maven(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(root) = files.open("pom.xml") else {
        return;
    };
    let name = element(&root, "name").filter(|name| !name.as_str().contains("${"));
    let name = name.or_else(|| element(&root, "artifactId")).unwrap_or_default();
    let field = |name| element(&root, name).unwrap_or_default();
    draft.identify(name, field("description"), field("version"), licence(&root));
    for path in
        files.paths.iter().filter(|path| path.name() == "pom.xml" && !path.as_str().contains("src/")).take(80)
    {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        draft.part(Part {
            name: element(&source, "artifactId").unwrap_or_default(),
            manifest: source.path.clone(),
            description: element(&source, "description").unwrap_or_default().one_line(MAX_LINE),
            kind: PartKind::Package,
        });
    }
    let wrapped = files.has("mvnw");
    let (build, test) = if wrapped { ("./mvnw package", "./mvnw test") } else { ("mvn package", "mvn test") };
    draft.convention(Purpose::Build, build, &root.path);
    draft.convention(Purpose::Test, test, &root.path);
    // What a bare `mvn` does, where the project says so.
    let goal = root.str().split_once("<defaultGoal>").and_then(|(_, rest)| rest.split('<').next());
    if goal.is_some_and(|goal| ["verify", "test", "install"].iter().any(|phase| goal.contains(phase))) {
        let line = SafeText::constant(if wrapped { "./mvnw" } else { "mvn" });
        let place = SafeText::constant("defaultGoal");
        draft.candidates.push(choose::CommandCandidate::new(
            Purpose::Test,
            line,
            &root.path,
            place,
            choose::TASK,
        ));
    }
    if root.str().contains("spring-boot-maven-plugin") {
        let run = if wrapped { "./mvnw spring-boot:run" } else { "mvn spring-boot:run" };
        draft.convention(Purpose::Run, run, &root.path);
    }
}

/// The text of an element directly below `<project>`.
fn element(source: &SourceText, name: &str) -> Option<SafeText> {
    let text = source.str();
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut at = text.find("<project")?;
    loop {
        let start = at + text[at..].find(&open)?;
        let end = start + text[start..].find(&close)?;
        // Parent, dependencies and plugins have names and versions of their own.
        let inside = [
            "parent",
            "dependencies",
            "build",
            "licenses",
            "dependencyManagement",
            "developers",
            "organization",
            "profiles",
            "modules",
        ]
        .iter()
        .any(|outer| {
            text[..start].matches(&format!("<{outer}>")).count()
                > text[..start].matches(&format!("</{outer}>")).count()
        });
        if !inside {
            let value = source.quote(text[start + open.len()..end].trim())?;
            return Some(value.one_line(MAX_LINE));
        }
        at = end;
    }
}

fn licence(source: &SourceText) -> SafeText {
    let text = source.str();
    let name = text.find("<licenses>").and_then(|at| {
        let rest = &text[at..];
        let start = rest.find("<name>")? + 6;
        let end = start + rest[start..].find("</name>")?;
        source.quote(rest[start..end].trim())
    });
    name.unwrap_or_default().one_line(MAX_NAME)
}

fn gradle(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(root) =
        files.open_first(&["build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle"])
    else {
        return;
    };
    if let Some(settings) = files.open_first(&["settings.gradle.kts", "settings.gradle"]) {
        let name = settings.str().lines().find_map(|line| line.trim().strip_prefix("rootProject.name"));
        let name = name.and_then(|rest| settings.quote(rest.trim_matches([' ', '=', '"', '\'', ';'])));
        draft.identify(
            name.unwrap_or_default(),
            SafeText::default(),
            SafeText::default(),
            SafeText::default(),
        );
        included(files, &settings, draft);
    }
    let wrapped = files.has("gradlew");
    let (build, test) =
        if wrapped { ("./gradlew build", "./gradlew test") } else { ("gradle build", "gradle test") };
    draft.convention(Purpose::Build, build, &root.path);
    draft.convention(Purpose::Test, test, &root.path);
    if root.str().contains("org.springframework.boot") {
        draft.convention(
            Purpose::Run,
            if wrapped { "./gradlew bootRun" } else { "gradle bootRun" },
            &root.path,
        );
    }
}

/// The modules that `include(":core", ":apps:web")` names, by their build
/// files.
fn included(files: &SourceFiles, settings: &SourceText, draft: &mut FactsDraft) {
    let lines = settings.str().lines().map(str::trim).skip_while(|line| !line.starts_with("include"));
    let quoted = lines.filter(|line| !line.starts_with("//")).flat_map(|line| {
        let mut parts = line.split(['"', '\'']);
        parts.next();
        parts.step_by(2)
    });
    for module in quoted.filter(|module| module.starts_with(':')).take(80) {
        let folder = module.trim_start_matches(':').replace(':', "/");
        let manifest = ["build.gradle.kts", "build.gradle"]
            .iter()
            .find_map(|name| files.find(&format!("{folder}/{name}")));
        if let (Some(manifest), Some(name)) = (manifest, settings.quote(module.trim_start_matches(':'))) {
            draft.part(Part {
                name: name.one_line(MAX_NAME),
                manifest: manifest.clone(),
                description: SafeText::default(),
                kind: PartKind::Package,
            });
        }
    }
}
