; Tables, and the keys before the first.

(table . (_) @name (pair)? @body) @definition.section
(table_array_element . (_) @name (pair)? @body) @definition.section
(document (pair . (_) @name) @definition.variable)

(comment) @doc
