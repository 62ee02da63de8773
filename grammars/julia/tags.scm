; What a Julia file declares. Where two patterns name one declaration, the
; earlier one counts.

(module_definition name: (identifier) @name . (_)? @body) @definition.module
(function_definition (signature (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name])) . (_)? @body) @definition.function
(function_definition (signature (typed_expression . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name]))) . (_)? @body) @definition.function
(function_definition (signature (where_expression . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name]))) . (_)? @body) @definition.function
(function_definition (signature (where_expression . (typed_expression . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name])))) . (_)? @body) @definition.function
(assignment . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name]) (operator) @body) @definition.function
(assignment . (typed_expression . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name])) (operator) @body) @definition.function
(assignment . (where_expression . (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name])) (operator) @body) @definition.function
(macro_definition (signature (call_expression . [(identifier) @name (field_expression (identifier) @name .) (parametrized_type_expression . (identifier) @name) (operator) @name])) . (_)? @body) @definition.macro
(struct_definition (type_head [
  (identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . (identifier) @name)
  (binary_expression . (parametrized_type_expression . (identifier) @name))
]) . (_)? @body) @definition.struct
(abstract_definition (type_head [
  (identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . (identifier) @name)
  (binary_expression . (parametrized_type_expression . (identifier) @name))
])) @definition.type
(const_statement (assignment . (identifier) @name)) @definition.constant

(string_literal) @doc
