; Headings, the deeper inside the higher.

(section . (atx_heading heading_content: (_) @name) . (_)? @body) @definition.section
(setext_heading heading_content: (paragraph) @name [(setext_h1_underline) (setext_h2_underline)] @body) @definition.section
