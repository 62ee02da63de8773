//! Why the system refused to read or write, in plain words.
//!
//! Not here: which file it was about, which every error names itself.

use std::io::{Error, ErrorKind};

/// The words for a full disk, whether the system or SQLite reports it.
pub const NO_SPACE: &str = "no space left on the disk";

/// The reason of an error: in plain words if the user can do something about
/// it, else in the system's.
pub fn why(error: &Error) -> String {
    // Too many open files, here and in the whole system: std has no kind for it.
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::StorageFull, _) => NO_SPACE.to_string(),
        (ErrorKind::QuotaExceeded, _) => "the disk quota is used up".to_string(),
        (ErrorKind::FileTooLarge, _) => "it would be larger than a file may be (`ulimit -f`)".to_string(),
        (ErrorKind::OutOfMemory, _) => "the system has no more memory for it (`ulimit -v`)".to_string(),
        (ErrorKind::ReadOnlyFilesystem, _) => "the file system is read-only".to_string(),
        (_, Some(EMFILE | ENFILE)) => "too many files are open".to_string(),
        _ => error.to_string(),
    }
}

/// Whether the system itself failed, whatever the file: another try may
/// succeed.
pub fn is_the_systems(error: &Error) -> bool {
    // I/O error, out of memory, out of open files: the same numbers on every
    // Unix.
    matches!(error.raw_os_error(), Some(5 | 12 | 23 | 24)) || error.kind() == ErrorKind::OutOfMemory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_full_disk_says_is_plain() {
        let check = |number, expected: &str| assert_eq!(why(&Error::from_raw_os_error(number)), expected);
        check(28, "no space left on the disk");
        check(122, "the disk quota is used up");
        check(30, "the file system is read-only");
        check(24, "too many files are open");
        check(27, "it would be larger than a file may be (`ulimit -f`)");
        check(5, "Input/output error (os error 5)");
    }
}
