; What a Kotlin file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

(package_header (identifier) @package)

; --- declarations ---

(class_declaration "interface" (type_identifier) @name (class_body)? @body) @definition.interface
(class_declaration "enum" (type_identifier) @name (enum_class_body)? @body) @definition.enum
(class_declaration "class" (type_identifier) @name (class_body)? @body) @definition.class
(object_declaration (type_identifier) @name (class_body)? @body) @definition.class
(companion_object (type_identifier) @name (class_body)? @body) @definition.class
(companion_object "companion" @name (class_body)? @body) @definition.class
(enum_entry (simple_identifier) @name (class_body)? @body) @definition.variant
(type_alias (type_identifier) @name) @definition.type

(function_declaration (simple_identifier) @name . (function_value_parameters) (function_body)? @body) @definition.function
(secondary_constructor "constructor" @name [(constructor_delegation_call) "{"]? @body) @definition.method

; A long value is no part of the signature.
((property_declaration (modifiers (property_modifier) @_const)
  (variable_declaration . (simple_identifier) @name) "=" @body . (_) @_value) @definition.constant
  (#eq? @_const "const") (#match? @_value "^(?s:.{41})"))
((property_declaration (modifiers (property_modifier) @_const)
  (variable_declaration . (simple_identifier) @name)) @definition.constant
  (#eq? @_const "const"))
((class_body (property_declaration
  (variable_declaration . (simple_identifier) @name) "=" @body . (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((enum_class_body (property_declaration
  (variable_declaration . (simple_identifier) @name) "=" @body . (_) @_value) @definition.field)
  (#match? @_value "^(?s:.{41})"))
((source_file (property_declaration
  (variable_declaration . (simple_identifier) @name) "=" @body . (_) @_value) @definition.variable)
  (#match? @_value "^(?s:.{41})"))
(class_body (property_declaration
  (variable_declaration . (simple_identifier) @name)
  [(getter) (setter) (property_delegate)]? @body) @definition.field)
(enum_class_body (property_declaration
  (variable_declaration . (simple_identifier) @name)
  [(getter) (setter) (property_delegate)]? @body) @definition.field)
(source_file (property_declaration
  (variable_declaration . (simple_identifier) @name)
  [(getter) (setter) (property_delegate)]? @body) @definition.variable)
(source_file (property_declaration
  (multi_variable_declaration (variable_declaration . (simple_identifier) @name))) @definition.variable)

; `class A(val b: C)` declares a property.
(class_parameter (binding_pattern_kind) . (simple_identifier) @name) @definition.field

; --- docs ---

((multiline_comment) @doc (#match? @doc "^/\\*\\*"))
(line_comment) @attribute
((multiline_comment) @attribute (#not-match? @attribute "^/\\*\\*"))

; --- names that are bound here but are no symbols ---

(type_parameter (type_identifier) @local.definition)
(parameter . (simple_identifier) @local.definition)
(class_parameter (simple_identifier) @local.definition)

; --- references ---

(call_expression . (simple_identifier) @reference.call)
(call_expression . (navigation_expression (navigation_suffix (simple_identifier) @reference.call)))
(user_type (type_identifier) @reference.type)
(callable_reference (simple_identifier) @reference.call)
(infix_expression (_) . (simple_identifier) @reference.call . (_))

; Types and constants used as values.
((simple_identifier) @reference.name (#match? @reference.name "^[A-Z]"))
