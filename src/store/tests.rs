//! What the pipeline relies on: cost by change, exact old states, refusals.

use std::path::Path;

use super::*;
use crate::memory::{self, RecordEventKind};
use crate::model::{FileFacts, RelPath, SafeText, Skipped, Snapshot, Stamp};

fn file(path: &str, text: &str) -> FileFacts {
    FileFacts {
        path: RelPath::new(path).unwrap(),
        stamp: Stamp { size: text.len() as u64, mtime_ns: 1, ctime_ns: 1, inode: 1 },
        hash: ContentHash::of(text.as_bytes()),
        class: Class::Source,
        language: Some("rust"),
    }
}

fn record(store: &mut Store, goal: Option<&str>, files: &[FileFacts]) -> Snapshot {
    let goal = goal.map(|goal| SafeText::from_redacted(goal.into()));
    let digest: String = files.iter().map(|f| format!("{}{:?}", f.path, f.hash)).collect();
    let contents: Vec<_> =
        files.iter().map(|f| EncodedContent::new(f.hash, "rust", &Content::default())).collect();
    let new = Recorded {
        created_at: "2026-01-01T00:00:00Z".into(),
        asked: true,
        goal: goal.as_ref(),
        head: Some("abc"),
        branch: None,
        digest: ContentHash::of(digest.as_bytes()),
        symbols: 0,
        tokens: None,
        files: &files.iter().collect::<Vec<_>>(),
        skipped: &[Skipped { path: "x.bin".into(), reason: "binary".into() }],
        changed: None,
        new_contents: &contents,
        extractor: "1",
        cached_tree: None,
        names: None,
        history: None,
    };
    store.record(Path::new("/p"), &new).unwrap()
}

fn at(path: &Path) -> Database {
    Database::unchecked(path, Path::new("/p"))
}

fn fresh(folder: &tempfile::TempDir) -> Store {
    Store::create(&at(&folder.path().join("local/waypost.db"))).unwrap()
}

#[test]
fn an_unchanged_tree_with_the_same_goal_is_the_same_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let files = [file("a.rs", "1")];
    let first = record(&mut store, Some("g"), &files);
    assert_eq!(record(&mut store, Some("g"), &files).id, first.id);
    assert_ne!(record(&mut store, Some("h"), &files).id, first.id);
}

#[test]
fn every_recorded_state_can_be_loaded_exactly_also_after_pruning_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let states: [&[FileFacts]; 4] = [
        &[file("a.rs", "1"), file("b.rs", "1")],
        &[file("a.rs", "2")],
        &[file("a.rs", "1"), file("b.rs", "1"), file("c.rs", "1")],
        &[file("c.rs", "9")],
    ];
    let ids: Vec<_> = states.iter().map(|files| record(&mut store, None, files).id).collect();
    let check = |store: &Store, n: usize| {
        let state = store.state(ids[n]).unwrap();
        let found: Vec<_> = state.files.iter().map(|(p, f)| (p.clone(), f.hash)).collect();
        let wanted: Vec<_> = states[n].iter().map(|f| (f.path.clone(), f.hash)).collect();
        assert_eq!(found, wanted, "state {n}");
        assert_eq!(state.skipped.len(), 1);
    };
    (0..4).for_each(|n| check(&store, n));
    assert_eq!(store.prunable(2).unwrap().len(), 2);
    assert_eq!(store.prune(2).unwrap().len(), 2);
    (2..4).for_each(|n| check(&store, n));
    assert!(matches!(store.snapshot(ids[0]), Err(StoreError::NoSnapshot { .. })));
}

#[test]
fn an_unchanged_file_costs_a_snapshot_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let many: Vec<_> = (100..200).map(|n| file(&format!("{n}.rs"), "1")).collect();
    record(&mut store, None, &many);
    let mut edited = many.clone();
    edited[7] = file("107.rs", "2");
    record(&mut store, None, &edited);
    let rows = |sql: &str| store.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(rows("SELECT count(*) FROM file"), 101);
    assert_eq!(rows("SELECT count(*) FROM content"), 2);
}

