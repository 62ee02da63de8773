; What an SQL file creates. Rows that it inserts or reads are data.

(create_table (object_reference) @name (column_definitions)? @body) @definition.struct
(column_definitions (column_definition name: (_) @name) @definition.field)
(create_view (object_reference) @name [(keyword_as) (create_query)]? @body) @definition.struct
(create_materialized_view (object_reference) @name (keyword_as)? @body) @definition.struct
(create_function (object_reference) @name (function_body)? @body) @definition.function
(create_type (object_reference) @name) @definition.type
(create_index column: (identifier) @name) @definition.constant
(create_trigger (keyword_trigger) . (object_reference) @name) @definition.function

(comment) @doc
(marginalia) @doc
