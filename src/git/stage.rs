//! What the next commit would hold: writing files of the index out, and putting
//! our own into it. Like `merge`, this writes only where it is told: into a folder
//! that is handed in, git's objects, and the entries of our files.
//!
//! Not here: what is made of it.

use std::path::{Path, PathBuf};

use super::{Repository, Unavailable, broken};
use crate::model::RelPath;

impl Repository {
    /// The same repository with another index, as git tells its hooks of it: one
    /// that lies beside the repository's own.
    pub fn with_index(&self, file: &Path) -> Self {
        let is_beside = file
            .parent()
            .and_then(|folder| folder.canonicalize().ok())
            .is_some_and(|folder| self.git_dir.canonicalize().is_ok_and(|git_dir| git_dir == folder));
        Self { index: is_beside.then(|| file.to_path_buf()), ..self.clone() }
    }

    /// Writes these files of the index into a folder, and gives the place in it
    /// that stands for the root. No filter runs.
    pub fn write_staged<'a>(
        &self,
        paths: impl Iterator<Item = &'a RelPath>,
        folder: &Path,
    ) -> Result<PathBuf, Unavailable> {
        let input: String = paths.map(|path| format!("{path}\0")).collect();
        let prefix = format!("--prefix={}/", folder.display());
        let arguments = ["checkout-index", "--quiet", "--force", "-z", "--stdin", &prefix];
        let answer = if input.is_empty() { None } else { Some(self.run(&arguments, input.into_bytes())?) };
        match answer.filter(|answer| !answer.ok) {
            Some(answer) => Err(broken("the index cannot be written out", &answer)),
            None => Ok(folder.join(&self.prefix)),
        }
    }

    /// Puts these files into the index; `false` when they are there already.
    pub fn stage(&self, files: &[(&str, &[u8])]) -> Result<bool, Unavailable> {
        let mut entries = String::new();
        for (path, bytes) in files {
            let answer = self.run(&["hash-object", "-w", "--stdin"], bytes.to_vec())?;
            if !answer.ok {
                return Err(broken("an object cannot be written", &answer));
            }
            let oid = String::from_utf8_lossy(&answer.stdout);
            entries += &format!("100644 {} 0\t{}{path}\0", oid.trim(), self.prefix);
        }
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        let known = self
            .run(&[&["ls-files", "-s", "-z", "--full-name", "--"], paths.as_slice()].concat(), Vec::new())?;
        let sorted = |text: &str| {
            let mut entries: Vec<String> = text.split('\0').map(str::to_string).collect();
            entries.sort();
            entries
        };
        if known.ok && sorted(&String::from_utf8_lossy(&known.stdout)) == sorted(&entries) {
            return Ok(false);
        }
        let answer = self.run(&["update-index", "-z", "--index-info"], entries.into_bytes())?;
        match answer.ok {
            true => Ok(true),
            false => Err(broken("the index cannot be written", &answer)),
        }
    }

    /// Whether ignore rules keep an untracked file out of a commit.
    pub fn is_ignored(&self, path: &str) -> Result<bool, Unavailable> {
        // The only command that refuses to take its paths literally.
        let answer =
            self.run(&["--no-literal-pathspecs", "check-ignore", "--quiet", "--", path], Vec::new())?;
        match answer.code {
            Some(code @ (0 | 1)) => Ok(code == 0),
            _ => Err(broken("ignore rules cannot be told", &answer)),
        }
    }
}
