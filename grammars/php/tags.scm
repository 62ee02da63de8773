; What a PHP file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(namespace_definition name: (namespace_name) @package)

(class_declaration name: (name) @name body: (_) @body) @definition.class
(interface_declaration name: (name) @name body: (_) @body) @definition.interface
(trait_declaration name: (name) @name body: (_) @body) @definition.trait
(enum_declaration name: (name) @name body: (_) @body) @definition.enum
(enum_case name: (name) @name) @definition.variant

(function_definition name: (name) @name body: (_) @body) @definition.function
(method_declaration name: (name) @name body: (_)? @body) @definition.method

(const_declaration (const_element . (name) @name)) @definition.constant
(property_declaration (property_element name: (variable_name (name) @name)) (property_hook_list)? @body) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.field

; `define('NAME', value)`
((function_call_expression function: [(name) (qualified_name)] @_how
    arguments: (arguments . (argument (string (string_content) @name)))) @definition.constant
  (#any-of? @_how "define" "\\define"))

; --- docs ---

((comment) @doc (#match? @doc "^/\\*\\*"))
((comment) @attribute (#not-match? @attribute "^/\\*\\*"))

; --- names that are bound here but are no symbols ---

(simple_parameter name: (variable_name (name) @local.definition))

; --- references ---

(function_call_expression function: [(name) @reference.call (qualified_name (name) @reference.call)])
(member_call_expression name: (name) @reference.call)
(nullsafe_member_call_expression name: (name) @reference.call)
(scoped_call_expression name: (name) @reference.call)
(scoped_call_expression scope: (name) @reference.class)
(class_constant_access_expression . (name) @reference.class)
(class_constant_access_expression (name) @reference.name .)
(scoped_property_access_expression scope: (name) @reference.class)
(object_creation_expression (name) @reference.class)
(named_type (name) @reference.type)
(base_clause (name) @reference.class)
(class_interface_clause (name) @reference.class)
(attribute (name) @reference.class)
(qualified_name (name) @reference.class)
(member_access_expression name: (name) @reference.field)
(use_declaration (name) @reference.class)
(binary_expression operator: "instanceof" right: (name) @reference.class)
