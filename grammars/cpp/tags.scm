; What C++ adds to C.

; --- declarations ---

(namespace_definition name: (_) @name body: (_) @body) @definition.module

(class_specifier name: [
    (type_identifier) @name
    (template_type name: (type_identifier) @name)
    (qualified_identifier name: (type_identifier) @name)
    (qualified_identifier name: (template_type name: (type_identifier) @name))
  ]
  body: (_) @body
  (#set! members "private")) @definition.class
(struct_specifier name: [
    (template_type name: (type_identifier) @name)
    (qualified_identifier name: (type_identifier) @name)
    (qualified_identifier name: (template_type name: (type_identifier) @name))
  ]
  body: (_) @body) @definition.struct

(alias_declaration name: (type_identifier) @name) @definition.type
(concept_definition name: (identifier) @name) @definition.type

; A constructor's initialisers are no part of its head.
(function_definition
  declarator: (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
  ])
  (field_initializer_list) @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
(function_definition
  declarator: (function_declarator declarator: (qualified_identifier name: [
    (identifier) @name
    (qualified_identifier name: (identifier) @name)
  ]))
  (field_initializer_list) @body) @definition.method

(function_definition
  declarator: (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (destructor_name) @name
    (operator_name) @name
    (template_function name: (identifier) @name)
  ])
  body: (_)? @body
  (#not-match? @name "^(TEST|BENCHMARK|[A-Z0-9]+_[A-Z0-9_]+)$")) @definition.function
(function_definition
  declarator: (_ (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (operator_name) @name
    (template_function name: (identifier) @name)
  ]))
  body: (_)? @body) @definition.function

; `int Type::member() {}`
(function_definition
  declarator: (function_declarator declarator: (qualified_identifier name: [
    (identifier) @name
    (destructor_name) @name
    (operator_name) @name
    (template_function name: (identifier) @name)
    (qualified_identifier name: [
      (identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (template_function name: (identifier) @name)
      (qualified_identifier name: [(identifier) (destructor_name) (operator_name)] @name)
    ])
  ]))
  body: (_)? @body) @definition.method
(function_definition
  declarator: (_ (function_declarator declarator: (qualified_identifier name: [
    (identifier) @name
    (operator_name) @name
    (qualified_identifier name: [(identifier) (operator_name)] @name)
  ])))
  body: (_)? @body) @definition.method

; `operator int() {}`: the type is part of the name.
(function_definition declarator: [
  (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ])
  (qualified_identifier name: (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ]))
  (qualified_identifier name: (qualified_identifier name: (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ])))
] body: (_)? @body) @definition.method
(field_declaration declarator: (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ]) @definition.method)
(declaration declarator: [
  (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ])
  (qualified_identifier name: (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ]))
  (qualified_identifier name: (qualified_identifier name: (operator_cast "operator" @name declarator: [
    (abstract_function_declarator parameters: (_) @name.end)
    (_ (abstract_function_declarator parameters: (_) @name.end))
    (_ (_ (abstract_function_declarator parameters: (_) @name.end)))
  ])))
] @definition.method)

(field_declaration declarator: [
  (function_declarator declarator: [(field_identifier) (operator_name) (destructor_name)] @name)
  (_ (function_declarator declarator: [(field_identifier) (operator_name)] @name))
] @definition.method
  (#not-match? @name "^(bool|char|double|int|void)$"))
(declaration declarator: [
  (function_declarator declarator: [(operator_name) (destructor_name)] @name)
  (_ (function_declarator declarator: [(identifier) (operator_name)] @name))
] @definition.function)

(field_declaration declarator: (reference_declarator (field_identifier) @name) @definition.field)

; --- what follows them ---

((access_specifier) @visibility.public (#match? @visibility.public "^(public|signal|Q_SIGN)"))
((access_specifier) @visibility.private (#match? @visibility.private "^(private|protected)"))

; --- names that are bound here but are no symbols ---

(parameter_declaration declarator: (reference_declarator (identifier) @local.definition))
(type_parameter_declaration (type_identifier) @local.definition)
(optional_parameter_declaration declarator: (identifier) @local.definition)
(for_range_loop declarator: (identifier) @local.definition)

; --- references ---

(call_expression function: (qualified_identifier name: (identifier) @reference.call))
(call_expression function: (template_function name: (identifier) @reference.call))
(template_function name: (identifier) @reference.call)
(qualified_identifier name: (identifier) @reference.name)