fn cached_tree(files: &[FileFacts]) -> CachedTree {
    let cached_files = files.iter().map(|file| CachedFile {
        path: file.path.clone(),
        stamp: Some(file.stamp),
        hash: file.hash,
        class: file.class,
        language: file.language.map(str::to_string),
        symbols: 0,
        unparsed: None,
        surface: 0,
    });
    CachedTree { files: cached_files.collect(), name_bits: 3, ..CachedTree::default() }
}

/// Like [`record`], with a cached tree and the names that the files use.
fn record_with_names(store: &mut Store, files: &[FileFacts], digest: ContentHash, names: NameFilter) {
    let cached_tree = cached_tree(files);
    let new = Recorded {
        created_at: "2026-01-01T00:00:00Z".into(),
        asked: true,
        goal: None,
        head: None,
        branch: None,
        digest,
        symbols: 0,
        tokens: None,
        files: &files.iter().collect::<Vec<_>>(),
        skipped: &[],
        changed: match names {
            NameFilter::Difference(since, _) => {
                Some(Changed { since, files: &files.iter().collect::<Vec<_>>(), gone: &[] })
            }
            NameFilter::Whole(_) => None,
        },
        new_contents: &[],
        extractor: "1",
        cached_tree: Some((&cached_tree, DirtyParts::All)),
        names: Some(names),
        history: None,
    };
    store.record(Path::new("/p"), &new).unwrap();
}

#[test]
fn differences_add_up_to_what_a_whole_count_would_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let digest = |n: u8| ContentHash([n; 32]);
    let uses = |mentioned, declared| Uses { mentioned, declared };
    let whole: NameUses = (0..500).map(|n| (name_key(&format!("n{n}")), uses(n, 1))).collect();
    record_with_names(&mut store, &[file("a.rs", "1")], digest(1), NameFilter::Whole(&whole));
    let changes = [("n7", (2, 0)), ("n9", (-9, -1)), ("new", (0, 1))];
    let changes = changes.into_iter().map(|(name, change)| (name_key(name), change)).collect();
    record_with_names(
        &mut store,
        &[file("a.rs", "2")],
        digest(2),
        NameFilter::Difference(digest(1), &changes),
    );
    let moment = store.moment(Path::new("/p"), "1").unwrap().unwrap();
    let (stored, cached_tree) = moment.cached_tree().expect("a sketch");
    assert_eq!((stored, cached_tree.files[0].hash), (digest(2), ContentHash::of(b"2")));
    let of = |name: &str| moment.uses(name_key(name), cached_tree.name_bits);
    assert_eq!(of("n7"), uses(9, 1));
    assert_eq!(of("n9"), uses(0, 0));
    assert_eq!(of("new"), uses(0, 1));
    assert_eq!(of("n499"), uses(499, 1));
    assert!(
        store.moment(Path::new("/p"), "2").unwrap().unwrap().cached_tree().is_none(),
        "another extractor's"
    );
}

#[test]
fn a_difference_from_another_snapshot_than_the_stored_one_is_not_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let digest = |n: u8| ContentHash([n; 32]);
    record_with_names(&mut store, &[file("a.rs", "1")], digest(1), NameFilter::Whole(&NameUses::default()));
    let changes = [(name_key("a"), (1, 1))].into();
    record_with_names(
        &mut store,
        &[file("a.rs", "2")],
        digest(3),
        NameFilter::Difference(digest(2), &changes),
    );
    let moment = store.moment(Path::new("/p"), "1").unwrap().unwrap();
    assert!(moment.cached_tree().is_none(), "the next run looks at everything again");
    assert_eq!(store.state(store.latest().unwrap().unwrap().id).unwrap().files.len(), 1);
}

#[test]
fn a_moment_does_not_see_what_is_written_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let files = [file("a.rs", "1")];
    let moment = store.moment(Path::new("/p"), "1").unwrap().unwrap();
    record(&mut store, None, &files);
    assert!(!moment.has(files[0].hash, "rust"));
    let later = store.moment(Path::new("/p"), "1").unwrap().unwrap();
    assert_eq!(later.content(files[0].hash, "rust"), Some(Content::default()));
    assert!(store.moment(Path::new("/p"), "2").unwrap().unwrap().content(files[0].hash, "rust").is_none());
}

