; What a Java file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(package_declaration (_) @package) @file
(package_declaration (_) @package . ";") @file

(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(interface_declaration name: (identifier) @name body: (_) @body
  (#set! members "public")) @definition.interface
(annotation_type_declaration name: (identifier) @name body: (_) @body
  (#set! members "public")) @definition.interface

(enum_constant name: (identifier) @name body: (_)? @body) @definition.variant

(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(annotation_type_element_declaration name: (identifier) @name) @definition.method

((field_declaration
  (modifiers) @_modifiers
  declarator: (variable_declarator name: (identifier) @name) @_declarator) @definition.constant
  (#match? @_modifiers "static")
  (#match? @_modifiers "final"))
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field

(module_declaration name: (_) @name body: (_) @body) @definition.module

; --- docs ---

((block_comment) @doc (#match? @doc "^/\\*\\*"))

; --- names that are bound here but are no symbols ---

(formal_parameter name: (identifier) @local.definition)
(local_variable_declaration declarator: (variable_declarator name: (identifier) @local.definition))
(type_parameter (type_identifier) @local.definition)

; --- references ---

(type_identifier) @reference.type
(method_invocation name: (identifier) @reference.call)
(field_access field: (identifier) @reference.attribute)
(marker_annotation name: (identifier) @reference.type)
(annotation name: (identifier) @reference.type)

; Classes and constants used as values.
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))
