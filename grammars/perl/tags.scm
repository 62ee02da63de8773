; What a Perl file declares. Where two patterns name one declaration, the
; earlier one counts.

(package_statement name: (package) @name (block) @body) @definition.module
(package_statement name: (package) @name) @definition.module
(class_statement name: (package) @name) @definition.class
(subroutine_declaration_statement name: (bareword) @name body: (block) @body) @definition.function
(method_declaration_statement name: (bareword) @name body: (block) @body) @definition.method
((use_statement module: (package) @_how (list_expression . (autoquoted_bareword) @name)) @definition.constant
  (#eq? @_how "constant"))

((comment) @doc (#not-match? @doc "^#!"))