#[test]
fn a_second_writer_waits_and_both_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    fresh(&folder);
    let path = folder.path().join("local/waypost.db");
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let path = &path;
            scope.spawn(move || {
                let mut store = Store::create(&at(path)).unwrap();
                for n in 0..20 {
                    record(&mut store, None, &[file("a.rs", &format!("{writer} {n}"))]);
                }
            });
        }
    });
    assert_eq!(fresh(&folder).snapshots().unwrap().len(), 40);
}

/// A process that ends its work on a database deletes the log when nobody else
/// seems to have it open.
#[test]
#[cfg(target_os = "linux")]
fn a_second_look_at_the_file_leaves_the_locks_of_the_first_connection() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local/waypost.db");
    let first = fresh(&folder);
    let inode = std::fs::metadata(&path).unwrap().ino();
    let is_locked = || {
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        let process = format!(" {} ", std::process::id());
        let own = locks.lines().filter(|line| line.contains(" POSIX ") && line.contains(&process));
        own.map(str::to_string).any(|line| line.contains(&format!(":{inode} ")))
    };
    assert!(is_locked());
    drop(Store::open(&at(&path)).unwrap());
    assert!(is_locked());
    drop(fresh(&folder));
    assert!(is_locked());
    drop(first);
    assert!(!is_locked());
}

