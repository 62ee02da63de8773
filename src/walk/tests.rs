//! What the walker promises about names, borders and rules.
