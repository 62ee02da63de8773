; What a Nix file declares: the names that its sets and `let`s bind. Where two
; patterns name one declaration, the earlier one counts.

; `name = a: ..` and `name = { a, b ? 1 }: ..`, with all arguments of a
; curried function in its signature.
(binding attrpath: (_) @name
  expression: (function_expression body: (function_expression body: (function_expression body: (_) @body)))) @definition.function
(binding attrpath: (_) @name
  expression: (function_expression body: (function_expression body: (_) @body))) @definition.function
(binding attrpath: (_) @name
  expression: (function_expression body: (_) @body)) @definition.function

; What holds others.
(binding attrpath: (_) @name
  expression: [
    (attrset_expression) @body
    (rec_attrset_expression) @body
    (with_expression body: [(attrset_expression) (rec_attrset_expression)] @body)
    (apply_expression argument: [(attrset_expression) (rec_attrset_expression)] @body)
  ]) @definition.section
(binding attrpath: (_) @name) @definition.variable

(comment) @doc
(source_code . (comment) @doc.inner)