fn make(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Every file of a folder with its bytes.
fn bytes_below(folder: &Path) -> Vec<Vec<u8>> {
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.db");
    make(&path, "CREATE TABLE t (x); PRAGMA application_id = 2002876784; PRAGMA user_version = 99");
    let before = std::fs::read(&path).unwrap();
    let error = Store::create(&at(&path)).err().unwrap().to_string();
    assert!(error.contains("schema 99") && error.contains("newer.db"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(Store::aside(&path).is_empty());
}

#[test]
fn what_is_broken_is_kept_under_another_name_and_replaced() {
    let check = |what: &str, prepare: &dyn Fn(&Path), reason: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("waypost.db");
        prepare(&path);
        let before = std::fs::read(&path).unwrap();
        // A reader changes nothing.
        if let Err(error) = Store::open(&at(&path)) {
            assert!(error.is_unusable() && error.to_string().contains("waypost.db"), "{what}: {error}");
        }
        let mut store = match Store::create(&at(&path)) {
            // Found where it is used and not where it is opened.
            Ok(store) if store.notice.is_none() => {
                drop(store);
                let notice = Store::quarantine_database(&at(&path), None).unwrap();
                Store { notice, ..Store::create(&at(&path)).unwrap() }
            }
            opened => opened.unwrap(),
        };
        let notice = store.take_notice().unwrap_or_else(|| panic!("{what}: not set aside"));
        assert!(notice.contains(reason), "{what}: {notice}");
        let aside = Store::aside(&path);
        assert_eq!(aside.len(), 1, "{what}");
        let kept = std::fs::read(&aside[0]).unwrap();
        assert!(kept == before || kept.len() >= before.len(), "{what}: bytes were lost");
        record(&mut store, None, &[file("a.rs", "1")]);
        assert_eq!(Store::diagnose(&at(&path), CheckDepth::Thorough).unwrap(), None, "{what}");
    };
    let good = |path: &Path| {
        let mut store = Store::create(&at(path)).unwrap();
        let many: Vec<_> = (1000..2000).map(|n| file(&format!("{n}.rs"), &n.to_string())).collect();
        record(&mut store, None, &many);
    };
    let damage = |path: &Path, edit: &dyn Fn(&mut Vec<u8>)| {
        good(path);
        let mut bytes = std::fs::read(path).unwrap();
        edit(&mut bytes);
        std::fs::write(path, bytes).unwrap();
    };
    check("random bytes", &|path| std::fs::write(path, [0xa5; 8192]).unwrap(), "not a SQLite database");
    check("a short text", &|path| std::fs::write(path, "hello").unwrap(), "not a SQLite database");
    check(
        "another program's",
        &|path| make(path, "CREATE TABLE t (x); PRAGMA application_id = 5"),
        "application_id is 5",
    );
    check("nobody's", &|path| make(path, "CREATE TABLE t (x)"), "application_id is 0");
    check("the wrong magic", &|path| damage(path, &|bytes| bytes[3] ^= 1), "not a SQLite database");
    check("cut in half", &|path| damage(path, &|bytes| bytes.truncate(bytes.len() / 2)), "ends after");
    check("cut by a byte", &|path| damage(path, &|bytes| bytes.truncate(bytes.len() - 1)), "ends after");
    for page in [1, 2, 5, 9] {
        let zero = |bytes: &mut Vec<u8>| bytes[page * 4096 - 3996..page * 4096].fill(0x3c);
        check(&format!("page {page}"), &|path| damage(path, &zero), "");
    }
    check(
        "an empty file beside a log",
        &|path| {
            std::fs::write(path, "").unwrap();
            std::fs::write(path.with_extension("db-wal"), [7; 5000]).unwrap();
        },
        "its log is not",
    );
}

#[test]
fn a_sound_database_is_never_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local/waypost.db");
    let mut store = fresh(&folder);
    record(&mut store, None, &[file("a.rs", "1")]);
    assert_eq!(Store::quarantine_database(&at(&path), None).unwrap(), None);
    drop(store);
    assert_eq!(Store::quarantine_database(&at(&path), None).unwrap(), None);
    assert!(Store::aside(&path).is_empty());
}

#[test]
fn what_can_be_read_of_the_history_outlives_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local/waypost.db");
    let mut store = fresh(&folder);
    let mut transaction = store.write().unwrap();
    for n in 0..200 {
        let text = format!("text of {n}");
        let event = RecordEvent {
            record: format!("id{n}"),
            revision: 1,
            what: RecordEventKind::Added,
            hash: Some(ContentHash::of(text.as_bytes())),
            at: "2026-01-01T00:00:00Z".into(),
        };
        transaction.put_history_of(&[(event, Some(text))]).unwrap();
    }
    transaction.commit().unwrap();
    // Pages of files, and not the one that holds the schema.
    let many: Vec<_> = (1000..2000).map(|n| file(&format!("{n}.rs"), &n.to_string())).collect();
    record(&mut store, None, &many);
    let sql = "SELECT rootpage FROM sqlite_master WHERE name = 'file'";
    let page = store.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as usize;
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(0x3c);
    std::fs::write(&path, bytes).unwrap();
    let notice = Store::quarantine_database(&at(&path), None).unwrap().unwrap();
    assert!(notice.contains("200 revisions"), "{notice}");
    let store = fresh(&folder);
    assert_eq!(store.known_ids().unwrap().len(), 200);
    assert_eq!(store.revision_text(ContentHash::of(b"text of 7")).unwrap().unwrap(), "text of 7");
}

#[test]
fn what_was_stored_comes_back_as_it_was_or_not_at_all() {
    let sealed = encode_checked(&("text", 7_u32));
    assert_eq!(decode_checked::<(String, u32)>(&sealed), Some(("text".to_string(), 7)));
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert_eq!(decode_checked::<(String, u32)>(&flipped), None, "byte {at}");
        assert_eq!(decode_checked::<(String, u32)>(&sealed[..at]), None, "cut at {at}");
    }
}

#[test]
fn a_writer_that_comes_first_at_a_new_database_and_one_that_comes_second_both_get_it() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let open = || drop(fresh(&folder));
            (0..4).for_each(|_| _ = scope.spawn(open));
        });
        assert!(!bytes_below(&folder.path().join("local")).is_empty());
    }
}

#[test]
fn the_bundled_sqlite_has_the_wal_reset_fix() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

/// A database in a user's project, and the folder of that user's keys.
fn bound(folder: &Path, user: &str, project: &str) -> Database {
    let file = folder.join(project).join("local/waypost.db");
    std::fs::create_dir_all(folder.join(project)).unwrap();
    Database { keys: Some(folder.join(user)), ..at(&file) }
}

