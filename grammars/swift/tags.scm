; What a Swift file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

; An extension carries the name of its type; `public` before it is said of its
; members.
(class_declaration (modifiers (visibility_modifier) @_visible) declaration_kind: "extension"
  name: (user_type) @name body: (_) @body
  (#any-of? @_visible "public" "open" "package")
  (#set! members "public")
  (#set! visibility "public")) @definition.impl
(class_declaration declaration_kind: "extension"
  name: (user_type) @name body: (_) @body
  (#set! visibility "public")) @definition.impl
(class_declaration declaration_kind: "struct" name: (_) @name body: (_) @body) @definition.struct
(class_declaration declaration_kind: "enum" name: (_) @name body: (_) @body) @definition.enum
(class_declaration declaration_kind: ["class" "actor"] name: (_) @name body: (_) @body) @definition.class
(protocol_declaration name: (_) @name body: (_) @body
  (#set! members "public")) @definition.interface
(enum_entry name: (simple_identifier) @name) @definition.variant
(typealias_declaration name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type

(function_declaration "func" . name: (_) @name body: (_) @body) @definition.function
(function_declaration "func" . name: _ @name body: (_) @body) @definition.function
(protocol_function_declaration "func" . name: _ @name) @definition.method
(init_declaration "init" @name body: (_)? @body) @definition.method
(deinit_declaration "deinit" @name body: (_) @body) @definition.method
(subscript_declaration "subscript" @name (computed_property)? @body) @definition.method
(macro_declaration (simple_identifier) @name) @definition.macro
(operator_declaration (custom_operator) @name) @definition.function

; A long value is no part of the signature.
((class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name) "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name) "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name) "=" @body value: (_) @_value) @definition.variable)
  (#match? @_value "^(?s:.{41})"))
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)
  [computed_value: (computed_property) (willset_didset_block)]? @body) @definition.field)
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)
  [computed_value: (computed_property) (willset_didset_block)]? @body) @definition.field)
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)
  [computed_value: (computed_property) (willset_didset_block)]? @body) @definition.variable)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field

; --- docs ---

((comment) @doc (#match? @doc "^///"))
((multiline_comment) @doc (#match? @doc "^/\\*\\*"))
((comment) @attribute (#not-match? @attribute "^///"))

; --- names that are bound here but are no symbols ---

(type_parameter (type_identifier) @local.definition)
(parameter name: (simple_identifier) @local.definition)

; --- references ---

(call_expression . (simple_identifier) @reference.call)
(call_expression . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.call)))
(user_type (type_identifier) @reference.type)

; Types used as values.
((simple_identifier) @reference.name (#match? @reference.name "^[A-Z]"))
