//! Rebuilds when an embedded grammar or template changes: the macro that
//! embeds whole folders does not tell cargo of new files.

fn main() {
    println!("cargo::rerun-if-changed=grammars");
    println!("cargo::rerun-if-changed=templates");
}
