; The rules of a style sheet: selectors, custom properties, animations.

; Rules by themselves and within `@media` and its like.
(stylesheet (rule_set (selectors) @name (block) @body) @definition.variable)
(block (rule_set (selectors) @name (block) @body) @definition.variable)
(keyframes_statement (keyframes_name) @name (_) @body) @definition.function
((declaration (property_name) @name) @definition.constant
  (#match? @name "^--"))
(stylesheet (media_statement (_) @name . (block) @body) @definition.section)
(stylesheet (supports_statement (_) @name . (block) @body) @definition.section)
((at_rule (at_keyword) @_how . (keyword_query) @name (block) @body) @definition.section
  (#eq? @_how "@layer"))

(stylesheet (comment) @doc)
(stylesheet . (comment) @doc.inner
  (#not-match? @doc.inner "(?i)copyright|licen[cs]e|spdx|all rights reserved"))
