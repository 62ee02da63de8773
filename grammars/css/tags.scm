; The rules of a style sheet: selectors, custom properties, animations.

(stylesheet (rule_set (selectors) @name (block) @body) @definition.variable)
(keyframes_statement (keyframes_name) @name (_) @body) @definition.function
((declaration (property_name) @name) @definition.constant
  (#match? @name "^--"))
(stylesheet (media_statement (_) @name . (block) @body) @definition.section)

(stylesheet (comment) @doc)
