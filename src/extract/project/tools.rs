//! The versions of tools that a project asks for, where it says so: tool chain
//! files, manifests, services of its CI.
//!
//! Not here: versions of dependencies.

use serde_json::Value;

use super::source::{SourceFiles, SourceText, entries};
use super::{FactsDraft, MAX_NAME};
use crate::model::{SafeText, Tool};

/// Tools that are told; a project asks for four or five.
const MAX_TOOLS: usize = 12;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let mut tools = Tools { files, found: Vec::new() };
    tools.plain_files();
    tools.tool_versions();
    tools.rust();
    tools.node();
    tools.python();
    tools.text_patterns();
    tools.jvm();
    tools.json_manifests();
    tools.of_ci();
    tools.found.truncate(MAX_TOOLS);
    draft.facts.tools = tools.found;
}

struct Tools<'a> {
    files: &'a SourceFiles<'a>,
    found: Vec<Tool>,
}

impl Tools<'_> {
    /// The first that is said of a tool counts.
    fn add(&mut self, name: &'static str, source: &SourceText, version: &str) {
        let version = version.trim().trim_matches(['"', '\'', ',', ';']).trim();
        // A word may be a variable of the build.
        let words = [
            "net", "temurin", "corretto", "openjdk", "graalvm", "zulu", "lts", "ruby-", "nightly", "stable",
            "beta",
        ];
        let is_version = version.starts_with(|c: char| c.is_ascii_digit() || "^~><=v".contains(c));
        let tells = is_version || words.iter().any(|word| version.starts_with(word));
        if !tells
            || version.contains("${")
            || version.contains('{')
            || self.found.iter().any(|tool| tool.name.as_str() == name)
        {
            return;
        }
        if let Some(version) = source.quote(version) {
            let version = version.one_line(MAX_NAME);
            self.found.push(Tool { name: SafeText::constant(name), version, source: source.path.clone() });
        }
    }

    /// Files that hold nothing but a version.
    fn plain_files(&mut self) {
        for (file, name) in [
            ("rust-toolchain", "rust"),
            (".nvmrc", "node"),
            (".node-version", "node"),
            (".python-version", "python"),
            (".ruby-version", "ruby"),
            (".java-version", "java"),
            (".go-version", "go"),
            (".swift-version", "swift"),
            (".php-version", "php"),
            (".bazelversion", "bazel"),
            (".terraform-version", "terraform"),
        ] {
            let Some(source) = self.files.open(file) else { continue };
            let line =
                source.str().lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
            if let Some(line) = line.filter(|line| line.len() < 40 && !line.starts_with('[')) {
                self.add(name, &source, line);
            }
        }
    }

    /// asdf's list, which mise reads too, and SDKMAN's.
    fn tool_versions(&mut self) {
        let names = [
            ("nodejs", "node"),
            ("node", "node"),
            ("python", "python"),
            ("ruby", "ruby"),
            ("golang", "go"),
            ("go", "go"),
            ("java", "java"),
            ("elixir", "elixir"),
            ("erlang", "erlang"),
            ("rust", "rust"),
            ("php", "php"),
            ("kotlin", "kotlin"),
            ("scala", "scala"),
            ("sbt", "sbt"),
            ("gradle", "gradle"),
            ("maven", "maven"),
            ("zig", "zig"),
            ("pnpm", "pnpm"),
            ("deno", "deno"),
            ("bun", "bun"),
            ("terraform", "terraform"),
            ("dart", "dart"),
            ("flutter", "flutter"),
        ];
        let known = |word: &str| names.iter().find(|(known, _)| *known == word).map(|(_, name)| *name);
        for (file, mark) in [(".tool-versions", ' '), (".sdkmanrc", '=')] {
            let Some(source) = self.files.open(file) else { continue };
            for (tool, version) in source.clone().str().lines().filter_map(|line| line.split_once(mark)) {
                if let Some(name) = known(tool.trim()) {
                    self.add(name, &source, version.split('#').next().unwrap_or_default());
                }
            }
        }
        if let Some(source) = self.files.open_first(&["mise.toml", ".mise.toml"]) {
            for (tool, version) in entries(&source.toml()["tools"]) {
                let version = version.as_str().or(version["version"].as_str());
                if let (Some(name), Some(version)) = (known(tool), version) {
                    self.add(name, &source, version);
                }
            }
        }
    }

    fn rust(&mut self) {
        if let Some(source) = self.files.open("rust-toolchain.toml") {
            let manifest = source.toml();
            self.add_value("rust", &source, &manifest["toolchain"]["channel"]);
        }
        if let Some(source) = self.files.open("Cargo.toml") {
            let manifest = source.toml();
            self.add_value("rust", &source, &manifest["package"]["rust-version"]);
            self.add_value("rust", &source, &manifest["workspace"]["package"]["rust-version"]);
        }
    }

    fn add_value(&mut self, name: &'static str, source: &SourceText, value: &Value) {
        if let Some(version) = value.as_str() {
            self.add(name, source, version);
        }
    }

    fn node(&mut self) {
        let Some(source) = self.files.open("package.json") else { return };
        let manifest = source.json();
        for name in ["node", "npm", "pnpm", "yarn", "bun", "vscode"] {
            self.add_value(name, &source, &manifest["engines"][name]);
            self.add_value(name, &source, &manifest["volta"][name]);
        }
        let manager = manifest["packageManager"].as_str().unwrap_or_default();
        if let Some((name, version)) = manager.split_once('@')
            && let Some(name) = ["npm", "pnpm", "yarn", "bun"].into_iter().find(|known| *known == name)
        {
            self.add(name, &source, version.split('+').next().unwrap_or_default());
        }
    }

    fn python(&mut self) {
        if let Some(source) = self.files.open("pyproject.toml") {
            let manifest = source.toml();
            self.add_value("python", &source, &manifest["project"]["requires-python"]);
            self.add_value("python", &source, &manifest["tool"]["poetry"]["dependencies"]["python"]);
        }
    }

    /// Manifests that are programs or formats of their own: file, what stands
    /// before the version, the tool.
    fn text_patterns(&mut self) {
        for (file, mark, name) in [
            ("setup.cfg", "python_requires", "python"),
            ("setup.py", "python_requires", "python"),
            ("Pipfile", "python_version", "python"),
            ("go.mod", "\ntoolchain go", "go"),
            ("go.mod", "\ngo ", "go"),
            ("Gemfile", "\nruby ", "ruby"),
            ("mix.exs", "elixir:", "elixir"),
            ("Package.swift", "swift-tools-version", "swift"),
            ("CMakeLists.txt", "cmake_minimum_required(VERSION", "cmake"),
            ("CMakeLists.txt", "set(CMAKE_CXX_STANDARD", "c++"),
            ("CMakeLists.txt", "set(CMAKE_C_STANDARD", "c"),
            ("meson.build", "meson_version", "meson"),
            ("build.zig.zon", "minimum_zig_version", "zig"),
            ("pubspec.yaml", "\n  sdk:", "dart"),
            ("dune-project", "(lang dune", "dune"),
            ("build.sbt", "scalaVersion", "scala"),
            ("project/build.properties", "sbt.version", "sbt"),
            ("gradle/wrapper/gradle-wrapper.properties", "distributions/gradle-", "gradle"),
            (".mvn/wrapper/maven-wrapper.properties", "apache-maven-", "maven"),
            ("configure.ac", "AC_PREREQ", "autoconf"),
            ("global.json", "\"version\"", "dotnet"),
        ] {
            let Some(source) = self.files.open(file) else { continue };
            let text = source.clone();
            let Some((_, after)) = text.str().split_once(mark) else { continue };
            let after = after.trim_start_matches([' ', ':', '=', '(', '[', '"', '\'', '\t', ')', ',']);
            let end = |c: char| {
                matches!(c, '\n' | '"' | '\'' | ')' | ']' | ';' | '#')
                    || (c == ' ' && file == "CMakeLists.txt")
            };
            let version = after.split(end).next().unwrap_or_default();
            let version = version.trim_end_matches("-bin.zip").trim_end_matches("-all.zip");
            self.add(name, &source, version.split("/apache").next().unwrap_or(version));
        }
        let gemspec = self
            .files
            .directly_in("")
            .find(|path| path.extension() == "gemspec")
            .map(|path| path.as_str().to_string());
        if let Some(source) = gemspec.and_then(|path| self.files.open(&path)) {
            let text = source.clone();
            let after = text.str().split_once("required_ruby_version").map(|(_, after)| after);
            let version = after.and_then(|after| after.split(['"', '\'']).nth(1));
            self.add("ruby", &source, version.unwrap_or_default());
        }
    }

    /// The release of Java that sources are compiled for.
    fn jvm(&mut self) {
        if let Some(source) = self.files.open("pom.xml") {
            let names =
                ["maven.compiler.release", "java.version", "maven.compiler.source", "jdk.version", "release"];
            for version in names.iter().filter_map(|name| source.xml_text(name)) {
                self.add("java", &source, version_of(&version));
            }
        }
        let builds = [
            "build.gradle.kts",
            "build.gradle",
            "app/build.gradle.kts",
            "app/build.gradle",
            "gradle/libs.versions.toml",
            "buildSrc/build.gradle.kts",
        ];
        for file in builds {
            let Some(source) = self.files.open(file) else { continue };
            let text = source.clone();
            for mark in [
                "jvmToolchain(",
                "JavaLanguageVersion.of(",
                "JavaVersion.VERSION_",
                "sourceCompatibility =",
                "sourceCompatibility ",
            ] {
                let Some((_, after)) = text.str().split_once(mark) else { continue };
                let after = after.trim_start_matches([' ', '\'', '"', '=']);
                self.add("java", &source, version_of(after));
            }
        }
    }

    fn json_manifests(&mut self) {
        if let Some(source) = self.files.open("composer.json") {
            self.add_value("php", &source, &source.json()["require"]["php"]);
        }
        let project = self.files.paths.iter().find(|path| {
            matches!(path.extension(), "csproj" | "fsproj") || path.name() == "Directory.Build.props"
        });
        if let Some(source) = project.and_then(|path| self.files.open(path.as_str())) {
            let target =
                ["TargetFramework", "TargetFrameworks"].iter().find_map(|name| source.xml_text(name));
            self.add("dotnet", &source, &target.unwrap_or_default());
        }
    }

    /// What CI installs, and the databases and queues that it starts beside the tests.
    fn of_ci(&mut self) {
        let workflows = self
            .files
            .directly_in(".github/workflows")
            .filter(|path| matches!(path.extension(), "yml" | "yaml"));
        for path in workflows.take(20) {
            let Some(source) = self.files.open(path.as_str()) else { continue };
            let workflow = source.yaml();
            for (_, job) in entries(&workflow["jobs"]) {
                for (_, service) in entries(&job["services"]) {
                    let image = service["image"].as_str().or(service.as_str()).unwrap_or_default();
                    self.service(&source, image);
                }
                for step in job["steps"].as_array().into_iter().flatten() {
                    self.set_up(&source, step);
                }
            }
        }
    }

    /// The version that a step of CI installs, where it is one and no manifest says
    /// another.
    fn set_up(&mut self, source: &SourceText, step: &Value) {
        let action = step["uses"].as_str().unwrap_or_default();
        for (mark, key, name) in [
            ("setup-java", "java-version", "java"),
            ("setup-node", "node-version", "node"),
            ("setup-python", "python-version", "python"),
            ("setup-go", "go-version", "go"),
            ("setup-ruby", "ruby-version", "ruby"),
            ("setup-php", "php-version", "php"),
            ("setup-dotnet", "dotnet-version", "dotnet"),
            ("setup-beam", "elixir-version", "elixir"),
            ("setup-zig", "version", "zig"),
        ] {
            if !action.contains(mark) {
                continue;
            }
            let version = step["with"][key].as_str().filter(|version| !version.contains(['$', '\n']));
            if let Some(version) = version {
                self.add(name, source, version);
            }
            let file = step["with"][format!("{key}-file").as_str()].as_str();
            if let Some(file) = file.and_then(|file| self.files.open(file)) {
                let line = file.clone();
                self.add(name, &file, line.str().lines().next().unwrap_or_default());
            }
        }
    }

    fn service(&mut self, source: &SourceText, image: &str) {
        let (name, version) = image.rsplit_once(':').unwrap_or((image, ""));
        if let Some(known) = super::prepare::service_of(name) {
            self.add(known, source, version);
        }
    }
}

/// The version that a text begins with.
fn version_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_'));
    &text[..end.unwrap_or(text.len())]
}
