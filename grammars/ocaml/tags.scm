; What an OCaml file declares. Where two patterns name one declaration, the
; earlier one counts. A `let` inside an expression is no declaration.

; The first binding carries the `let`; those behind `and` stand for themselves.
(compilation_unit (value_definition . (let_binding pattern: (value_name) @name (parameter) "=" @body)) @definition.function)
(compilation_unit (value_definition . (let_binding pattern: (value_name) @name "=" @body
  body: [(function_expression) (fun_expression)])) @definition.function)
(compilation_unit (value_definition . (let_binding pattern: (value_name) @name "=" @body)) @definition.variable)
(compilation_unit (value_definition (let_binding pattern: (value_name) @name [(parameter) (function_expression) (fun_expression)] "="? @body) @definition.function))
(compilation_unit (value_definition (let_binding pattern: (value_name) @name "=" @body) @definition.variable))
(structure (value_definition . (let_binding pattern: (value_name) @name (parameter) "=" @body)) @definition.function)
(structure (value_definition . (let_binding pattern: (value_name) @name "=" @body
  body: [(function_expression) (fun_expression)])) @definition.function)
(structure (value_definition . (let_binding pattern: (value_name) @name "=" @body)) @definition.variable)
(structure (value_definition (let_binding pattern: (value_name) @name [(parameter) (function_expression) (fun_expression)] "="? @body) @definition.function))
(structure (value_definition (let_binding pattern: (value_name) @name "=" @body) @definition.variable))

(compilation_unit (value_definition . (let_binding pattern: (parenthesized_operator) @name "=" @body)) @definition.function)
(external (value_name) @name) @definition.function
(value_specification (value_name) @name) @definition.function

(type_definition (type_binding name: (_) @name)) @definition.type
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.type
((constructor_declaration (constructor_name) @name) @definition.variant
  (#set! visibility "public"))
(module_definition (module_binding (module_name) @name "=" @body)) @definition.module
(module_definition (module_binding (module_name) @name)) @definition.module
(module_type_definition (module_type_name) @name "="? @body) @definition.interface
(class_definition (class_binding (class_name) @name "=" @body)) @definition.class
(method_definition (method_name) @name "="? @body) @definition.method

((comment) @doc (#match? @doc "^\\(\\*\\*"))
