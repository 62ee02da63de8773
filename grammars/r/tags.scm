; What an R file declares. Where two patterns name one declaration, the earlier
; one counts.

(binary_operator lhs: [(identifier) (string)] @name operator: ["<-" "=" "<<-"]
  rhs: (function_definition body: (_) @body)) @definition.function
((binary_operator lhs: (identifier) @name operator: "<-" rhs: (call function: (_) @_how arguments: (_) @body)) @definition.class
  (#match? @_how "(R6Class|setRefClass|new_class)$"))
(program (binary_operator lhs: (identifier) @name operator: ["<-" "="]) @definition.variable)
((call function: (identifier) @_how arguments: (arguments . (argument value: (string (string_content) @name)))) @definition.class
  (#eq? @_how "setClass"))
((call function: (identifier) @_how arguments: (arguments . (argument value: (string (string_content) @name)))) @definition.function
  (#any-of? @_how "setGeneric" "setMethod"))

((comment) @doc (#match? @doc "^#'"))
