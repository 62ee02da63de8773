; The targets of a makefile and its variables.

((rule (targets (word) @name) [(recipe) (comment)]? @body) @definition.function
  (#not-match? @name "^\\.[A-Z]|[%$]"))
(define_directive name: (word) @name) @definition.macro
(makefile (variable_assignment name: (word) @name) @definition.variable)

(comment) @doc
