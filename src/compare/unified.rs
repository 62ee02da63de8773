//! Two texts as a unified diff, as `diff -u` prints it.
//!
//! Not here: reading the diffs that git makes (`git/diff.rs`).

use diffy::DiffOptions;

/// Differences by line with `context` lines around each, under the names of the
/// two texts. Empty where they are equal.
pub fn unified(names: (&str, &str), texts: (&str, &str), context: usize) -> String {
    if texts.0 == texts.1 {
        return String::new();
    }
    DiffOptions::new()
        .set_context_len(context)
        .set_original_filename(names.0.to_string())
        .set_modified_filename(names.1.to_string())
        .create_patch(texts.0, texts.1)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(unified(("a", "b"), ("x\n", "x\n"), 3), "");
    }

    #[test]
    fn a_new_file_and_a_missing_last_newline_are_shown_as_diff_shows_them() {
        assert_eq!(unified(("/dev/null", "b"), ("", "x\n"), 3), "--- /dev/null\n+++ b\n@@ -0,0 +1 @@\n+x\n");
        assert_eq!(
            unified(("a", "b"), ("x\ny", "x\nz\n"), 1),
            "--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n-y\n\\ No newline at end of file\n+z\n"
        );
    }
}
