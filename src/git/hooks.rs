//! Where git looks for this repository's hooks.
//!
//! Not here: what stands in them, and who writes them.

use std::path::PathBuf;

use super::{Repository, Unavailable, broken};

impl Repository {
    /// The folder of `core.hooksPath`, else the one of git's own. What we set
    /// ourselves, so that no hook runs while we ask, does not count.
    pub fn hooks(&self) -> Result<PathBuf, Unavailable> {
        let question = ["config", "-z", "--show-origin", "--type=path", "--get-all", "core.hooksPath"];
        let answer = self.run(&question, Vec::new())?;
        if !matches!(answer.code, Some(0 | 1)) {
            return Err(broken("the folder of the hooks cannot be told", &answer));
        }
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let parts: Vec<&str> = text.split('\0').collect();
        let (pairs, _) = parts.as_chunks::<2>();
        let set = pairs.iter().rev().find(|[origin, _]| !origin.starts_with("command line"));
        Ok(match set {
            Some([_, folder]) => self.top.join(folder),
            None => self.common_dir.join("hooks"),
        })
    }
}
