//! (stand-in until the outline extractor is merged)

pub mod words;
