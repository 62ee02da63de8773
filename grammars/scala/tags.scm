; What a Scala file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

(package_clause name: (_) @package)

; --- declarations ---

(package_object name: (_) @name body: (_)? @body) @definition.module
(class_definition name: (_) @name body: (_)? @body) @definition.class
(object_definition name: (_) @name body: (_)? @body) @definition.class
(trait_definition name: (_) @name body: (_)? @body) @definition.trait
(enum_definition name: (_) @name body: (_)? @body) @definition.enum
(simple_enum_case name: (_) @name) @definition.variant
(full_enum_case name: (_) @name) @definition.variant
(type_definition name: (_) @name) @definition.type
(extension_definition "extension" @name body: (_)? @body) @definition.impl

(function_definition name: (_) @name "="? @body body: (_)? @body) @definition.function
(function_declaration name: (_) @name) @definition.function
(given_definition name: (_) @name body: (_)? @body) @definition.impl

; A long value is no part of the signature.
((template_body (val_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((template_body (var_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((with_template_body (val_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((with_template_body (var_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((enum_body (val_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((enum_body (var_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((compilation_unit (val_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.variable)
  (#match? @_value "^(?s:.{41})"))
((compilation_unit (var_definition pattern: (identifier) @name "=" @body value: (_) @_value) @definition.variable)
  (#match? @_value "^(?s:.{41})"))
(template_body (val_definition pattern: (identifier) @name) @definition.field)
(template_body (val_definition pattern: (identifiers (identifier) @name)) @definition.field)
(template_body (var_definition pattern: (identifier) @name) @definition.field)
(template_body (var_definition pattern: (identifiers (identifier) @name)) @definition.field)
(with_template_body (val_definition pattern: (identifier) @name) @definition.field)
(with_template_body (val_definition pattern: (identifiers (identifier) @name)) @definition.field)
(with_template_body (var_definition pattern: (identifier) @name) @definition.field)
(with_template_body (var_definition pattern: (identifiers (identifier) @name)) @definition.field)
(enum_body (val_definition pattern: (identifier) @name) @definition.field)
(enum_body (val_definition pattern: (identifiers (identifier) @name)) @definition.field)
(enum_body (var_definition pattern: (identifier) @name) @definition.field)
(enum_body (var_definition pattern: (identifiers (identifier) @name)) @definition.field)
(compilation_unit (val_definition pattern: (identifier) @name) @definition.variable)
(compilation_unit (val_definition pattern: (identifiers (identifier) @name)) @definition.variable)
(compilation_unit (var_definition pattern: (identifier) @name) @definition.variable)
(compilation_unit (var_definition pattern: (identifiers (identifier) @name)) @definition.variable)
(val_declaration name: (_) @name) @definition.field
(var_declaration name: (_) @name) @definition.field

; --- docs ---

((block_comment) @doc (#match? @doc "^/\\*\\*"))
((comment) @attribute)

; --- names that are bound here but are no symbols ---

(type_parameters name: (identifier) @local.definition)
(parameter name: (identifier) @local.definition)
(class_parameter name: (identifier) @local.definition)

; --- references ---

(call_expression function: [
  (identifier) @reference.call
  (field_expression field: (identifier) @reference.call)
  (generic_function function: (identifier) @reference.call)
  (generic_function function: (field_expression field: (identifier) @reference.call))
])
(type_identifier) @reference.type
(field_expression field: (identifier) @reference.field)

; Types and objects used as values.
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))
