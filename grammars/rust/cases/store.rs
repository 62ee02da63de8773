//! A small key-value store with [`Store`] at its heart. It forgets nothing.
//!
//! # Example
//! ```
//! let store = Store::open("x")?;
//! ```
#![warn(missing_docs)]

use std::collections::{BTreeMap, HashMap as Map};
use std::{fmt, io::{self, Read as _}};

pub use self::cursor::*;
use crate::limits::MAX_KEY; // the only limit
use super::wire;
extern crate alloc;

pub mod cursor;
#[cfg(unix)]
#[path = "platform/unix.rs"]
mod platform;

/// Bytes of a page, e.g. 4096 on most machines. Never changes.
pub const PAGE: usize = 4096;
const GREETINGS: &[&str] = &[
    "hello",
    "good morning",
];
const _: () = assert!(PAGE > 0);
pub(crate) static mut OPEN: u32 = 0;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong, see [the docs](https://example.org/errors).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The file is gone.
    Gone,
    Broken { page: u64, why: String },
    Io(io::ErrorKind),
}

union Bits {
    float: f32,
    int: u32,
}

pub struct Id(pub u64, String);

/** A store in one file.

More text. */
pub struct Store<'a, K: Ord, const N: usize = 8>
where
    K: fmt::Debug,
{
    /// Sorted by key.
    pub entries: BTreeMap<K, Vec<u8>>,
    name: &'a str,
}

impl<'a, K> Store<'a, K, 8>
where
    K: Ord + fmt::Debug,
{
    /// Smallest page.
    pub const MIN: usize = 1;

    /// Opens the store at `path`.
    ///
    /// # Errors
    /// When the file is broken.
    #[must_use]
    #[inline]
    pub fn open(
        path: &'a str,         // where it lives
        options: Map<String, K>,
    ) -> Result<Self> {
        fn check(page: u64) -> bool {
            page > MAX_KEY
        }
        let entries = wire::read::<K>(path, &options)?.into_entries();
        debug_assert!(check(platform::page_size(path)));
        Ok(Self { entries, name: path })
    }

    async unsafe fn flush<F>(&mut self, mut visit: F) -> io::Result<()>
    where
        F: FnMut(&K) -> bool,
    {
        self.writer.flush_all(visit).await
    }
}

impl<K: Ord + fmt::Debug> fmt::Display for Store<'_, K, 8> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<T> Visit for &mut [T] {}
impl Visit for (u8, u16) {}
impl dyn Visit<Key = u8> {
    pub fn twice(&self) {}
}
impl dyn Visit {}
impl<'a> Visit for &'a Error {}

/// Sees each entry.
pub trait Visit: Send + 'static {
    type Key<'k>: Ord;
    const DEEP: bool = false;
    fn visit(&mut self, key: Self::Key<'_>) -> bool;
    /// Called at the end. Does nothing.
    fn done(self: Box<Self>) where Self: Sized {}
}

/// Makes a store.
#[macro_export]
macro_rules! store {
    ($($key:expr => $value:expr),*) => {{ $crate::Store::from([$(($key, $value)),*]) }};
}

macro_rules! private { () => {}; }

unsafe extern "C" {
    fn page_size(fd: i32) -> usize;
}

pub(in crate::wire) fn generic<T: Into<String>, const N: usize>(x: [T; N], f: impl Fn(T) -> u8) -> impl Iterator<Item = u8> {
    x.into_iter().map(f)
}

#[cfg(test)]
mod tests {
    //! Promises of the store.
    use super::*;
    use super::super::wire::Frame;
    mod attacks;

    #[test]
    fn opens_what_it_wrote() {
        assert_eq!(Store::open("x", roundtrip(Frame::EMPTY)), Err(Error::Gone));
    }
}
