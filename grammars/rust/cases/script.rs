#!/usr/bin/env cargo
---
[dependencies]
clap = "4"
---

//! A program in one file.

fn main() {}

/// Foreign.
mod last {}
