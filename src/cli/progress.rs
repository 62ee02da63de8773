//! A progress bar on a terminal, nothing elsewhere. It is drawn through the
//! queue of standard error, so that a paused terminal does not hold up the work.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::Out;
use super::writer::Writer;

/// Work that takes less than this shows no progress.
const UNSEEN: Duration = Duration::from_millis(300);

/// Columns to assume if the terminal does not report them.
const COLUMNS: u16 = 80;

/// A progress bar, drawn only on a terminal.
pub struct Bar {
    /// `None` where no progress is shown.
    writer: Option<Writer>,
    bar: Mutex<Option<ProgressBar>>,
}

impl Bar {
    /// A bar that draws only where `out` shows progress; elsewhere all its methods do nothing.
    pub fn new(out: &Out) -> Self {
        Self { writer: out.shows_progress().then(|| out.errors().clone()), bar: Mutex::default() }
    }

    /// Starts a bar of `total` steps, in the place of the one before.
    pub fn begin(&self, what: &'static str, total: usize) {
        if self.writer.is_some() {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
            let bar = bar.with_message(what);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            *self.lock() = Some(bar);
        }
    }

    /// Counts one step; the bar appears only once the work has taken a while.
    pub fn step(&self) {
        if let (Some(writer), Some(bar)) = (&self.writer, &*self.lock()) {
            bar.inc(1);
            // A bar that flashes by is noise.
            if bar.is_hidden() && bar.elapsed() > UNSEEN {
                let terminal = Terminal { writer: writer.clone(), frame: Mutex::default() };
                bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal)));
            }
        }
    }

    /// Removes the bar from the screen.
    pub fn end(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }
}

impl Bar {
    fn lock(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The terminal as the bar sees it; each frame is written as a whole.
struct Terminal {
    writer: Writer,
    frame: Mutex<String>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Terminal")
    }
}

impl Terminal {
    fn add(&self, text: &str) -> io::Result<()> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    /// Moving by nothing would move by one.
    fn move_by(&self, count: usize, way: char) -> io::Result<()> {
        if count == 0 { Ok(()) } else { self.add(&format!("\x1b[{count}{way}")) }
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        super::out::columns_of_stderr().unwrap_or(COLUMNS)
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.move_by(count, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text)?;
        self.add("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let frame = std::mem::take(&mut *self.frame.lock().unwrap_or_else(PoisonError::into_inner));
        if frame.is_empty() { Ok(()) } else { self.writer.put_passing(&frame) }
    }
}
