//! Takes a snapshot of a project and prints its handoff.
//!
//! ```sh
//! cargo run --example handoff -- ~/src/flask "count comment lines"
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use std::error::Error;

use waypost::Project;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_string());
    let project = Project::open(folder)?;
    let taken = project.snapshot(arguments.next().as_deref())?;
    eprintln!("{}: {} files, {} symbols", taken.snapshot.id, taken.files, taken.symbols);
    print!("{}", project.handoff()?);
    Ok(())
}
