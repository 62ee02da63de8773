//! Prints the files that matter for a goal, each with the reasons for its place.
//!
//! ```sh
//! cargo run --example rank -- "refuse cookies that are too large"
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use std::error::Error;

use waypost::Project;

fn main() -> Result<(), Box<dyn Error>> {
    let goal: Vec<String> = std::env::args().skip(1).collect();
    let goal = goal.join(" ");
    let project = Project::open(".")?;
    let ranking = project.rank(Some(goal.as_str()).filter(|goal| !goal.is_empty()), 10)?;
    for file in &ranking.files {
        let reasons: Vec<&str> = file.reasons.iter().map(|reason| reason.signal).collect();
        println!("{:6.2}  {}  ({})", file.score, file.path, reasons.join(", "));
    }
    Ok(())
}
