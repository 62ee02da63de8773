; What an OCaml interface declares. Where two patterns name one declaration,
; the earlier one counts.

(value_specification (value_name) @name) @definition.function
(external (value_name) @name) @definition.function
(type_definition (type_binding name: (_) @name)) @definition.type
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.type
((constructor_declaration (constructor_name) @name) @definition.variant
  (#set! visibility "public"))
(module_definition (module_binding (module_name) @name module_type: (_)? @body)) @definition.module
(module_type_definition (module_type_name) @name body: (_)? @body) @definition.interface

(value_specification (parenthesized_operator) @name) @definition.function
(class_definition (class_binding (class_name) @name)) @definition.class

((comment) @doc (#match? @doc "^\\(\\*\\*"))
