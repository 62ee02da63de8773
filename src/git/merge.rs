//! What a merge that is going on will come to, and the settings that have git
//! ask us about our files. The only place from where git is told to write: its
//! own objects, settings and a folder that is handed in.
//!
//! Not here: what is made of the merged tree (`cli/merge`).

use std::path::Path;

use super::process;
use super::{Repository, Unavailable, broken, failed, nul_separated};

/// The key of our driver's command in git's configuration.
pub const DRIVER: &str = "merge.waypost.driver";

/// A driver that merges nothing: the file conflicts.
const GIVE_UP: &str = "false";

impl Repository {
    /// Writes what the head commit merged with `other` comes to into an empty
    /// folder, as a repository of its own. `false` when files other than those
    /// that `may_conflict` conflict: then there is no such tree yet.
    pub fn merged_into(
        &self,
        other: &str,
        folder: &Path,
        may_conflict: &dyn Fn(&str) -> bool,
    ) -> Result<bool, Unavailable> {
        let answer = self.without_drivers(&[
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            "HEAD",
            other,
        ])?;
        let mut parts = nul_separated(&answer.stdout);
        let (Some(tree), Some(0 | 1)) = (parts.next(), answer.code) else {
            return Err(broken("the merge cannot be told", &answer));
        };
        let is_id = tree.len() >= 40 && tree.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id || parts.any(|path| !path.is_empty() && !may_conflict(path)) {
            return Ok(false);
        }
        self.check_out(tree, folder)?;
        Ok(true)
    }

    /// A tree as a checkout of it would be, in a repository that borrows the
    /// objects of this one. No filter and no hook runs.
    fn check_out(&self, tree: &str, folder: &Path) -> Result<(), Unavailable> {
        let format = if tree.len() == 64 { "--object-format=sha256" } else { "--object-format=sha1" };
        let run = |arguments: &[&str]| {
            let filters_off = self.filters_off.as_deref().unwrap_or_default();
            let answer =
                process::run(folder, arguments, filters_off, Vec::new()).map_err(|why| failed(&why))?;
            match answer.ok {
                true => Ok(()),
                false => Err(broken("the merge cannot be written out", &answer)),
            }
        };
        run(&["init", "-q", "--template=", format])?;
        let objects = format!("{}\n", self.common_dir.join("objects").display());
        let alternates = folder.join(".git/objects/info/alternates");
        let borrowed = alternates
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&alternates, objects));
        borrowed.map_err(|error| failed(&process::Failure::Io(error)))?;
        run(&["read-tree", tree])?;
        run(&["checkout-index", "--all", "--force", "--quiet"])
    }

    /// Runs git with every merge driver of the configuration, ours included,
    /// replaced by one that gives up.
    fn without_drivers(&self, arguments: &[&str]) -> Result<process::GitOutput, Unavailable> {
        let drivers =
            self.run(&["config", "-z", "--name-only", "--get-regexp", "^merge\\..*\\.driver$"], Vec::new())?;
        // 1 means that there is none.
        if !matches!(drivers.code, Some(0 | 1)) {
            return Err(broken("the merge drivers cannot be told", &drivers));
        }
        let give_up = |key: &str| (key.to_string(), GIVE_UP.to_string());
        let names = nul_separated(&drivers.stdout).filter(|name| !name.is_empty());
        let mut extra: Vec<(String, String)> = names.map(give_up).collect();
        extra.push(give_up(DRIVER));
        extra.extend(self.filters_off.iter().flatten().cloned());
        process::run(&self.root, arguments, &extra, Vec::new()).map_err(|why| failed(&why))
    }

    /// The three versions of a file merged line by line, ours where both sides
    /// changed a line.
    pub fn merged_lines(&self, base: &Path, ours: &Path, theirs: &Path) -> Result<Vec<u8>, Unavailable> {
        let [base, ours, theirs] = [base, ours, theirs].map(|path| path.to_string_lossy().into_owned());
        let answer = self.run(&["merge-file", "-p", "--ours", &ours, &base, &theirs], Vec::new())?;
        match answer.ok {
            true => Ok(answer.stdout),
            false => Err(broken("the versions cannot be merged", &answer)),
        }
    }

    /// The value of a setting in this repository's own configuration.
    pub fn setting(&self, key: &str) -> Option<String> {
        let answer = self.run(&["config", "--local", "--get", key], Vec::new()).ok()?;
        let text = String::from_utf8(answer.stdout).ok()?;
        answer.ok.then(|| text.trim_end_matches('\n').to_string())
    }

    /// Sets a value in this repository's own configuration.
    pub fn set(&self, key: &str, value: &str) -> Result<(), Unavailable> {
        let answer = self.run(&["config", "--local", key, value], Vec::new())?;
        match answer.ok {
            true => Ok(()),
            false => Err(broken("the configuration cannot be written", &answer)),
        }
    }
}
