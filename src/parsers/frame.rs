//! What passes between the program and a worker: messages, each behind its
//! length.
//!
//! Not here: how they are sent (`worker`).

use serde::{Deserialize, Serialize};

use crate::model::{Content, SafeText};

/// Bytes of the length before a message, little-endian.
pub(super) const HEAD: usize = 4;

/// A text to parse, as the worker reads it.
#[derive(Deserialize)]
pub(super) struct Request {
    pub language: String,
    pub source: SafeText,
}

/// A framed [`Request`].
pub(super) fn request(language: &str, source: &SafeText) -> Vec<u8> {
    frame(&(language, source))
}

/// A framed answer.
pub(super) fn answer(content: &Content) -> Vec<u8> {
    frame(content)
}

pub(super) fn length(head: [u8; HEAD]) -> usize {
    u32::from_le_bytes(head) as usize
}

fn frame(message: &impl Serialize) -> Vec<u8> {
    let frame = postcard::to_extend(message, vec![0; HEAD]);
    let mut frame = frame.expect("plain data in memory always serialises");
    // Texts of 4 GB are not read; a length cut short would read as garbage.
    let length = u32::try_from(frame.len() - HEAD).unwrap_or(u32::MAX);
    frame[..HEAD].copy_from_slice(&length.to_le_bytes());
    frame
}

/// `None` for garbage.
pub(super) fn read<'a, T: Deserialize<'a>>(message: &'a [u8]) -> Option<T> {
    postcard::from_bytes(message).ok()
}
