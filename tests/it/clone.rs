//! What a clone may bring along in the place of our own state: a database is
//! used only where this user's waypost made it, and git does not know it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, Run, git};

const DATABASE: &str = ".waypost/local/waypost.db";

/// What only the database that is brought along says.
const PLANTED: &str = "Planted goal";

/// A database of another project, whose last snapshot has a goal of its own.
fn database(project: &Project) -> PathBuf {
    let other = project.at(project.outside("other"));
    fs::create_dir_all(&other.root).unwrap();
    fs::write(other.root.join("a.py"), "def a(): ...\n").unwrap();
    other.ok(&["snapshot", "--goal", PLANTED]);
    // One file: the log is written back when the last connection closes.
    other.root.join(DATABASE)
}

/// A repository that holds such a database at this path.
fn repository_with(project: &Project, path: &str) -> PathBuf {
    let root = project.outside("brings");
    let target = root.join(path);
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::copy(database(project), target).unwrap();
    git(&root, &["init", "-q", "-b", "main"]);
    git(&root, &["add", "-A", "-f"]);
    git(&root, &["commit", "-q", "-m", "Start"]);
    root
}

fn project() -> Project {
    Project::committed(&[("a.py", "def a(): ...\n"), ("sub/b.py", "def b(): ...\n")])
}

/// Runs every command that opens the database: none says what was planted, and
/// all are refused with a way out.
fn is_refused(what: &str, run: &dyn Fn(&[&str]) -> Run, planted: &Path) {
    let before = fs::read(planted).unwrap();
    for arguments in [
        &["snapshot"] as &[&str],
        &["snapshots"],
        &["status"],
        &["search", "a"],
        &["notes"],
        &["doctor", "--fix"],
    ] {
        let run = run(arguments);
        assert_eq!(run.code, 2, "{what}: {arguments:?}: {}{}", run.stdout, run.stderr);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains(PLANTED), "{what}: {arguments:?}");
        assert!(
            run.stderr.contains("somebody else's") && run.stderr.contains("hint: "),
            "{what}: {}",
            run.stderr
        );
    }
    assert!(fs::read(planted).unwrap() == before, "{what}: the file was changed");
}

#[test]
fn a_database_in_a_submodule_is_refused() {
    for (folder, inside) in [(".waypost/local", "waypost.db"), (".waypost", "local/waypost.db")] {
        for root in ["", "sub/"] {
            let project = project();
            let brings = repository_with(&project, inside);
            let place = format!("{root}{folder}");
            project.git(&["submodule", "add", "-q", brings.to_str().unwrap(), &place]);
            project.commit("Bring it along");
            let clone = project.at(project.outside("clone"));
            let to = clone.root.to_str().unwrap();
            project.git(&["clone", "-q", "--recurse-submodules", project.root.to_str().unwrap(), to]);
            let below = project.at(clone.root.join(root));
            // The submodule's own file says it, and so does the index without it.
            let planted = below.root.join(DATABASE);
            is_refused(&place, &|arguments| below.run(arguments), &planted);
            fs::remove_file(clone.root.join(&place).join(".git")).unwrap();
            is_refused(&format!("{place} without .git"), &|arguments| below.run(arguments), &planted);
        }
    }
}

#[test]
fn a_database_in_a_nested_repository_is_refused() {
    for (folder, inside) in [(".waypost/local", "waypost.db"), (".waypost", "local/waypost.db")] {
        let project = project();
        let brings = repository_with(&project, inside);
        fs::create_dir_all(project.path(folder).parent().unwrap()).unwrap();
        fs::rename(brings, project.path(folder)).unwrap();
        is_refused(folder, &|arguments| project.run(arguments), &project.path(DATABASE));
    }
}

