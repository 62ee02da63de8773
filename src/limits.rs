//! Every fixed bound in one place, each with its reason. What a user may
//! change is in [`crate::config`]; these guard the program itself.

use std::time::Duration;

/// Bytes. Default of `max_file_size`. Hand-written code is smaller: in
/// ripgrep, flask, jj and django the largest Rust or Python file has 406 kB
/// (django's tests/admin_views/tests.py).
pub const MAX_FILE_SIZE: u64 = 1_000_000;

/// Bytes looked at to tell text from binary: git looks at as many.
pub const SNIFF: usize = 8_000;

/// Bytes of a line. Beyond it a file counts as minified: no person wrote it,
/// and parsers, terminals and readers suffer.
pub const MAX_LINE: usize = 10_000;

/// Bytes. Larger files are told apart by size and time, not by content:
/// hashing a disk image at every snapshot costs more than it tells.
pub const MAX_HASHED: u64 = 64_000_000;

/// Bytes and rules of one ignore file. Real ones have some kilobytes, generated
/// ones some megabytes. What a larger one says is not known, so that whatever
/// it might be about is left out.
pub const MAX_IGNORE_FILE: u64 = 16_000_000;
/// Rules of one ignore file; beyond, the file counts as too large.
pub const MAX_IGNORE_RULES: usize = 1_000_000;

/// Bytes that the rules of all ignore files of a tree take in memory, the steps
/// that matching them may take, and further steps for each path. Real trees have
/// some kilobytes and some hundred steps a path; two thousand million steps
/// take some seconds. Beyond, what the large files say counts as not known.
pub const MAX_IGNORE_MEMORY: u64 = 64_000_000;
/// Steps that matching may take over a whole walk.
pub const MAX_IGNORE_STEPS: u64 = 2_000_000_000;
/// Further steps that each path adds to [`MAX_IGNORE_STEPS`].
pub const IGNORE_STEPS_A_PATH: u64 = 20_000;

/// Bytes of the ignore files that count even then.
pub const SMALL_IGNORE_FILE: u64 = 4_000;

/// Bytes of a path: Linux takes no longer one (`PATH_MAX`), and others less.
pub const MAX_PATH: usize = 4_096;

/// Processor time for the parse of one file, so that the outcome does not
/// depend on what else the machine does. A file at `MAX_FILE_SIZE` takes 0.3 s
/// at the slowest speed that was measured (3.6 MB/s). Where the parser does
/// not look at it, the system ends its process within the second after.
pub const PARSE_TIME: Duration = Duration::from_secs(2);

/// Wall-clock time after which a worker is killed in any case: twenty times
/// what the slowest file takes of an idle machine. It was the machine then, or
/// the worker sleeps, so the next snapshot tries the file again.
pub const PARSE_DEADLINE: Duration = Duration::from_secs(60);

/// Bytes of address space of a worker, its code among them (83 MB with all
/// languages). For a file at `MAX_FILE_SIZE` it uses 37 to 162 MB, by the
/// language; bombs of 40 kB take 3 GB where they are let.
pub const PARSE_MEMORY: u64 = 500_000_000;

/// Bytes of a worker's answer. It is about as long as the file at most;
/// `MAX_SYMBOLS` of the longest names, signatures and docs in the
/// widest characters have 45 MB.
pub const PARSE_ANSWER: usize = 64_000_000;

/// Open brackets before the next end of statement. Deeper nesting makes
/// tree-sitter's error recovery quadratic in time and memory without calling
/// its progress callback: 40 kB of `a<` hold it for a minute.
pub const MAX_NESTING: usize = 256;

/// Symbols kept of one file, in order of appearance.
pub const MAX_SYMBOLS: usize = 20_000;

/// Levels of nesting kept of symbols.
pub const MAX_SYMBOL_DEPTH: usize = 32;

/// Characters of a symbol's name. Tests that are named by a whole sentence have
/// up to 170.
pub const MAX_NAME: usize = 200;

/// Characters of a signature. Longer ones stop being readable at a glance.
pub const MAX_SIGNATURE: usize = 200;

/// Characters of a doc line.
pub const MAX_DOC: usize = 160;

/// Distinct reference names kept of one file.
pub const MAX_REFERENCES: usize = 5_000;

/// Commits read from history. The messages of the last 2,500 non-merge
/// commits carry the strongest cheap signal that was measured for relevance.
pub const MAX_COMMITS: usize = 2_500;

/// Characters of a goal. Whole issue texts fit; a pasted log does not.
pub const MAX_GOAL: usize = 65_536;

/// Wall-clock time for one `git` process. The slowest call that was measured,
/// the status of a tree of 80,000 files, takes a second.
pub const GIT_TIME: Duration = Duration::from_secs(60);

/// How long a `git` process may sleep without being woken once. One that works
/// is woken by the disk, the network or its own threads all the time.
pub const GIT_STANDSTILL: Duration = Duration::from_secs(2);

/// Bytes taken from one `git` process. The index of a tree of 100,000 files
/// prints 15 MB; a message of a commit may have any size.
pub const GIT_OUTPUT: usize = 96_000_000;

/// Bytes that git may allocate at once while it walks through commits: it reads
/// each of them whole, and a message of 220 MB took 455 MB. The walk ends at a
/// larger commit. What git needs for a few million commits is less.
pub const GIT_WALK_ALLOCATION: usize = 64_000_000;

/// The same for everything else, which may need the index of a million files in
/// one piece.
pub const GIT_ALLOCATION: usize = 256_000_000;

/// Bytes of git's index that are read here, and names in it: larger ones are
/// git's to print. That of a tree of 100,000 files has 12 MB.
pub const MAX_INDEX: u64 = 96_000_000;
/// Entries of an index that are read here; a larger index is left to git.
pub const MAX_INDEX_FILES: usize = 1_000_000;

