//! Opening below a folder and nowhere else: no link is followed in any
//! component, no mount is entered (but `.waypost` itself may be one), nothing blocks, and only what was asked for
//! (a folder, a regular file) is handed out. Sources go through it, and the
//! files of ours too, since a repository can bring those along.
//!
//! Not here: what to open. Unix only, like the file kinds it guards against.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, mkdirat, openat, readlinkat, statat};
use rustix::io::Errno;

use crate::model::Stamp;

/// The project's folder, held open: what happens to its path later is of no
/// consequence.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
    device: u64,
    /// As the user gave it; for facts about it, never for opening below it.
    pub path: PathBuf,
    /// Another folder, and the files that are read there in place of those here.
    over: Option<(Box<Root>, BTreeSet<Vec<u8>>)>,
}

/// The kind of a folder's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Symlink,
    /// Anything else, by its name for the user.
    Special(&'static str),
}

/// An open folder, below which paths are opened.
pub struct Listing {
    folder: rustix::fs::Dir,
    device: u64,
}

const NOT_REGULAR: &str = "not a regular file";

const NEVER: OFlags = OFlags::CLOEXEC.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

impl Root {
    /// Follows links in `path` itself: the user named it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let folder = openat(CWD, path, NEVER | OFlags::DIRECTORY, Mode::empty())?;
        let device = device(&fstat(&folder)?);
        let path = path.to_path_buf();
        Ok(Self { folder, device, path, over: None })
    }

    /// The same with these files of another folder in place of its own.
    pub fn with_files_of(self, other: Self, files: BTreeSet<Vec<u8>>) -> Self {
        Self { over: Some((Box::new(other), files)), ..self }
    }

    /// The last `.waypost` in a path, which may be a container's volume, and the
    /// path below it; the folder of what lies elsewhere.
    fn for_ours(path: &Path) -> io::Result<(Self, &Path)> {
        let (top, below) = split(path)?;
        let top = Self::open(top)?;
        let Ok(below_ours) = below.strip_prefix(OURS) else { return Ok((top, below)) };
        let folder = open_folder(&top.folder, OsStr::new(OURS)).map_err(|error| told(error.into()))?;
        let device = device(&fstat(&folder)?);
        Ok((Self { folder, device, path: top.path.join(OURS), over: None }, below_ours))
    }

    /// The folder at `path`, the root for an empty one. Fails for a link, and
    /// with `CrossesDevices` where another file system is mounted.
    pub fn list(&self, path: &[u8]) -> io::Result<Listing> {
        let folder = self.open_below(path, OFlags::DIRECTORY)?;
        if device(&fstat(&folder)?) != self.device {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        let folder = rustix::fs::Dir::new(folder)?;
        Ok(Listing { folder, device: self.device })
    }

    /// A regular file, opened for reading. Fails for everything else, without
    /// waiting for it and without side effects of opening it.
    pub fn file(&self, path: &[u8]) -> io::Result<File> {
        if let Some((other, _)) = self.over.as_ref().filter(|(_, files)| files.contains(path)) {
            return other.file(path);
        }
        let file = self.open_below(path, OFlags::RDONLY)?;
        let stat = fstat(&file)?;
        if kind(FileType::from_raw_mode(stat.st_mode)) != EntryKind::File {
            return Err(io::Error::other(NOT_REGULAR));
        }
        Ok(File::from(file))
    }

    /// [`stamp_at`] below the root, which is shorter to go.
    pub fn stamp(&self, path: &str) -> Option<Stamp> {
        let path = if path.is_empty() { "." } else { path };
        Some(stamp(&statat(&self.folder, path, AtFlags::SYMLINK_NOFOLLOW).ok()?))
    }

    /// Where the link at `path` leads, as it is written: it is not followed.
    /// `None` for everything else.
    pub fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        let at = path.iter().rposition(|&byte| byte == b'/');
        let (parent, name) = at.map_or((&b""[..], path), |at| (&path[..at], &path[at + 1..]));
        let folder = self.open_below(parent, OFlags::DIRECTORY).ok()?;
        let target = readlinkat(&folder, OsStr::from_bytes(name), Vec::new()).ok()?;
        Some(target.into_bytes())
    }

    fn open_below(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let path = if path.is_empty() { b"." } else { path };
        let flags = flags | NEVER | OFlags::NOFOLLOW;
        #[cfg(target_os = "linux")]
        match open_in_one_call(&self.folder, path, flags) {
            // Old kernels, and sandboxes that do not know the call.
            Err(Errno::NOSYS | Errno::PERM) => {}
            opened => return opened,
        }
        open_by_component(&self.folder, path, flags)
    }
}

