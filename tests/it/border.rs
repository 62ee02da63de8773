//! The border of the root (H20 to H23, H29, H49, H75): nothing beyond it is
//! read or written, by whatever way the tree, the git directory or `.waypost/`
//! lead out. `tests/trials/layouts.py` is the long version.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::project::{Project, files_below, git, meanwhile};

const CANARY: &str = "canary_quux";

/// A project and, outside, files and a repository full of canaries.
fn project() -> Project {
    let project =
        Project::committed(&[("src/a.rs", "/// Alpha.\npub fn alpha() {}\n"), ("README.md", "# a\n")]);
    let out = project.outside("out");
    let text = format!("/// {CANARY}\npub fn {CANARY}() {{}}\n");
    for (name, text) in [
        ("file.rs", text.as_str()),
        ("folder/file.rs", &text),
        ("folder/x.md", &text),
        ("config.toml", &format!("name = \"{CANARY}\"\n")),
        ("rules", "*.rs\n"),
        ("repo/file.rs", &text),
    ] {
        fs::create_dir_all(out.join(name).parent().unwrap()).unwrap();
        fs::write(out.join(name), text).unwrap();
    }
    let repo = out.join("repo");
    git(&repo, &["init", "-q", "-b", CANARY]);
    git(&repo, &["add", "-A"]);
    git(&repo, &["commit", "-q", "-m", CANARY]);
    git(&repo, &["branch", "shown"]);
    project
}

/// Runs what reads and writes; nothing of the outside is told, kept or changed.
#[track_caller]
fn keeps_inside(project: &Project, what: &str) {
    let before = files_below(&project.outside("out"));
    let mut said = String::new();
    for arguments in [
        &["snapshot", "--goal", "alpha"] as &[&str],
        &["prompt"],
        &["context", "alpha"],
        &["note", "--summary", "a note"],
        &["handoff", "--check"],
        &["redact", "--retro"],
        &["outline", "../out/file.rs"],
    ] {
        let run = project.run(arguments);
        assert!((0..=2).contains(&run.code) && !run.stderr.contains("panicked"), "{what}: {}", run.stderr);
        said += &(run.stdout + &run.stderr);
    }
    assert!(!said.contains(CANARY), "{what}: told: {said}");
    if !project.path(".waypost").is_symlink() {
        for (path, bytes) in project.own_files() {
            assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{what}: kept in {path}");
        }
    }
    assert!(before == files_below(&project.outside("out")), "{what}: the outside was changed");
}

#[test]
fn links_in_the_place_of_our_own_files_lead_nowhere() {
    // What is refused at once hides what comes after it, so that stands alone.
    let groups: [&[(&str, &str)]; 6] = [
        &[(".waypost", "folder")],
        &[(".waypost/memory", "folder"), (".waypost/local", "folder")],
        &[(".waypost/config.toml", "config.toml")],
        &[(".waypost/local/waypost.db", "new.db")],
        &[(".waypost/local/import.jsonl", "rules"), (".waypost/local/waypost.db-wal", "rules")],
        &[
            (".waypost/handoff.md", "file.rs"),
            (".waypost/handoff.json", "new.json"),
            (".waypost/memory/x.md", "folder/x.md"),
            (".waypost/.gitignore", "rules"),
            (".waypost/local/.gitignore", "new.rules"),
            (".waypost/local/now.md", "folder/x.md"),
            (".waypost/local/prompts", "folder"),
        ],
    ];
    for group in groups {
        let project = project();
        for (place, target) in group {
            let link = project.path(place);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(project.outside("out").join(target), &link).unwrap();
        }
        keeps_inside(&project, group[0].0);
        project.run(&["erase", "--query", "note", "--yes"]);
        assert!(project.outside("out/folder/x.md").exists(), "{}", group[0].0);
    }
}

#[test]
fn pipes_in_the_place_of_files_that_are_read_by_name_do_not_block() {
    let groups: [&[&str]; 4] = [
        &[".waypost/config.toml"],
        &[".waypost/local/waypost.db"],
        &[".waypost/local/import.jsonl", ".waypost/local/now.md", ".waypost/local/.waypost-1-x.tmp"],
        &[
            ".gitignore",
            ".waypostignore",
            "Cargo.toml",
            ".git/info/exclude",
            ".waypost/handoff.md",
            ".waypost/memory/x.md",
            ".waypost/.gitignore",
        ],
    ];
    for group in groups {
        let project = project();
        for place in group {
            fs::create_dir_all(project.path(place).parent().unwrap()).unwrap();
            let _ = fs::remove_file(project.path(place));
            let made = std::process::Command::new("mkfifo").arg(project.path(place)).status();
            assert!(made.unwrap().success());
        }
        keeps_inside(&project, group[0]);
    }
}

