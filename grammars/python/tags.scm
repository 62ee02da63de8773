; What a Python file declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(decorated_definition
  definition: (function_definition name: (identifier) @name body: (_) @body)) @definition.function

(function_definition name: (identifier) @name body: (_) @body) @definition.function

(decorated_definition
  definition: (class_definition name: (identifier) @name body: (_) @body)) @definition.class

(class_definition name: (identifier) @name body: (_) @body) @definition.class

(type_alias_statement left: (type (identifier) @name)) @definition.type
(type_alias_statement left: (type (generic_type (identifier) @name))) @definition.type

(expression_statement
  (assignment left: (identifier) @name) @definition.constant
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))

(expression_statement
  (assignment left: (identifier) @name) @definition.variable
  (#not-eq? @name "_"))

; `a = b = value`
(assignment right: (assignment left: (identifier) @name) @definition.variable)

; `a, b = values`
(expression_statement
  (assignment left: (pattern_list (identifier) @name)) @definition.variable
  (#not-eq? @name "_"))

; --- docs ---

(module . (comment)* . (expression_statement (string (string_content) @doc.inner)))
(class_definition body: (block . (comment)* . (expression_statement (string (string_content) @doc.inner))))
(function_definition body: (block . (comment)* . (expression_statement (string (string_content) @doc.inner))))

; --- names that are bound here but are no symbols ---

(parameters (identifier) @local.definition)
(default_parameter name: (identifier) @local.definition)
(typed_parameter . (identifier) @local.definition)
(typed_default_parameter name: (identifier) @local.definition)
(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @local.definition)
  (#eq? @_self "self"))

; --- references ---

(call function: (identifier) @reference.call)
(attribute attribute: (identifier) @reference.attribute)
(type (identifier) @reference.type)
(type (generic_type (identifier) @reference.type))
(decorator (identifier) @reference.call)
(class_definition superclasses: (argument_list (identifier) @reference.class))

; Classes and constants used as values.
((identifier) @reference.name (#match? @reference.name "^_*[A-Z]"))
