; What a Zig file declares. Where two patterns name one declaration, the
; earlier one counts.

(variable_declaration . (identifier) @name (struct_declaration "{" @body)) @definition.struct
(variable_declaration . (identifier) @name (enum_declaration "{" @body)) @definition.enum
(variable_declaration . (identifier) @name (union_declaration "{" @body)) @definition.union
(variable_declaration . (identifier) @name (opaque_declaration "{" @body)) @definition.struct
(variable_declaration . (identifier) @name (error_set_declaration "{" @body)) @definition.enum
(enum_declaration (container_field name: (identifier) @name) @definition.variant)
(container_field name: (identifier) @name) @definition.field
(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(test_declaration (string (string_content) @name) (block) @body) @definition.function
; `const std = @import("std")` is an import.
(variable_declaration "const" . (identifier) @name . "=" . (builtin_function (builtin_identifier) @_how)
  (#not-eq? @_how "@import")) @definition.constant
(variable_declaration "const" . (identifier) @name (_) @_value
  (#not-match? @_value "^@import")) @definition.constant
(variable_declaration "var" . (identifier) @name) @definition.variable

((comment) @doc (#match? @doc "^///"))
((comment) @doc.inner (#match? @doc.inner "^//!"))
