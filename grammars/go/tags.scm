; What a Go file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(package_clause (package_identifier) @package) @file

(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
; `func (x *Type[T]) name()`
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @owner
    (pointer_type (type_identifier) @owner)
    (generic_type type: (type_identifier) @owner)
    (pointer_type (generic_type type: (type_identifier) @owner))
  ]))
  name: (field_identifier) @name body: (_)? @body) @definition.method
(method_declaration name: (field_identifier) @name body: (_)? @body) @definition.method

(type_spec name: (type_identifier) @name
  type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (type_identifier) @name
  type: (interface_type "{" @body)) @definition.interface
(type_spec name: (type_identifier) @name) @definition.type
(type_alias name: (type_identifier) @name) @definition.type

(type_spec type: (struct_type (field_declaration_list
  (field_declaration name: (field_identifier) @name
    type: (struct_type (field_declaration_list) @body)) @definition.field)))
(type_spec type: (struct_type (field_declaration_list
  (field_declaration name: (field_identifier) @name) @definition.field)))
; An embedded type is a field of that name.
(type_spec type: (struct_type (field_declaration_list
  (field_declaration !name type: [
    (type_identifier) @name
    (qualified_type name: (type_identifier) @name)
    (generic_type type: (type_identifier) @name)
    (generic_type type: (qualified_type name: (type_identifier) @name))
  ]) @definition.field)))
(type_spec type: (interface_type (method_elem name: (field_identifier) @name) @definition.method))

(const_spec name: (identifier) @name
  (#not-eq? @name "_")) @definition.constant
(var_spec name: (identifier) @name
  (#not-eq? @name "_")) @definition.variable

; --- docs ---

((comment) @doc (#not-match? @doc "^//(go:|nolint|export |line )"))
((comment) @attribute (#match? @attribute "^//(go:|nolint|export )"))

; --- names that are bound here but are no symbols ---

(parameter_declaration name: (identifier) @local.definition)
(variadic_parameter_declaration name: (identifier) @local.definition)
(short_var_declaration left: (expression_list (identifier) @local.definition))
(range_clause left: (expression_list (identifier) @local.definition))
(var_spec name: (identifier) @local.definition)
(const_spec name: (identifier) @local.definition)
(type_parameter_declaration name: (identifier) @local.definition)

; --- references ---

(call_expression function: (identifier) @reference.call)
(selector_expression field: (field_identifier) @reference.attribute)
(type_identifier) @reference.type
(composite_literal type: (type_identifier) @reference.type)
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))
