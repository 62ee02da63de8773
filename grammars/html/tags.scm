; The title and the headings of a page.

(element (start_tag (tag_name) @_tag) . (text) @name @definition.section . (end_tag)
  (#match? @_tag "^(?i:title|h[1-6])$"))