fn filled(database: &Database) -> Vec<u8> {
    record(&mut Store::create(database).unwrap(), Some("mine"), &[file("a.rs", "1")]);
    std::fs::read(&database.file).unwrap()
}

/// Puts a file in the place of a database, and opens it for reading and for
/// writing; returns what is told of it and whether the new one is empty.
fn planted(database: &Database, bytes: &[u8]) -> (Option<String>, bool) {
    std::fs::create_dir_all(database.file.parent().unwrap()).unwrap();
    _ = std::fs::remove_file(database.file.with_extension("db-wal"));
    _ = std::fs::remove_file(database.file.with_extension("db-shm"));
    std::fs::write(&database.file, bytes).unwrap();
    let read = Store::open(database);
    let mut store = Store::create(database).unwrap();
    let notice = store.take_notice();
    assert_eq!(read.is_err(), notice.is_some(), "a reader and a writer agree");
    (notice, store.snapshots().unwrap().is_empty())
}

#[test]
fn a_database_that_another_user_made_is_set_aside_and_nothing_taken_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = filled(&bound(folder.path(), "eve", "hers"));
    let ours = bound(folder.path(), "ann", "ours");
    let (notice, is_empty) = planted(&ours, &theirs);
    let notice = notice.unwrap();
    assert!(notice.contains("not made here by you") && notice.contains(".foreign-"), "{notice}");
    assert!(is_empty);
    assert_eq!(std::fs::read(&Store::aside(&ours.file)[0]).unwrap(), theirs);
    // Also over one of ours.
    filled(&ours);
    assert!(planted(&ours, &theirs).1);
}

#[test]
fn a_copy_of_a_database_is_not_used_elsewhere_and_a_moved_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let first = bound(folder.path(), "ann", "first");
    let bytes = filled(&first);
    let second = bound(folder.path(), "ann", "second");
    let (notice, is_empty) = planted(&second, &bytes);
    assert!(notice.unwrap().contains("it is a copy of") && is_empty);
    std::fs::rename(folder.path().join("first"), folder.path().join("third")).unwrap();
    let third = bound(folder.path(), "ann", "third");
    let store = Store::create(&third).unwrap();
    assert_eq!((store.notice, store.tree.is_some()), (None, true));
    assert_eq!(planted(&third, &bytes), (None, false), "the place is known from then on");
    // Another database has been made in its first place since.
    filled(&first);
    std::fs::rename(folder.path().join("third"), folder.path().join("fourth")).unwrap();
    assert_eq!(planted(&bound(folder.path(), "ann", "fourth"), &bytes), (None, false));
}

#[test]
fn a_database_without_a_key_is_adopted_once_and_only_where_git_does_not_know_it() {
    let folder = tempfile::tempdir().unwrap();
    let unbound = filled(&at(&folder.path().join("old/local/waypost.db")));
    let place = bound(folder.path(), "ann", "place");
    assert_eq!(planted(&place, &unbound), (None, false), "the first time");
    let (notice, is_empty) = planted(&place, &unbound);
    assert!(notice.unwrap().contains("it has no key") && is_empty);
    let unasked = Database { may_adopt: false, ..bound(folder.path(), "ann", "unasked") };
    let (notice, is_empty) = planted(&unasked, &unbound);
    assert!(notice.unwrap().contains("it has no key") && is_empty);
}

#[test]
fn a_database_without_a_key_is_used_at_once_while_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let unbound = filled(&at(&folder.path().join("old/local/waypost.db")));
    let place = bound(folder.path(), "ann", "place");
    std::fs::create_dir_all(place.file.parent().unwrap()).unwrap();
    std::fs::write(&place.file, &unbound).unwrap();
    let other = Connection::open(&place.file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; UPDATE snapshot SET goal = goal").unwrap();
    let began = std::time::Instant::now();
    let store = Store::create(&place).unwrap();
    assert_eq!((store.notice, store.tree.is_some()), (None, true));
    assert!(began.elapsed() < open::BUSY / 3, "{:?}", began.elapsed());
}

