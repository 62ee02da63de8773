; What a Rust file imports. `@import.tree` is a path with nested braces, which
; is taken apart by its text.

(use_declaration argument: (_) @import.tree) @import

((attribute_item (attribute (identifier) @_path value: (string_literal (string_content) @import.module))) .
  (attribute_item)? .
  (mod_item name: (identifier) @import.name !body) @import
  (#eq? @_path "path"))

; The keyword of a foreign `type T;` passes for one.
((mod_item "mod" @_keyword name: (identifier) @import.child !body) @import
  (#eq? @_keyword "mod"))

(extern_crate_declaration name: (identifier) @import.module) @import
