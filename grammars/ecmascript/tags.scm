; What JavaScript and TypeScript files declare and mention. Where two patterns
; name one declaration, the earlier one counts. Where the two grammars differ
; in the kind of a node, it stands as (_).

; --- declarations ---

(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function

(class_declaration name: (_) @name body: (_) @body) @definition.class

(method_definition name: (private_property_identifier) @name body: (_) @body
  (#set! visibility "private")) @definition.method
(method_definition name: (property_identifier) @name body: (_) @body) @definition.method
(method_definition name: (string (string_fragment) @name) body: (_) @body) @definition.method
(method_definition name: (computed_property_name) @name body: (_) @body) @definition.method

; `export default (a) => {}` is named as it is imported.
(export_statement "default" @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression !name body: (_) @body)
  ]) @definition.function
(export_statement "default" @name
  value: (class !name body: (_) @body)) @definition.class
(export_statement "default" @name
  value: [(object) (call_expression) (new_expression)]) @definition.constant
(export_statement
  value: (function_expression name: (identifier) @name body: (_) @body)) @definition.function
(export_statement
  value: (class name: (_) @name body: (_) @body)) @definition.class

; `module.exports = function name() {}`, `use(function name() {})`
((assignment_expression
  left: (member_expression property: (property_identifier) @_exports)
  right: (function_expression name: (identifier) @name body: (_) @body)) @definition.function
  (#eq? @_exports "exports"))
(arguments (function_expression name: (identifier) @name body: (_) @body) @definition.function)

; Functions and classes that a name is given by assignment.
(variable_declarator name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(variable_declarator name: (identifier) @name
  value: (class body: (_) @body)) @definition.class
(assignment_expression
  left: [
    (identifier) @name
    (member_expression property: (property_identifier) @name)
  ]
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)
  ]) @definition.function
(assignment_expression
  left: [
    (identifier) @name
    (member_expression property: (property_identifier) @name)
  ]
  right: (class body: (_) @body)) @definition.class

(class name: (_) @name body: (_) @body) @definition.class

; Functions of an object that has a name.
(variable_declarator value: (object
  (pair key: (property_identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
    ]) @definition.method))
(assignment_expression right: (object
  (pair key: (property_identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
    ]) @definition.method))
(export_statement value: (object
  (pair key: (property_identifier) @name
    value: [
      (arrow_function body: (_) @body)
      (function_expression body: (_) @body)
    ]) @definition.method))

; What a module is imported as is no symbol of this one.
(program (lexical_declaration "const"
  (variable_declarator name: (identifier) @name value: (_)? @_value) @definition.constant
  (#not-match? @_value "^(await )?(require|import)\\b")))
(program (lexical_declaration
  (variable_declarator name: (identifier) @name value: (_)? @_value) @definition.variable
  (#not-match? @_value "^(await )?(require|import)\\b")))
(program (variable_declaration
  (variable_declarator name: (identifier) @name value: (_)? @_value) @definition.variable
  (#not-match? @_value "^(await )?(require|import)\\b")))
(program (export_statement declaration: (lexical_declaration "const"
  (variable_declarator name: (identifier) @name) @definition.constant)))
(program (export_statement declaration: (lexical_declaration
  (variable_declarator name: (identifier) @name) @definition.variable)))
(program (export_statement declaration: (variable_declaration
  (variable_declarator name: (identifier) @name) @definition.variable)))

; --- docs ---

((comment) @doc (#match? @doc "^/\\*\\*"))
(decorator) @attribute
(program . (hash_bang_line)? . (comment) @doc.inner
  (#match? @doc.inner "^/\\*")
  (#match? @doc.inner "@(file|fileoverview|fileOverview|overview|module|packageDocumentation)\\b"))

; --- names that are bound here but are no symbols ---

(arrow_function parameter: (identifier) @local.definition)
(variable_declarator name: (identifier) @local.definition)
(shorthand_property_identifier_pattern) @local.definition
(array_pattern (identifier) @local.definition)
(object_pattern (pair_pattern value: (identifier) @local.definition))
(catch_clause parameter: (identifier) @local.definition)
(assignment_expression
  left: (member_expression object: (this) property: (property_identifier) @local.definition))

; --- references ---

(call_expression function: (identifier) @reference.call)
(new_expression constructor: (identifier) @reference.class)
(new_expression constructor: (member_expression property: (property_identifier) @reference.class))
(member_expression property: (property_identifier) @reference.attribute)
(decorator (identifier) @reference.call)
(decorator (call_expression function: (identifier) @reference.call))
(arguments (identifier) @reference.name)

; Classes, components and constants used as values.
((identifier) @reference.name (#match? @reference.name "^[A-Z]"))