/// One component, through no link.
fn open_folder(folder: &OwnedFd, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    openat(folder, name, NEVER | OFlags::NOFOLLOW | OFlags::DIRECTORY, Mode::empty())
}

#[cfg(target_os = "linux")]
fn open_in_one_call(folder: &OwnedFd, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let resolve = resolve | ResolveFlags::NO_XDEV;
    rustix::io::retry_on_intr(|| openat2(folder, path, flags, Mode::empty(), resolve))
}

/// Where the kernel does not watch the way: what goes up or starts anew is
/// refused here, and a mount shows as another device.
fn open_by_component(folder: &OwnedFd, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
    if path.starts_with(b"/") || path.split(|&byte| byte == b'/').any(|part| part == b"..") {
        return Err(Errno::XDEV);
    }
    let mut parts: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
    let last = parts.pop().unwrap_or(b".");
    let mut inner: Option<OwnedFd> = None;
    for part in parts {
        let outer = inner.as_ref().unwrap_or(folder);
        inner = Some(open_folder(outer, OsStr::from_bytes(part))?);
    }
    let outer = inner.as_ref().unwrap_or(folder);
    let opened = openat(outer, last, flags, Mode::empty())?;
    match device(&fstat(&opened)?) == device(&fstat(folder)?) {
        true => Ok(opened),
        false => Err(Errno::XDEV),
    }
}

/// A file of ours to read and to add to; it is created where it is missing.
/// Through no link, and for its user alone.
pub fn open_log(path: &Path) -> io::Result<File> {
    refuse_links(path.parent().unwrap_or(Path::new(".")))?;
    let flags = NEVER | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::APPEND | OFlags::CREATE;
    let file = openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)?;
    match kind(FileType::from_raw_mode(fstat(&file)?.st_mode)) {
        EntryKind::File => Ok(File::from(file)),
        _ => Err(io::Error::other(NOT_REGULAR)),
    }
}

/// The bytes of a file of ours, that is below a `.waypost` folder: through no
/// link from that folder on. A file elsewhere through no link in its own place.
///
/// Fails for more than `at_most` bytes, and for what is no regular file.
pub fn read(path: &Path, at_most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(at_most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > at_most {
        true => Err(io::Error::other(format!("it has more than {at_most} bytes"))),
        false => Ok(bytes),
    }
}

/// What [`read`] reads, opened.
pub fn open(path: &Path) -> io::Result<File> {
    let (folder, below) = Root::for_ours(path)?;
    folder.file(below.as_os_str().as_bytes()).map_err(told)
}

/// A regular file that the user or git named, wherever it lies and through
/// whatever links; without waiting for it.
pub fn open_named(path: &Path) -> io::Result<File> {
    let file = File::from(openat(CWD, path, NEVER | OFlags::RDONLY, Mode::empty())?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other(NOT_REGULAR)),
    }
}

/// Whether this user may execute the file there, so that a search path that
/// names its folder leads to it.
pub fn is_program(path: &Path) -> bool {
    let may = rustix::fs::accessat(CWD, path, rustix::fs::Access::EXEC_OK, AtFlags::EACCESS);
    may.is_ok() && path.is_file()
}

/// [`read`] for text.
pub fn read_text(path: &Path, at_most: u64) -> io::Result<String> {
    String::from_utf8(read(path, at_most)?).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Fails when the way to a folder of ours leads over a link, so that nothing
/// is written or deleted beyond it. What does not exist yet is no link.
pub fn refuse_links(folder: &Path) -> io::Result<()> {
    if !split(folder)?.1.starts_with(OURS) {
        // The user's own places: links there are the user's.
        return Ok(());
    }
    let listed = Root::for_ours(folder).and_then(|(ours, below)| ours.list(below.as_os_str().as_bytes()));
    match listed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(told(error)),
        Ok(_) => Ok(()),
    }
}

/// Creates a folder of ours with the mode given (as the user's mask allows),
/// and what lacks around it from `.waypost` on: over no link, and never the
/// project itself, which may be gone (`NotFound`) while a run is under way.
pub fn create_folder(path: &Path, mode: u32) -> io::Result<()> {
    let (top, below) = split(path)?;
    let mut folder = Root::open(top)?.folder;
    for part in below {
        // First a look: on a full or read-only disk, making what is there
        // would be refused for another reason.
        folder = match open_folder(&folder, part) {
            Err(Errno::NOENT) => match mkdirat(&folder, part, Mode::from_raw_mode(mode)) {
                Ok(()) | Err(Errno::EXIST) => open_folder(&folder, part),
                Err(error) => Err(error),
            },
            opened => opened,
        }
        .map_err(|error| told(error.into()))?;
    }
    Ok(())
}

