; What a Lua file declares. Where two patterns name one declaration, the
; earlier one counts.

(function_declaration name: [
    (identifier) @name
    (dot_index_expression field: (identifier) @name)
    (method_index_expression method: (identifier) @name)
  ] body: (_)? @body "end" @body) @definition.function

; `name = function(a) end`
(assignment_statement (variable_list . name: [
    (identifier) @name
    (dot_index_expression field: (identifier) @name)
  ])
  (expression_list . value: (function_definition body: (_)? @body "end" @body))) @definition.function
(field name: (identifier) @name value: (function_definition body: (_)? @body "end" @body)) @definition.function

(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name)) @_value) @definition.variable
  (#not-match? @_value "= *require"))
(chunk (assignment_statement (variable_list name: [
    (identifier) @name
    (dot_index_expression field: (identifier) @name)
  ])) @definition.variable)

(comment) @doc
