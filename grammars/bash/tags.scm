; What a shell script declares and mentions. Where two patterns name one
; declaration, the earlier one counts.

; --- declarations ---

(function_definition name: (word) @name body: (_) @body) @definition.function

(program (declaration_command "readonly" (variable_assignment name: (variable_name) @name)) @definition.constant)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)
(program (variable_assignment name: (variable_name) @name) @definition.variable)

; `alias name=command`
((command name: (command_name) @_how argument: (concatenation . (word) @name)) @definition.function
  (#eq? @_how "alias"))

; --- docs ---

((program . (comment)* . (comment) @doc.inner)
  (#not-match? @doc.inner "^#!|shellcheck|-\\*-|vim:"))

((comment) @doc (#not-match? @doc "^#!|shellcheck"))
((comment) @attribute (#match? @attribute "shellcheck"))

; --- names that are bound here but are no symbols ---

(variable_assignment name: (variable_name) @local.definition)

; --- references ---

(command name: (command_name (word) @reference.call))
