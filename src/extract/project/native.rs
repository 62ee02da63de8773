//! C and C++: CMake, Meson, autotools. Also Zig packages, whose manifests are
//! programs: only their presence is read.
//!
//! Not here: targets and options.

use super::source::SourceFiles;
use super::{FactsDraft, MAX_NAME, Purpose, choose};
use crate::model::SafeText;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    cmake(files, draft);
    if let Some(meson) = files.find("meson.build") {
        draft.convention(Purpose::Setup, "meson setup build", meson);
        draft.convention(Purpose::Build, "meson compile -C build", meson);
        draft.convention(Purpose::Test, "meson test -C build", meson);
    }
    if let Some(configure) = files.find("configure") {
        draft.convention(Purpose::Build, "./configure && make", configure);
    }
    if let Some(build) = files.find("build.zig") {
        draft.convention(Purpose::Build, "zig build", build);
    }
    if let Some(main) = ["src/main.c", "src/main.cpp", "src/main.cc", "main.c", "main.cpp"]
        .iter()
        .find_map(|path| files.find(path))
    {
        draft.entry_point(draft.facts.name.clone(), main, true);
    }
}

fn cmake(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("CMakeLists.txt") else {
        return;
    };
    let text = source.str();
    let name = text.lines().find_map(|line| {
        let line = line.trim();
        let rest = line.get(..8).filter(|start| start.eq_ignore_ascii_case("project(")).and(line.get(8..))?;
        let name = rest.trim_start().split([' ', ')', '\t']).next()?;
        (!name.contains('$')).then(|| source.quote(name))?
    });
    draft.identify(
        name.unwrap_or_default().one_line(MAX_NAME),
        SafeText::default(),
        SafeText::default(),
        SafeText::default(),
    );
    draft.candidates.push(choose::CommandCandidate::new(
        Purpose::Build,
        SafeText::constant("cmake -B build && cmake --build build"),
        &source.path,
        SafeText::default(),
        // Guides and CI spread the two steps over lines; neither is a build.
        choose::TASK + 8,
    ));
    let lower = text.to_ascii_lowercase();
    if lower.contains("enable_testing") || lower.contains("include(ctest") || lower.contains("add_test") {
        draft.convention(Purpose::Test, "ctest --test-dir build", &source.path);
    }
}
