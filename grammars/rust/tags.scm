; What a Rust file declares and mentions. Where two patterns name one
; declaration, the earlier one counts. Inside macro invocations the grammar sees
; tokens only: what `cfg_if!` or `bitflags!` declares is not found.

; --- declarations ---

(struct_item name: (type_identifier) @name
  body: (field_declaration_list)? @body) @definition.struct

(enum_item name: (type_identifier) @name
  body: (_) @body) @definition.enum

(union_item name: (type_identifier) @name
  body: (_) @body) @definition.union

(enum_variant name: (identifier) @name) @definition.variant

; The fields of a variant stand in its own signature.
(struct_item body: (field_declaration_list
  (field_declaration name: (field_identifier) @name) @definition.field))
(union_item body: (field_declaration_list
  (field_declaration name: (field_identifier) @name) @definition.field))

(trait_item name: (type_identifier) @name
  body: (_) @body
  (#set! members "public")) @definition.trait

((type_item "type" @_keyword name: (type_identifier) @name) @definition.trait
  (#eq? @_keyword "trai"))
(type_item name: (type_identifier) @name) @definition.type

(associated_type name: (type_identifier) @name) @definition.type

(function_item name: (_) @name
  body: (_) @body) @definition.function

(function_signature_item name: (_) @name) @definition.function

; `const _` runs at compile time and cannot be named.
(const_item name: (identifier) @name
  (#not-eq? @name "_")) @definition.constant

(static_item name: (identifier) @name) @definition.static

; `macro m() {}`, `trait A = B;` and foreign `type T;`: `src/extract/mend/rust.rs`
; shows them to the grammar as other items, with the keyword's text unchanged.
((mod_item "mod" @_keyword name: (identifier) @name body: (_) @body) @definition.macro
  (#eq? @_keyword "mac"))
((mod_item "mod" @_keyword name: (identifier) @name) @definition.type
  (#eq? @_keyword "typ"))

(mod_item name: (identifier) @name
  body: (_)? @body) @definition.module

((attribute_item) @_export . (attribute_item)? .
  (macro_definition name: (identifier) @name (macro_rule)? @body) @definition.macro
  (#match? @_export "macro_export")
  (#set! visibility "public"))

(macro_definition name: (identifier) @name (macro_rule)? @body
  (#set! visibility "private")) @definition.macro

; --- impl blocks, named after their type without its generics ---

(impl_item trait: (_)
  type: [
    (type_identifier) @name
    (generic_type type: (type_identifier) @name)
    (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
    (scoped_type_identifier name: (type_identifier) @name)
    (reference_type type: (type_identifier) @name)
    (reference_type type: (generic_type type: (type_identifier) @name))
    (dynamic_type trait: (type_identifier) @name)
  ]
  body: (_)? @body
  (#set! visibility "public")
  (#set! members "public")) @definition.impl

(impl_item
  type: [
    (type_identifier) @name
    (generic_type type: (type_identifier) @name)
    (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
    (scoped_type_identifier name: (type_identifier) @name)
    (dynamic_type trait: (type_identifier) @name)
  ]
  body: (_)? @body
  (#set! visibility "public")) @definition.impl

(impl_item trait: (_) type: (_) @name body: (_)? @body
  (#set! visibility "public")
  (#set! members "public")) @definition.impl

(impl_item type: (_) @name body: (_)? @body
  (#set! visibility "public")) @definition.impl

; --- docs ---

(line_comment outer: (_)) @doc
(block_comment outer: (_)) @doc
(line_comment inner: (_)) @doc.inner
(block_comment inner: (_)) @doc.inner
(attribute_item) @attribute

; --- names that are bound here but are no symbols ---

(type_parameter name: (type_identifier) @local.definition)
(field_declaration name: (field_identifier) @local.definition)

; --- references ---

(type_identifier) @reference.type
(field_identifier) @reference.field

(call_expression function: [
  (identifier) @reference.call
  (scoped_identifier name: (identifier) @reference.call)
  (generic_function function: (identifier) @reference.call)
  (generic_function function: (scoped_identifier name: (identifier) @reference.call))
])

(macro_invocation macro: [
  (identifier) @reference.macro
  (scoped_identifier name: (identifier) @reference.macro)
])

; Types, variants and constants in paths, patterns and macro arguments.
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))

; Calls inside macro arguments, which the grammar leaves as tokens.
(token_tree (identifier) @reference.call . (token_tree))
