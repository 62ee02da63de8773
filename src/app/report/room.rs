//! How much a page may hold: it stays below two megabytes whatever the project's
//! size, and what there is no room for is counted.

/// Bytes of all data.
const ALL: usize = 1_700_000;

/// The part of it that records and snapshots may take.
const OF_RECORDS: usize = 500_000;
const OF_SNAPSHOTS: usize = 200_000;

/// What is left of the room.
pub(super) struct Room {
    all: usize,
    records: usize,
    snapshots: usize,
}

impl Room {
    /// An empty page.
    pub fn new() -> Self {
        Self { all: ALL, records: OF_RECORDS, snapshots: OF_SNAPSHOTS }
    }

    /// Takes room for a record; `false` where there is none.
    pub fn takes_record(&mut self, bytes: usize) -> bool {
        take(&mut self.records, bytes) && take(&mut self.all, bytes)
    }

    /// Takes room for a snapshot.
    pub fn takes_snapshot(&mut self, bytes: usize) -> bool {
        take(&mut self.snapshots, bytes) && take(&mut self.all, bytes)
    }

    /// Takes room for anything else.
    pub fn takes(&mut self, bytes: usize) -> bool {
        take(&mut self.all, bytes)
    }

    /// Whether more than this is left.
    pub fn has(&self, bytes: usize) -> bool {
        self.all > bytes
    }
}

fn take(left: &mut usize, bytes: usize) -> bool {
    let fits = bytes <= *left;
    if fits {
        *left -= bytes;
    }
    fits
}

/// Bytes of a value as it stands in the page.
pub(super) fn size(value: &impl serde::Serialize) -> usize {
    let mut count = Count(0);
    // It counts as much as was written before it failed, and counting does not.
    let _ = serde_json::to_writer(&mut count, value);
    count.0 + 1
}

struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // These become six characters each.
        let escaped = bytes.iter().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count();
        self.0 += bytes.len() + 5 * escaped;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
