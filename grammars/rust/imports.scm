; What a Rust file imports. `@import.tree` is a path with nested braces, which
; is taken apart by its text.

(use_declaration argument: (_) @import.tree) @import

((attribute_item (attribute (identifier) @_path value: (string_literal (string_content) @import.module))) .
  (attribute_item)? .
  (mod_item name: (identifier) @import.name !body) @import
  (#eq? @_path "path"))

(mod_item name: (identifier) @import.child !body) @import

(extern_crate_declaration name: (identifier) @import.module) @import
