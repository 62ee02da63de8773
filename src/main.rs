//! The program: a parser's worker, or a command.

use std::process::ExitCode;

use waypost::exhaustion::{self, Allocator};
use waypost::{cli, mcp, parsers};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    // A worker knows no command line.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == parsers::COMMAND) {
        return parsers::run(&arguments.take(2).collect::<Vec<_>>());
    }
    exhaustion::tell();
    cli::run(mcp::serve)
}