/// Whether what is at this path is the user's, so that no other user can have
/// put it there. Root also accepts what belongs to the owner of `around`, as in
/// a container that works on a mounted folder. A missing file counts as the
/// user's.
pub fn is_users_own(path: &Path, around: &Path) -> bool {
    let owner = |path: &Path| statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).map(|stat| stat.st_uid);
    let user = rustix::process::geteuid();
    match owner(path) {
        Ok(owner_id) => owner_id == user.as_raw() || user.is_root() && owner(around) == Ok(owner_id),
        Err(_) => true,
    }
}

/// Whether a file of the user's own is just that, and nobody else can write to it.
pub fn is_private(file: &Path) -> bool {
    let closed = statat(CWD, file, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|found| found.st_mode & 0o022 == 0);
    closed && file.parent().is_some_and(|folder| is_users_own(file, folder))
}

/// A path at the last `.waypost` in it, else at its last part.
fn split(path: &Path) -> io::Result<(&Path, &Path)> {
    let ours = |folder: &&Path| folder.file_name().is_some_and(|name| name == OURS);
    let last = path.ancestors().find(ours).unwrap_or(path);
    let nowhere = || io::Error::from(io::ErrorKind::InvalidInput);
    let top = last.parent().ok_or_else(nowhere)?;
    let below = path.strip_prefix(top).map_err(|_| nowhere())?;
    Ok((if top.as_os_str().is_empty() { Path::new(".") } else { top }, below))
}

/// The folder that a repository may bring along.
const OURS: &str = ".waypost";

/// Whether something was not opened because a link lies there.
pub fn is_link(error: &io::Error) -> bool {
    matches!(error.raw_os_error().map(Errno::from_raw_os_error), Some(Errno::LOOP | Errno::MLINK))
}

/// Explains a refusal that comes from one of our own rules.
fn told(error: io::Error) -> io::Error {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::LOOP | Errno::MLINK | Errno::NOTDIR) => {
            io::Error::other("it is a link, or lies behind one: replace it by a file or folder of its own")
        }
        Some(Errno::XDEV) => io::Error::other("it lies on another file system"),
        Some(Errno::NXIO) => io::Error::other("not a regular file"),
        _ => error,
    }
}

impl Listing {
    /// The names with their kinds, without `.` and `..`, in no order.
    ///
    /// A name that vanishes meanwhile is left out.
    pub fn names(&mut self) -> io::Result<Vec<(Vec<u8>, EntryKind)>> {
        let mut names = Vec::new();
        while let Some(entry) = self.folder.read() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let file_type = match entry.file_type() {
                FileType::Unknown => match self.stat(name) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(_) => continue,
                },
                known => known,
            };
            names.push((name.to_vec(), kind(file_type)));
        }
        Ok(names)
    }

    /// The facts of a file. Fails with `CrossesDevices` where something of
    /// another file system is mounted on it.
    pub fn stamp(&self, name: &[u8]) -> io::Result<Stamp> {
        let stat = self.stat(name)?;
        if device(&stat) != self.device {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        Ok(stamp(&stat))
    }

    fn stat(&self, name: &[u8]) -> rustix::io::Result<Stat> {
        let folder = self.folder.fd()?;
        statat(folder, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW)
    }
}

/// The facts of an open file.
pub fn stamp_of(file: &File) -> io::Result<Stamp> {
    Ok(stamp(&fstat(file.as_fd())?))
}

/// The stamp of whatever is at this path, without following a link there;
/// `None` if there is nothing.
pub fn stamp_at(path: &Path) -> Option<Stamp> {
    Some(stamp(&statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()?))
}

#[allow(clippy::unnecessary_cast, reason = "the types differ between platforms")]
fn stamp(stat: &Stat) -> Stamp {
    let time =
        |seconds: i64, nanoseconds: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds);
    Stamp {
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mtime_ns: time(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        ctime_ns: time(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        inode: stat.st_ino as u64,
    }
}

#[allow(clippy::unnecessary_cast, reason = "the types differ between platforms")]
fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

fn kind(file_type: FileType) -> EntryKind {
    match file_type {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Symlink,
        FileType::Fifo => EntryKind::Special("named pipe"),
        FileType::Socket => EntryKind::Special("socket"),
        FileType::BlockDevice | FileType::CharacterDevice => EntryKind::Special("device"),
        _ => EntryKind::Special("special file"),
    }
}
