//! What a text is about, as a direction in space: two texts that say the same
//! in other words point to about the same side. A table tells the direction of
//! each piece of an English word; a text's is the sum over its words. Nothing is
//! asked of a network, and no model runs.
//!
//! Not here: keeping the directions of records (`store`), and when they are
//! asked (`search`).

mod direction;
mod table;
mod words;

pub use direction::{Direction, nearest};
pub use table::{BadTable, MAX_TABLE, Table};
