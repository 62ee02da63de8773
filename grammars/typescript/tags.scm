; What TypeScript adds to JavaScript.

; --- declarations ---

(function_signature name: (identifier) @name) @definition.function

(abstract_class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(abstract_method_signature name: (_) @name) @definition.method

(public_field_definition name: (private_property_identifier) @name
  (#set! visibility "private")) @definition.field
(public_field_definition name: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method
(public_field_definition name: (property_identifier) @name) @definition.field

; `constructor(private readonly x: X)` declares a field.
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @definition.field

(class_body (method_signature name: (property_identifier) @name) @definition.method)

(interface_declaration name: (type_identifier) @name body: (_) @body) @definition.interface
(interface_body (property_signature name: (property_identifier) @name) @definition.field)
(interface_body (property_signature name: (string (string_fragment) @name)) @definition.field)
(interface_body (method_signature name: (property_identifier) @name) @definition.method)

(type_alias_declaration name: (type_identifier) @name value: (object_type) @body) @definition.type
(type_alias_declaration name: (type_identifier) @name) @definition.type
(type_alias_declaration value: (object_type
  (property_signature name: (property_identifier) @name) @definition.field))
(type_alias_declaration value: (object_type
  (method_signature name: (property_identifier) @name) @definition.method))

(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(enum_body name: (property_identifier) @name @definition.variant)
(enum_body (enum_assignment name: (property_identifier) @name) @definition.variant)
(enum_body name: (string (string_fragment) @name) @definition.variant)

(internal_module name: (_) @name body: (_) @body) @definition.module
(module name: (identifier) @name body: (_)? @body) @definition.module
(module name: (string (string_fragment) @name) body: (_)? @body) @definition.module

(internal_module body: (statement_block (_
  declaration: (lexical_declaration "const" (variable_declarator name: (identifier) @name) @definition.constant))))
(ambient_declaration (lexical_declaration "const"
  (variable_declarator name: (identifier) @name) @definition.constant))
(ambient_declaration (lexical_declaration
  (variable_declarator name: (identifier) @name) @definition.variable))
(ambient_declaration (variable_declaration
  (variable_declarator name: (identifier) @name) @definition.variable))

; --- names that are bound here but are no symbols ---

(type_parameter name: (type_identifier) @local.definition)
(required_parameter pattern: (identifier) @local.definition)
(optional_parameter pattern: (identifier) @local.definition)

; --- references ---

(type_identifier) @reference.type
(nested_type_identifier name: (type_identifier) @reference.type)
