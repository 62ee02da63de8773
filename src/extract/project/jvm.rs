//! Maven by its XML and Gradle by simple text: the root's name, modules, wrappers.
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
            let name = SafeText::of_path(path, path.stem());
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
    let field = |name| root.xml_field(&[name], MAX_LINE).unwrap_or_default();
    let name = root.xml_field(&["name"], MAX_LINE).filter(|name| !name.as_str().contains("${"));
    let licence = root.xml_field(&["licenses", "license", "name"], MAX_NAME).unwrap_or_default();
    draft.identify(
        name.unwrap_or_else(|| field("artifactId")),
        field("description"),
        field("version"),
        licence,
    );
    for path in
        files.paths.iter().filter(|path| path.name() == "pom.xml" && !path.as_str().contains("src/")).take(80)
    {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        draft.part(Part {
            name: source.xml_field(&["artifactId"], MAX_LINE).unwrap_or_default(),
            manifest: source.path.clone(),
            description: source.xml_field(&["description"], MAX_LINE).unwrap_or_default(),
            kind: PartKind::Package,
        });
    }
    let wrapped = files.has("mvnw");
    let (build, test) = if wrapped { ("./mvnw package", "./mvnw test") } else { ("mvn package", "mvn test") };
    draft.convention(Purpose::Build, build, &root.path);
    draft.convention(Purpose::Test, test, &root.path);
    // What a bare `mvn` does, where the project says so.
    let goal = root.xml_text("defaultGoal");
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