/// Bytes of all names of an index, and of one of them. A name that begins like
/// the one before takes one byte in the file, so that 4 MB may hold names of
/// 4 GB. No system opens longer ones than this.
pub const MAX_INDEX_NAMES: usize = 64_000_000;
/// Bytes of one name in an index: the longest path that Linux opens.
pub const MAX_INDEX_NAME: usize = 4_096;

/// Characters kept of one commit message's body.
pub const MAX_COMMIT_BODY: usize = 4_000;

/// Paths kept of one commit. Sweeping changes say nothing about relations.
pub const MAX_COMMIT_PATHS: usize = 1_000;

/// Characters of a record's id and of a slug: they name files, of which the
/// usual file systems take 255 bytes.
pub const MAX_ID: usize = 64;
/// Characters of a slug. See [`MAX_ID`].
pub const MAX_SLUG: usize = 100;

/// Bytes of a file with settings. The whole template has 2 kB.
pub const MAX_CONFIG: u64 = 1_000_000;

/// Bytes of the other files below `.waypost` that are read whole. A handoff of
/// the greatest budget has 2 MB; a repository may bring along any size.
pub const MAX_OWN_FILE: u64 = 16_000_000;

/// Bytes of a record's file. What a person writes has some kilobytes; beyond
/// this it is a log, and belongs into a file of its own.
pub const MAX_RECORD: u64 = 1_000_000;

/// Bytes of a list of questions to measure search by: a hundred thousand of them.
pub const MAX_QUESTIONS: u64 = 32_000_000;

/// Characters of a record's title, a tag, a section or an author: they stand on
/// one line of a list.
pub const MAX_TITLE: usize = 1_000;

/// Anchors, links, tags or alternatives of one record.
pub const MAX_ITEMS: usize = 200;

/// Bytes, records and revisions of one record that an import takes: what years
/// of work leave is far below, and a bomb is far above.
pub const MAX_IMPORT_BYTES: u64 = 64_000_000;
/// Bytes of the journal of an import: texts in their canonical form may be longer.
pub const MAX_JOURNAL_BYTES: u64 = 4 * MAX_IMPORT_BYTES;
/// Records that one import takes.
pub const MAX_IMPORT_RECORDS: usize = 100_000;
/// Revisions of one record that an import takes.
pub const MAX_REVISIONS: usize = 10_000;

/// Bytes of the largest value in the database: the history of 2,500 commits has
/// some megabytes, the edges of a tree of 100,000 files 10 MB.
pub const MAX_VALUE: i32 = 1 << 27;

/// Bytes that SQLite may use for the schema of a database that is looked at. Ours
/// takes 0.2 MB.
pub const MAX_SCHEMA_MEMORY: i64 = 32 << 20;

/// Bytes that a backup unpacks to, and files in it.
pub const MAX_BACKUP_BYTES: u64 = 8_000_000_000;
/// Files that a backup may hold.
pub const MAX_BACKUP_FILES: usize = 200_000;

/// Bytes that any backup may unpack to, and how many more for each of its own:
/// a database of 500 MB packs to a third, an empty one to a thousandth.
pub const MIN_BACKUP_BYTES: u64 = 64_000_000;
/// Bytes that a backup may unpack to for each of its own, beyond [`MIN_BACKUP_BYTES`].
pub const MAX_BACKUP_RATIO: u64 = 100;

/// Files that any backup may hold, and bytes of its own for each one more: their
/// hashes in the manifest alone take four times as many.
pub const MIN_BACKUP_FILES: usize = 1_000;
/// Bytes of a backup for each file beyond [`MIN_BACKUP_FILES`].
pub const MIN_PACKED_FILE: u64 = 8;

/// Bytes of a backup's manifest, and of all names in it: 150 for each file.
pub const MAX_BACKUP_MANIFEST: u64 = 32_000_000;

/// Window of a packed backup, as a power of two: ours have 21, and the most that
/// the format allows takes 2 GB.
pub const BACKUP_WINDOW: u32 = 23;

/// Bytes of a conversation that is read. Transcripts of long sessions have
/// some megabytes.
pub const MAX_CHAT: u64 = 256_000_000;

/// Bytes of one that is in another encoding than UTF-8: it is turned as a whole.
pub const MAX_CHAT_TURNED: u64 = 32_000_000;

/// Bytes of one line of a conversation: a message with an image in it has some
/// megabytes.
pub const MAX_CHAT_LINE: usize = 16_000_000;

/// Values, and bytes of text, of one line or of one element of a JSON document:
/// a long conversation of a ChatGPT export has some 10,000 and some megabytes.
pub const MAX_CHAT_VALUES: usize = 1_000_000;
/// Bytes of text of one line or element of a conversation.
pub const MAX_CHAT_TEXT: usize = 32_000_000;

/// Findings of one conversation, and characters of one. Nobody reviews more, and
/// what is longer was pasted.
pub const MAX_FINDINGS: usize = 100_000;
/// Characters of one finding.
pub const MAX_FINDING: usize = 10_000;

/// A file that changed this shortly before it was read may change again
/// without a new stamp: coarse file systems count in steps of up to 2 s (git's
/// racy rule).
pub const RACY_NS: i64 = 2_000_000_000;

/// Bytes of one stream of a command's output that are kept.
pub const MAX_RECEIPT: u64 = 256 << 20;

/// Bytes of all outputs that are kept; beyond it the oldest go.
pub const MAX_RECEIPTS: u64 = 1 << 30;

/// Anchors that are gone from their place and looked for in git's history by one
/// command: each takes a few processes.
pub const MAX_FOLLOWED: usize = 100;