#[test]
fn a_lost_key_sets_the_database_aside_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let place = bound(folder.path(), "ann", "place");
    let bytes = filled(&place);
    std::fs::remove_dir_all(folder.path().join("ann")).unwrap();
    let (notice, is_empty) = planted(&place, &bytes);
    assert!(notice.unwrap().contains("the key was lost") && is_empty);
    assert_eq!(std::fs::read(&Store::aside(&place.file)[0]).unwrap(), bytes);
}

#[test]
fn a_key_that_others_can_write_counts_for_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let place = bound(folder.path(), "ann", "place");
    let bytes = filled(&place);
    for key in std::fs::read_dir(folder.path().join("ann")).unwrap() {
        let path = key.unwrap().path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    }
    assert!(planted(&place, &bytes).1);
}

#[test]
fn a_run_that_was_killed_while_it_adopted_a_database_has_lost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let unbound = filled(&at(&folder.path().join("old/local/waypost.db")));
    let place = bound(folder.path(), "ann", "place");
    std::fs::create_dir_all(place.file.parent().unwrap()).unwrap();
    std::fs::write(&place.file, &unbound).unwrap();
    // The key is written before the database is told of it.
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE binding (key, tag)").unwrap();
    binding::bind(&connection, &place, true).unwrap();
    assert_eq!(planted(&place, &unbound), (None, false));
}

/// What somebody may have done to a database: each is found when it is opened or
/// looked through, and set aside then.
#[test]
fn a_schema_or_a_row_that_makes_no_sense_is_set_aside() {
    let check = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let place = bound(folder.path(), "ann", "place");
        filled(&place);
        let connection = Connection::open(&place.file).unwrap();
        let done = connection.execute_batch(sql);
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        drop(connection);
        let opened = Store::create(&place).unwrap();
        let notice = match opened.notice.clone() {
            None => Store::quarantine_database(&place, None).unwrap(),
            notice => notice,
        };
        assert!(notice.is_some(), "{sql}: not found");
        let mut store = Store::create(&place).unwrap();
        assert_eq!(store.notice, None, "{sql}");
        record(&mut store, None, &[file("b.rs", "1")]);
        assert_eq!(Store::diagnose(&place, CheckDepth::Thorough).unwrap(), None, "{sql}");
    };
    for version in [0, 1, 3, 9, -1, 100_000] {
        check(&format!("PRAGMA user_version = {version}"));
    }
    for table in ["sketch_part", "snapshot", "record_text", "word", "binding", "record_fts"] {
        check(&format!("PRAGMA foreign_keys = OFF; DROP TABLE {table}"));
    }
    for more in [
        "CREATE TABLE more (x)",
        "CREATE VIEW more AS SELECT * FROM snapshot",
        "CREATE TRIGGER more AFTER INSERT ON snapshot BEGIN DELETE FROM record_event; END",
        "CREATE INDEX more ON file(path)",
        "CREATE VIRTUAL TABLE more USING fts5(x)",
        "ALTER TABLE snapshot ADD COLUMN more",
        "ALTER TABLE snapshot DROP COLUMN tokens",
        "ALTER TABLE word RENAME COLUMN word TO words",
        "DROP INDEX file_now",
        "DROP TABLE skipped; CREATE VIEW skipped AS SELECT 1 AS id, 1 AS tree, 'x' AS path, '' AS reason, 1 AS first, 1 AS last",
    ] {
        check(more);
    }
    for row in [
        "UPDATE snapshot SET files = 'many'",
        "UPDATE snapshot SET head = x'ff'",
        "UPDATE snapshot SET digest = x'00'",
        "UPDATE snapshot SET digest = 'text'",
        "UPDATE snapshot SET created_at = CAST(x'ff' AS TEXT)",
        "UPDATE snapshot SET goal = CAST(x'ff' AS TEXT)",
        "UPDATE snapshot SET symbols = 1.5",
        "UPDATE snapshot SET tokens = -1",
        "UPDATE file SET class = 'odd'",
        "UPDATE file SET path = '../x'",
        "UPDATE file SET path = x'07'",
        "UPDATE file SET hash = NULL WHERE 0; UPDATE file SET hash = x''",
        "UPDATE file SET size = 'large'",
        "UPDATE skipped SET reason = x'00'",
        "UPDATE content SET data = x'0011223344556677'",
        "UPDATE content SET extractor = x'00'",
        "UPDATE sqlite_sequence SET seq = 9223372036854775807",
        "UPDATE sqlite_sequence SET seq = 'x'",
        "UPDATE binding SET project = x'00'",
        "DELETE FROM binding",
        "DELETE FROM record_fts_config",
        "UPDATE record_fts_config SET v = zeroblob(100000)",
        "UPDATE record_fts_config SET v = 'text'",
        "INSERT INTO record_event (tree, record, revision, what, at) VALUES (1, 'id', 4294967295, 'added', '2026')",
        "INSERT INTO record_event (tree, record, revision, what, at) VALUES (1, 'id', 1, 'added', 'soon')",
        "PRAGMA foreign_keys = OFF; UPDATE snapshot SET tree = 77",
    ] {
        check(row);
    }
}

