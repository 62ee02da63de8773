//! Bytes and language in, facts out: what files declare and what the project
//! says of itself. Not here: reading files, ranking, rendering.

pub mod project;
