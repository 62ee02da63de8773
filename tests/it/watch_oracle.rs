//! What a watch leaves after random changes is what a fresh snapshot writes,
//! byte for byte. `tests/trials/watch_oracle.py` runs longer scripts with more
//! kinds of changes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::project::Project;
use crate::watch::{is_fresh, watch};

const SEEDS: u64 = 40;
const OPERATIONS: usize = 30;
/// At a time: most of it is waiting.
const LANES: u64 = 8;
const WORDS: [&str; 6] = ["alpha", "beta", "gamma", "delta", "north", "river"];

/// Random changes below a root. What cannot be done is not done.
struct Script {
    root: PathBuf,
    outside: PathBuf,
    random: u64,
    count: usize,
}

impl Script {
    /// xorshift64*: the same script for the same seed.
    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }

    fn name(&mut self) -> String {
        let ending = [".py", ".py", ".rs", ".md", ".log", ""][self.below(6)];
        format!("{}{ending}", self.word())
    }

    fn text(&mut self) -> String {
        self.count += 1;
        format!("def {}_{}(a, b):\n    return a + b\n", self.word(), self.count)
    }

    fn every(&self, folders: bool) -> Vec<PathBuf> {
        let (mut found, mut pending) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = pending.pop() {
            let mut entries: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().collect();
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let name = entry.file_name();
                match entry.file_type() {
                    Ok(_) if name == ".git" || name == ".waypost" => {}
                    Ok(kind) if kind.is_dir() => {
                        pending.push(entry.path());
                        found.extend(folders.then(|| entry.path()));
                    }
                    Ok(_) if !folders && !name.to_string_lossy().starts_with('.') => found.push(entry.path()),
                    _ => {}
                }
            }
        }
        found
    }

    fn one(&mut self, of: Vec<PathBuf>) -> Option<PathBuf> {
        let at = self.below(of.len().max(1));
        of.into_iter().nth(at)
    }

    fn file(&mut self) -> PathBuf {
        let files = self.every(false);
        self.one(files).unwrap_or_else(|| self.root.join("first.py"))
    }

    /// The root, too.
    fn folder(&mut self) -> PathBuf {
        let mut folders = self.every(true);
        folders.push(self.root.clone());
        self.one(folders).expect("the root at least")
    }

    fn inner(&mut self) -> Option<PathBuf> {
        let folders = self.every(true);
        self.one(folders)
    }

    fn new_path(&mut self) -> PathBuf {
        self.folder().join(self.name())
    }

    fn step(&mut self) -> std::io::Result<()> {
        match self.below(17) {
            0 | 1 => fs::write(self.new_path(), self.text()),
            2 => {
                let file = self.file();
                let text = fs::read_to_string(&file)? + &self.text();
                fs::write(file, text)
            }
            3 => {
                let (file, text) = (self.file(), self.text());
                fs::write(&file, "")?;
                std::thread::sleep(Duration::from_millis(4));
                fs::write(file, text)
            }
            4 => {
                let file = self.file();
                let beside = file.with_extension("tmp~");
                fs::write(&beside, self.text())?;
                fs::rename(beside, file)
            }
            5 => fs::rename(self.file(), self.new_path()),
            6 | 7 => match self.inner() {
                Some(folder) => fs::rename(folder, self.folder().join(self.word())),
                None => Ok(()),
            },
            8 => {
                let file = self.file();
                fs::remove_file(&file)?;
                fs::create_dir(&file)?;
                fs::write(file.join(self.name()), self.text())
            }
            9 => match self.inner() {
                Some(folder) => {
                    fs::remove_dir_all(&folder)?;
                    fs::write(folder, self.text())
                }
                None => Ok(()),
            },
            10 => {
                // Another folder of the same name.
                let Some(folder) = self.inner() else { return Ok(()) };
                self.count += 1;
                fs::rename(&folder, self.outside.join(self.count.to_string()))?;
                fs::create_dir(&folder)?;
                fs::write(folder.join(self.name()), self.text())
            }
            11 | 12 => {
                let mut folder = self.folder();
                for _ in 0..=self.below(3) {
                    folder.push(self.word());
                }
                fs::create_dir_all(&folder)?;
                fs::write(folder.join(self.name()), self.text())
            }
            13 => fs::remove_file(self.file()),
            14 => {
                let mode = [0o644, 0o600, 0o755][self.below(3)];
                fs::set_permissions(self.file(), fs::Permissions::from_mode(mode))
            }
            15 => {
                let lines = ["*.log\n", "/alpha\n", "*.md\n", "", "river*\n", "gamma/*\n!gamma/beta.py\n"];
                let text = lines[self.below(lines.len())];
                fs::write(self.folder().join(".gitignore"), text)
            }
            _ => {
                let (link, to) = (self.new_path(), self.file());
                symlink(to, link)
            }
        }
    }
}

/// Both handoff files, and the files and what is skipped of the last snapshot.
fn state(project: &Project) -> (String, String, Value, Value) {
    let shown = project.json(&["show-snapshot"]);
    let (page, data) = project.handoff();
    (page, data, shown["files"].clone(), shown["skipped"].clone())
}

fn check(seed: u64) {
    let project = Project::committed(&[
        ("first.py", "def first(): pass\n"),
        ("alpha/beta/two.py", "def two(): pass\n"),
    ]);
    let outside = project.outside("aside");
    fs::create_dir(&outside).unwrap();
    let mut watching = watch(&project, &["--max-delay-ms", "500"]);
    watching.next_of("ready");
    let mut script = Script {
        root: project.root.clone(),
        outside,
        random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        count: 0,
    };
    let mut failed = 0;
    for _ in 0..OPERATIONS {
        // A name that is taken by a folder, say: chance does not avoid it.
        failed += usize::from(script.step().is_err());
        std::thread::sleep(Duration::from_millis(script.below(50) as u64));
    }
    assert!(failed * 4 < OPERATIONS, "seed {seed}: {failed} of {OPERATIONS} operations failed");
    watching.settle();
    watching.until(&format!("seed {seed} is right"), || is_fresh(&project));
    watching.settle();
    assert_eq!(watching.signal("TERM"), 143, "seed {seed}");
    let left = state(&project);
    remove(&project.path(".waypost"));
    project.snapshot();
    assert_eq!(left, state(&project), "seed {seed}");
}

fn remove(folder: &Path) {
    fs::remove_dir_all(folder).expect("a folder to remove");
}

#[test]
fn random_changes_leave_what_a_fresh_snapshot_writes() {
    std::thread::scope(|scope| {
        for lane in 1..=LANES {
            scope.spawn(move || (lane..=SEEDS).step_by(LANES as usize).for_each(check));
        }
    });
}
