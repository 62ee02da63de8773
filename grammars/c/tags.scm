; What a C file declares and mentions. Where two patterns name one
; declaration, the earlier one counts. The grammar sees the text before the
; preprocessor: what macros declare is not found.

; --- declarations ---

; A function in capitals is a macro that looks like one.

(function_definition
  declarator: (function_declarator declarator: (identifier) @name)
  body: (_) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
(function_definition
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  body: (_) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
(function_definition
  declarator: (pointer_declarator declarator:
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
  body: (_) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
; `int (name)(int x)`, and functions that give a function.
(function_definition
  declarator: (function_declarator declarator: (parenthesized_declarator (identifier) @name))
  body: (_) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
(function_definition
  declarator: (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))))
  body: (_) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function

; Tests that a macro declares are no symbols; their variables are local.
((function_definition declarator: (function_declarator declarator: (identifier) @_name)) @definition.function
  (#match? @_name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")
  (#set! unlisted "true"))
((translation_unit (compound_statement) @definition.function)
  (#set! unlisted "true"))
; `TEST_BEGIN(name) {`
((function_definition type: (type_identifier) declarator: (parenthesized_declarator (identifier))) @definition.function
  (#set! unlisted "true"))

; Prototypes.
(declaration
  declarator: (function_declarator declarator: (identifier) @name) @definition.function
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$"))
(declaration
  declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)) @definition.function
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$"))
(declaration
  declarator: (pointer_declarator declarator:
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @definition.function
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$"))

(struct_specifier name: (type_identifier) @name body: (_) @body) @definition.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @definition.union
(enum_specifier name: (type_identifier) @name body: (_) @body) @definition.enum

; `typedef struct {..} name;`
(type_definition
  type: (struct_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.struct
(type_definition
  type: (union_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.union
(type_definition
  type: (enum_specifier !name body: (_) @body)
  declarator: (type_identifier) @name) @definition.enum
; `typedef struct name {..} name;`
(type_definition
  type: [
    (struct_specifier body: (_) @body)
    (union_specifier body: (_) @body)
    (enum_specifier body: (_) @body)
  ]
  declarator: [(type_identifier) @name (pointer_declarator declarator: (type_identifier) @name)] @definition.type)
(type_definition declarator: [
  (type_identifier) @name
  (primitive_type) @name
  (pointer_declarator declarator: (type_identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (type_identifier) @name))
  (array_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (type_identifier) @name))
  (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (type_identifier) @name)))
  (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (type_identifier) @name))))
] @definition.type)

(enumerator name: (identifier) @name) @definition.variant

; `struct {..} name;`
(field_declaration
  type: [
    (struct_specifier body: (_) @body)
    (union_specifier body: (_) @body)
    (enum_specifier body: (_) @body)
  ]
  declarator: [(field_identifier) @name (pointer_declarator declarator: (field_identifier) @name)] @definition.field)
(field_declaration declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: (field_identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
  (array_declarator declarator: (field_identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @name))
  (array_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
  (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (field_identifier) @name)))
  (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (field_identifier) @name))))
] @definition.field)

; Variables at the top of the file.
(declaration declarator: [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (array_declarator declarator: (identifier) @name)
  (array_declarator declarator: (array_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
  (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (identifier) @name)))
  (init_declarator declarator: [
    (identifier) @name
    (pointer_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
    (array_declarator declarator: (identifier) @name)
    (array_declarator declarator: (array_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name)))
    (array_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  ])
] @definition.variable)

(preproc_function_def name: (identifier) @name value: (_)? @body) @definition.macro
; One without a value guards a header or switches something on.
(preproc_def name: (identifier) @name value: (_)) @definition.macro

; --- docs ---

((comment) @doc (#not-match? @doc "^(///<|/\\*\\*<|/\\*!<)"))
(translation_unit . (comment) @doc.inner
  (#not-match? @doc.inner "(?i)copyright|licen[cs]e|spdx|all rights reserved"))
(translation_unit . (comment) . (comment) @doc.inner
  (#not-match? @doc.inner "(?i)copyright|licen[cs]e|spdx|all rights reserved"))

; --- names that are bound here but are no symbols ---

(parameter_declaration declarator: (identifier) @local.definition)
(parameter_declaration declarator: (pointer_declarator declarator: (identifier) @local.definition))
(init_declarator declarator: (identifier) @local.definition)
(init_declarator declarator: (pointer_declarator declarator: (identifier) @local.definition))
(declaration declarator: (identifier) @local.definition)
(declaration declarator: (pointer_declarator declarator: (identifier) @local.definition))
(declaration declarator: (array_declarator declarator: (identifier) @local.definition))

; --- references ---

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(type_identifier) @reference.type
(field_expression field: (field_identifier) @reference.field)
(initializer_pair designator: (field_designator (field_identifier) @reference.field))
((identifier) @reference.name (#match? @reference.name "^[A-Z][A-Z0-9_]+$"))
; Functions given as values.
(argument_list (identifier) @reference.name)