#[test]
fn a_database_that_the_main_work_tree_tracks_is_refused_in_a_linked_one() {
    for prefix in ["", "sub/"] {
        let project = project();
        project.git(&["checkout", "-q", "-b", "theirs"]);
        project.write(&format!("{prefix}{DATABASE}"), fs::read(database(&project)).unwrap());
        project.git(&["add", "-f", "."]);
        project.commit("Bring it along");
        project.git(&["worktree", "add", "-q", "../linked", "main"]);
        let linked = project.at(project.outside("linked").join(prefix));
        fs::create_dir_all(linked.root.join(".waypost")).unwrap();
        is_refused(prefix, &|arguments| linked.run(arguments), &project.path(&format!("{prefix}{DATABASE}")));
        assert!(!linked.root.join(DATABASE).exists());
    }
}

#[test]
fn a_submodule_of_the_main_work_tree_is_refused_in_a_linked_one() {
    let project = project();
    let brings = repository_with(&project, "waypost.db");
    project.git(&["checkout", "-q", "-b", "theirs"]);
    project.git(&["submodule", "add", "-q", brings.to_str().unwrap(), ".waypost/local"]);
    project.commit("Bring it along");
    project.git(&["worktree", "add", "-q", "../linked", "main"]);
    let linked = project.at(project.outside("linked"));
    is_refused("a submodule", &|arguments| linked.run(arguments), &project.path(DATABASE));
}

/// In an archive, say, or by hand: git does not know it, and no key of this
/// user's is for this place.
#[test]
fn a_database_that_was_copied_here_is_set_aside_unread() {
    let project = project();
    let planted = fs::read(database(&project)).unwrap();
    project.write(DATABASE, &planted);
    // What only reads refuses it, and says what to do.
    let error = project.run(&["snapshots"]).expect(2).stderr;
    assert!(
        error.contains("was not made here by you") && error.contains("`waypost doctor --fix`"),
        "{error}"
    );
    let run = project.ok(&["snapshot"]);
    assert!(
        run.stderr.contains("was not made here by you") && run.stderr.contains("nothing was taken from it")
    );
    assert!(!project.ok(&["snapshots"]).stdout.contains(PLANTED));
    let local = fs::read_dir(project.path(".waypost/local")).unwrap();
    let kept =
        local.map(|entry| entry.unwrap().path()).find(|path| path.to_string_lossy().contains("foreign-"));
    assert!(fs::read(kept.unwrap()).unwrap() == planted);
}

/// What an older version made, which knew no keys.
#[test]
fn a_database_without_a_key_is_used_from_then_on_and_another_one_in_its_place_is_not() {
    let project = project();
    project.ok(&["snapshot", "--goal", "Ours"]);
    let connection = rusqlite::Connection::open(project.path(DATABASE)).unwrap();
    connection.execute_batch("UPDATE binding SET key = NULL, tag = NULL").unwrap();
    drop(connection);
    let unbound = fs::read(project.path(DATABASE)).unwrap();
    fs::remove_dir_all(project.outside("home/.local/state")).unwrap();
    assert!(project.ok(&["snapshot"]).stderr.is_empty());
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    project.write(DATABASE, unbound);
    let error = project.run(&["snapshots"]).expect(2).stderr;
    assert!(error.contains("it has no key, and the one that was made here had one"), "{error}");
}

/// Where git cannot be asked, it cannot be known whether the clone brought it.
#[test]
fn a_database_without_a_key_is_not_used_where_git_cannot_tell() {
    let project = project();
    project.snapshot();
    project.write("c.py", "def c(): ...\n");
    project.snapshot();
    let connection = rusqlite::Connection::open(project.path(DATABASE)).unwrap();
    connection.execute_batch("UPDATE binding SET key = NULL, tag = NULL").unwrap();
    drop(connection);
    fs::remove_dir_all(project.outside("home/.local/state")).unwrap();
    project.write(".git/index", "no index");
    let run = project.ok(&["snapshot"]);
    assert!(run.stderr.contains("git cannot say whether it came with the clone"), "{}", run.stderr);
    assert_eq!(project.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
}
