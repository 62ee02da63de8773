; The title and the headings of a page, those with marked up words by what
; comes first.

(element (start_tag (tag_name) @_tag) . (text) @name @definition.section . (end_tag)
  (#match? @_tag "^(?i:title|h[1-6])$"))
(element (start_tag (tag_name) @_tag) . (text) @name @definition.section
  (#match? @_tag "^(?i:h[1-6])$"))
(element (start_tag (tag_name) @_tag) . (element (start_tag) . (text) @name @definition.section)
  (#match? @_tag "^(?i:h[1-6])$"))