#[test]
fn a_schema_of_any_size_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let place = bound(folder.path(), "ann", "place");
    filled(&place);
    let connection = Connection::open(&place.file).unwrap();
    let columns = "c".repeat(900_000);
    let mut sql = String::from("BEGIN;");
    (0..40).for_each(|n| sql += &format!("CREATE TABLE t{n} (a DEFAULT '{columns}');"));
    {
        // Another test's look at a schema bounds this one's memory too.
        let _alone = schema::LIMIT.lock();
        connection.execute_batch(&(sql + "COMMIT")).unwrap();
        drop(connection);
    }
    let notice = Store::create(&place).unwrap().notice.unwrap();
    assert!(notice.contains("its schema"), "{notice}");
}

#[test]
fn what_is_rolled_back_leaves_no_row_of_a_work_tree_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let transaction = store.write().unwrap();
    assert!(transaction.tree.is_some());
    drop(transaction);
    assert_eq!(store.tree, None);
    record(&mut store, None, &[file("a.rs", "1")]);
    let tree = store.tree;
    drop(store.write().unwrap());
    assert_eq!((store.tree, tree.is_some()), (tree, true));
}

#[test]
fn a_write_transaction_that_a_panic_ends_leaves_nothing_and_locks_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let event = || RecordEvent {
        record: "id1".into(),
        revision: 1,
        what: RecordEventKind::Added,
        hash: None,
        at: "2026-01-01T00:00:00Z".into(),
    };
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut transaction = store.write().unwrap();
        transaction.put_history_of(&[(event(), None)]).unwrap();
        panic!("in the middle");
    }));
    assert!(panicked.is_err());
    assert_eq!(store.known_ids().unwrap(), Vec::<String>::new());
    let mut other = Store::create(&at(store.path())).unwrap();
    other.wait_at_most(std::time::Duration::ZERO).unwrap();
    let mut transaction = other.write().unwrap();
    transaction.put_history_of(&[(event(), None)]).unwrap();
    transaction.commit().unwrap();
    assert_eq!(store.of_tree().unwrap().known_ids().unwrap(), ["id1"]);
}

fn sample() -> memory::Record {
    let front = "id = '1m8p3mhjxec3e511'\nkind = 'goal'\nstatus = 'accepted'\ntitle = 'A title'\nslug = 'slug'\n\
                 section = 'section'\ntags = ['tag']\nconfidence = 0.5\nauthor = 'Ann'\norigin = 'import'\n\
                 first_origin = 'mcp'\nsource = 'a.md:1'\ncreated = '2026-01-01T00:00:00Z'\n\
                 updated = '2026-01-02T00:00:00Z'\nlinks = [{ relation = 'caused-by', id = '1m8p3mhjxec3e512' }]\n\
                 anchors = [{ path = 'a.rs', symbol = 'f' }]\nnext = 'next'\n\
                 focus = [{ path = 'a.rs', rank = 1, why = 'why', symbols = ['f'] }]";
    let text = format!("+++\n{front}\n+++\nBody.\n\n## Rationale\n\nBecause.\n");
    memory::parse(&text, &crate::redact::Redactor::new(&[]).unwrap()).unwrap()
}

