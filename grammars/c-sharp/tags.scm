; What a C# file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(namespace_declaration name: (_) @package)
(file_scoped_namespace_declaration name: (_) @package)

(class_declaration name: (identifier) @name body: (_)? @body) @definition.class
(record_declaration name: (identifier) @name body: (_)? @body) @definition.class
(struct_declaration name: (identifier) @name body: (_)? @body) @definition.struct
(interface_declaration name: (identifier) @name body: (_)? @body
  (#set! members "public")) @definition.interface
(enum_declaration name: (identifier) @name body: (_)? @body) @definition.enum
(enum_member_declaration name: (identifier) @name) @definition.variant
(delegate_declaration name: (identifier) @name) @definition.type

(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name
  [(constructor_initializer) body: (_)] @body) @definition.method
(destructor_declaration name: (identifier) @name body: (_)? @body) @definition.method
(local_function_statement name: (identifier) @name body: (_)? @body) @definition.function
(operator_declaration operator: _ @name body: (_)? @body) @definition.method
(conversion_operator_declaration type: (_) @name body: (_)? @body) @definition.method
(indexer_declaration "this" @name accessors: (_)? @body value: (_)? @body) @definition.method

(property_declaration name: (identifier) @name
  [accessors: (accessor_list (accessor_declaration body: (_))) value: (arrow_expression_clause)] @body) @definition.field
(property_declaration name: (identifier) @name) @definition.field
(event_declaration name: (identifier) @name accessors: (_)? @body) @definition.field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field

; A long value is no part of the signature.
(field_declaration (modifier) @_const
  (variable_declaration (variable_declarator name: (identifier) @name "=" @body (_) @_value))
  (#eq? @_const "const") (#match? @_value "^(?s:.{41})")) @definition.constant
(field_declaration (modifier) @_const
  (variable_declaration (variable_declarator name: (identifier) @name))
  (#eq? @_const "const")) @definition.constant
(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name "=" @body (_) @_value))
  (#match? @_value "^(?s:.{41})")) @definition.field
(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @definition.field

; --- docs ---

((comment) @doc (#match? @doc "^(///|/\\*\\*)"))
((comment) @attribute (#not-match? @attribute "^(///|/\\*\\*)"))
(preproc_region) @attribute
(preproc_endregion) @attribute

; --- names that are bound here but are no symbols ---

(type_parameter name: (identifier) @local.definition)
(parameter name: (identifier) @local.definition)

; --- references ---

; Parts of a namespace are no types.
(using_directive) @reference.none
(namespace_declaration name: (_) @reference.none)
(file_scoped_namespace_declaration name: (_) @reference.none)

(invocation_expression function: [
  (identifier) @reference.call
  (generic_name (identifier) @reference.call)
  (member_access_expression name: (identifier) @reference.call)
  (member_access_expression name: (generic_name (identifier) @reference.call))
  (conditional_access_expression (member_binding_expression name: (identifier) @reference.call))
])
(object_creation_expression type: (identifier) @reference.class)
(base_list (identifier) @reference.class)
(generic_name (identifier) @reference.type)
(attribute name: (identifier) @reference.class)
(_ type: (identifier) @reference.type)
(_ returns: (identifier) @reference.type)
(type_argument_list (identifier) @reference.type)
(nullable_type (identifier) @reference.type)
(array_type (identifier) @reference.type)
(qualified_name name: (identifier) @reference.type)

; Types, properties and constants used as values.
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))
