//! How full a conversation is: from the usage figures that clients write into
//! their transcripts, else from the length of the transcript, which is an
//! estimate and said to be one.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::sessions::SessionDesk;
use super::transcripts::read_part;
use crate::model::Session;

/// How much of what the model can take in is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pressure {
    /// In the context now.
    pub tokens: u64,
    /// What the model takes in.
    pub limit: u64,
    pub percent: u8,
    /// Of the tokens, of the limit, or of both: the client did not write it.
    pub estimate: bool,
}

/// Tokens that models take in where the client does not say so.
const LIMIT: u64 = 200_000;
const LARGE_LIMIT: u64 = 1_000_000;
const GEMINI_LIMIT: u64 = 1_048_576;

/// Bytes at the end of a transcript in which a figure is looked for, a few at
/// first.
const TAILS: [u64; 3] = [128_000, 1_000_000, 8_000_000];

/// Bytes of a transcript that stand for a token: most of it is JSON.
const BYTES_A_TOKEN: u64 = 6;

/// How full the conversation of a session is; `None` where its client keeps no
/// transcript here.
pub(super) fn of(desk: &SessionDesk, session: &Session) -> Option<Pressure> {
    if !desk.context.settings.transcripts() {
        return None;
    }
    let meta: Value = serde_json::from_str(session.identity.meta.as_str()).ok()?;
    let path = PathBuf::from(meta["transcript"].as_str()?);
    of_transcript(&path)
}

/// How full the conversation is that a transcript tells of.
pub(super) fn of_transcript(path: &Path) -> Option<Pressure> {
    let found = std::fs::symlink_metadata(path).ok().filter(|found| found.is_file() && path.is_absolute())?;
    for tail in TAILS {
        let mut text = String::new();
        read_part(path, found.len().saturating_sub(tail), tail, &mut text)?;
        if let Some(told) = told(&text) {
            return Some(told);
        }
        if tail >= found.len() {
            break;
        }
    }
    Some(pressure(found.len() / BYTES_A_TOKEN, LIMIT, true))
}

fn pressure(tokens: u64, limit: u64, estimate: bool) -> Pressure {
    let percent = (tokens.saturating_mul(100) / limit.max(1)).min(100) as u8;
    Pressure { tokens, limit, percent, estimate }
}

/// The newest figure in the last lines of a transcript, which may be one JSON
/// object of many lines.
fn told(text: &str) -> Option<Pressure> {
    let of_line = |line: &str| figure(&serde_json::from_str(line).ok()?);
    text.lines().rev().find_map(of_line).or_else(|| of_object(text))
}

/// Gemini's older transcripts are one object: the last `"tokens"` in it.
fn of_object(text: &str) -> Option<Pressure> {
    let at = text.rfind("\"tokens\"")?;
    let rest = text[at..].split_once(':')?.1;
    let end = rest.find('}')?;
    let tokens: Value = serde_json::from_str(&rest[..=end]).ok()?;
    of_gemini(&tokens)
}

fn figure(value: &Value) -> Option<Pressure> {
    if value["isSidechain"] == true {
        return None;
    }
    of_codex(value).or_else(|| of_claude(value)).or_else(|| of_gemini(&value["tokens"]))
}

fn of_codex(value: &Value) -> Option<Pressure> {
    let payload = &value["payload"];
    if payload["type"] != "token_count" {
        return None;
    }
    let info = &payload["info"];
    let last = &info["last_token_usage"];
    let parts = || Some(last["input_tokens"].as_u64()? + last["output_tokens"].as_u64().unwrap_or(0));
    let tokens = last["total_tokens"].as_u64().or_else(parts)?;
    let limit = info["model_context_window"].as_u64();
    Some(pressure(tokens, limit.unwrap_or(LIMIT), limit.is_none()))
}

/// The limit is not written: a name or a figure tells of the larger one.
fn of_claude(value: &Value) -> Option<Pressure> {
    let message = &value["message"];
    let usage = &message["usage"];
    let part = |key: &str| usage[key].as_u64().unwrap_or(0);
    usage["input_tokens"].as_u64()?;
    let tokens = part("input_tokens")
        + part("cache_creation_input_tokens")
        + part("cache_read_input_tokens")
        + part("output_tokens");
    if tokens == 0 {
        return None;
    }
    let is_large = message["model"].as_str().is_some_and(|model| model.contains("[1m]")) || tokens > LIMIT;
    Some(pressure(tokens, if is_large { LARGE_LIMIT } else { LIMIT }, true))
}

fn of_gemini(tokens: &Value) -> Option<Pressure> {
    let total = tokens["total"].as_u64().or_else(|| tokens["input"].as_u64())?;
    Some(pressure(total, GEMINI_LIMIT, true))
}

impl Pressure {
    /// In words, for people and agents.
    pub fn words(&self) -> String {
        let about = if self.estimate { "about " } else { "" };
        let Self { percent, tokens, limit, .. } = self;
        let estimate = if self.estimate { ", an estimate" } else { "" };
        format!("{about}{percent} % full ({tokens} of {limit} tokens{estimate})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, tokens: u64, limit: u64, estimate: bool) {
        let told = told(text).map(|told| (told.tokens, told.limit, told.estimate));
        assert_eq!(told, Some((tokens, limit, estimate)), "{text}");
    }

    #[test]
    fn each_client_tells_how_full_it_is() {
        check(
            "{\"type\":\"assistant\",\"message\":{\"model\":\"x\",\"usage\":{\"input_tokens\":4,\"cache_creation_input_tokens\":1000,\
             \"cache_read_input_tokens\":120000,\"output_tokens\":500}}}\n{\"type\":\"user\",\"message\":{\"content\":\"hi\"}}",
            121_504,
            200_000,
            true,
        );
        check(
            "{\"payload\":{\"type\":\"token_count\",\"info\":{\"last_token_usage\":{\"total_tokens\":90000},\"model_context_window\":258400}}}",
            90_000,
            258_400,
            false,
        );
        check("{\"type\":\"gemini\",\"tokens\":{\"input\":1,\"total\":700000}}", 700_000, 1_048_576, true);
        check("\"x\",\n \"tokens\": {\n \"input\": 5,\n \"total\": 9\n }\n ]\n}", 9, 1_048_576, true);
        assert_eq!(told("{\"isSidechain\":true,\"message\":{\"usage\":{\"input_tokens\":4}}}"), None);
        assert_eq!(
            pressure(130_000, 200_000, true).words(),
            "about 65 % full (130000 of 200000 tokens, an estimate)"
        );
    }
}
