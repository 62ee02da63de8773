; What JavaScript has beside what it shares with TypeScript.

(field_definition property: (private_property_identifier) @name
  (#set! visibility "private")) @definition.field
(field_definition property: (property_identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method
(field_definition property: (property_identifier) @name) @definition.field

(class_heritage (identifier) @reference.class)
(formal_parameters (identifier) @local.definition)
(formal_parameters (assignment_pattern left: (identifier) @local.definition))