#[test]
fn looks_at_schemas_at_the_same_time_leave_no_limit_behind() {
    let folder = tempfile::tempdir().unwrap();
    let places: Vec<_> = (0..4).map(|n| bound(folder.path(), "ann", &format!("place{n}"))).collect();
    places.iter().for_each(|place| drop(filled(place)));
    std::thread::scope(|scope| {
        for place in &places {
            scope.spawn(|| (0..50).for_each(|_| drop(Store::open(place).unwrap())));
        }
    });
    let _alone = schema::LIMIT.lock();
    let limit: i64 = Connection::open_in_memory()
        .unwrap()
        .query_row("PRAGMA hard_heap_limit", [], |row| row.get(0))
        .unwrap();
    assert_eq!(limit, 0);
}

/// A row of the index is read by the structure of `Record`. Whoever changes that
/// adds a migration that empties `record`, as `record-names.sql` does, and puts
/// the new hash here.
#[test]
fn the_form_of_stored_records_is_the_one_that_the_last_migration_made_room_for() {
    let hash = ContentHash::of(&encode_checked(&sample())).to_hex();
    assert_eq!(hash[..16], *"4c1b3177c66a555d");
}

#[test]
fn a_database_with_kinds_stored_by_place_opens_and_keeps_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = fresh(&folder);
    let record = sample();
    let new = NewRecord {
        record: &record,
        file: "a.md",
        stamp: Stamp::default(),
        read_ns: 0,
        at: "2026-01-01T00:00:00Z",
        title: "title",
        body: "body",
    };
    let mut transaction = store.write().unwrap();
    transaction.put_record(&new).unwrap();
    transaction.commit().unwrap();
    // As the version before had it: another form, and a sound checksum.
    let by_place = checksummed(&[16, 7, 1, 0]);
    store.connection.execute("UPDATE record SET data = ?1", [&by_place]).unwrap();
    store.connection.execute_batch("UPDATE record_event SET revision = 2").unwrap();
    let migration = include_str!("migrations/2026-11-30-record-names.sql");
    store.connection.execute_batch(migration).unwrap();
    drop(store);
    let mut store = fresh(&folder);
    assert_eq!((&store.notice, store.records().unwrap()), (&None, Vec::new()));
    let mut transaction = store.write().unwrap();
    transaction.put_record(&new).unwrap();
    transaction.commit().unwrap();
    let found = store.record_of(&record.id).unwrap().unwrap();
    assert_eq!((found.revision, found.record), (2, record));
}

#[test]
fn a_brief_opening_leaves_a_short_log_and_the_next_one_finds_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local/waypost.db");
    drop(fresh(&folder));
    let brief = Database { is_brief: true, ..at(&path) };
    let log = path.with_extension("db-wal");
    let session = |store: &mut Store, n: i64| {
        store.begin_session(&format!("s{n}"), &crate::model::SessionIdentity::default(), n).unwrap();
    };
    let mut longest = 0;
    for n in 0..200 {
        session(&mut Store::create(&brief).unwrap(), n);
        assert!(Store::open(&brief).unwrap().unwrap().session(&format!("s{n}")).unwrap().is_some());
        longest = longest.max(std::fs::metadata(&log).map_or(0, |log| log.len()));
    }
    assert!(longest > 4_096, "the log was written back each time");
    assert!(longest < 400_000, "the log grew to {longest} bytes");
    session(&mut Store::create(&brief).unwrap(), 200);
    assert!(log.exists());
    drop(Store::open(&at(&path)).unwrap());
    assert!(!log.exists(), "any other opening writes it back");
    let store = Store::open(&at(&path)).unwrap().unwrap();
    assert_eq!(store.sessions(&SessionFilter::default()).unwrap().len(), 201);
}