/// Another repository's history would be told as this one's.
#[test]
fn a_git_directory_that_does_not_know_this_work_tree_is_not_asked() {
    type Make = fn(&Project, &Path);
    let cases: [(&str, Make); 8] = [
        ("a `.git` file", |project, repo| {
            fs::remove_dir_all(project.path(".git")).unwrap();
            project.write(".git", format!("gitdir: {}\n", repo.join(".git").display()));
        }),
        ("a `.git` link", |project, repo| {
            fs::remove_dir_all(project.path(".git")).unwrap();
            symlink(repo.join(".git"), project.path(".git")).unwrap();
        }),
        ("commondir", |project, repo| {
            project.write(".git/commondir", format!("{}\n", repo.join(".git").display()));
            project.write(".git/HEAD", format!("ref: refs/heads/{CANARY}\n"));
        }),
        ("a made-up work tree", |project, repo| {
            fs::remove_dir_all(project.path(".git")).unwrap();
            let fake = project.path("fake/worktrees/x");
            project.write("fake/worktrees/x/commondir", format!("{}\n", repo.join(".git").display()));
            project.write("fake/worktrees/x/gitdir", format!("{}\n", project.path(".git").display()));
            project.write("fake/worktrees/x/HEAD", "ref: refs/heads/shown\n");
            project.write(".git", format!("gitdir: {}\n", fake.display()));
        }),
        ("a work tree elsewhere", |project, repo| {
            project.git(&["config", "core.worktree", &repo.to_string_lossy()]);
        }),
        // git's complaint about it would quote it.
        ("a link to a file that is no list", |project, repo| {
            symlink(repo.join("file.rs"), project.path(".git/shallow")).unwrap();
        }),
        ("links among the objects", |project, repo| {
            let objects = repo.join(".git/objects");
            for entry in fs::read_dir(&objects).unwrap().map(|entry| entry.unwrap().file_name()) {
                let own = project.path(".git/objects").join(&entry);
                if !own.exists() {
                    symlink(objects.join(&entry), own).unwrap();
                }
            }
            let theirs = fs::read_to_string(repo.join(".git/refs/heads").join(CANARY)).unwrap();
            project.write(".git/refs/heads/main", theirs);
        }),
        ("links to refs and objects", |project, repo| {
            for part in ["refs", "objects"] {
                fs::remove_dir_all(project.path(&format!(".git/{part}"))).unwrap();
                symlink(repo.join(".git").join(part), project.path(&format!(".git/{part}"))).unwrap();
            }
            project.write(".git/HEAD", format!("ref: refs/heads/{CANARY}\n"));
        }),
    ];
    for (what, make) in cases {
        let project = project();
        make(&project, &project.outside("out/repo"));
        keeps_inside(&project, what);
        assert_eq!(project.run(&["snapshot"]).stderr.matches("warning: ").count(), 1, "{what}: one warning");
    }
    // One that says so itself is believed.
    let project = project();
    project.git(&["init", "-q", "--separate-git-dir", "../apart"]);
    assert!(project.ok(&["status"]).stderr.contains("core.worktree"));
    project.git(&["config", "core.worktree", &project.root.to_string_lossy()]);
    assert_eq!(project.json(&["status"])["branch"], "main");
}

/// H22, for folders, a file and our own folder.
#[test]
fn a_folder_swapped_for_a_link_reads_nothing_outside() {
    let project = project();
    project.write("pkg/deep/file.rs", "pub fn inside() {}\n");
    project.write(".waypost/memory/.keep", "");
    let out = project.outside("out");
    let swap = |n: usize| {
        let path = project.path(["src", "pkg/deep", "pkg", ".waypost/memory"][n % 4]);
        let aside = project.outside("aside");
        if fs::rename(&path, &aside).is_ok() {
            symlink(out.join("folder"), &path).unwrap();
            std::thread::yield_now();
            fs::remove_file(&path).unwrap();
            // What was created meanwhile is a folder of ours.
            fs::rename(&aside, &path).unwrap();
        }
    };
    meanwhile(swap, || {
        for _ in 0..6 {
            for arguments in [&["snapshot"] as &[&str], &["handoff"], &["context", "alpha"], &["doctor"]] {
                let run = project.run(arguments);
                assert!(!(run.stdout + &run.stderr).contains(CANARY), "{arguments:?}");
            }
        }
    });
    for (path, bytes) in project.own_files() {
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "kept in {path}");
    }
    assert_eq!(files_below(&out.join("folder")).len(), 2, "written outside");
}

/// H29.
#[test]
fn a_state_folder_that_others_can_write_to_is_closed_and_one_of_another_user_refused() {
    let project = project();
    project.snapshot();
    let mode = |path: &str| fs::metadata(project.path(path)).unwrap().mode() & 0o777;
    let open = |path: &str, mode| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    open(".waypost/local", 0o777);
    open(".waypost/local/waypost.db", 0o666);
    project.ok(&["status"]);
    assert_eq!((mode(".waypost/local"), mode(".waypost/local/waypost.db")), (0o700, 0o600));
    for path in [".waypost/local/waypost.db", ".waypost/local"] {
        if std::os::unix::fs::chown(project.path(path), Some(12_345), None).is_ok() {
            let error = project.run(&["status"]).expect(2).stderr;
            assert!(error.contains("another user") && error.contains("hint: "), "{error}");
        }
    }
}

#[test]
fn state_that_came_with_a_clone_is_refused() {
    for path in [".waypost/local/waypost.db", ".waypost/local/import.jsonl"] {
        let project = project();
        project.snapshot();
        project.write(path, "x");
        project.git(&["add", "-f", path]);
        let error = project.run(&["snapshot"]).expect(2).stderr;
        assert!(
            error.contains("tracked by git") && error.contains("git rm -rf --cached .waypost/local"),
            "{error}"
        );
    }
}

/// A search path that leads into the repository finds no `git` there.
#[test]
fn a_git_beside_the_sources_is_not_run() {
    let project = project();
    let mark = project.outside("mark");
    project.write("git", format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    fs::set_permissions(project.path("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = project.command(&["snapshot"]);
    command.env("PATH", format!(".::{}", std::env::var("PATH").unwrap()));
    assert!(command.status().unwrap().success());
    assert!(!mark.exists());
}
