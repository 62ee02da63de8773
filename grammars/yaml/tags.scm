; The keys at the top, and the jobs, services or tasks one level below.

(document (block_node (block_mapping (block_mapping_pair key: (_) @name value: (flow_node)) @definition.variable)))
(document (block_node (block_mapping (block_mapping_pair key: (_) @name value: (block_node) @body) @definition.section)))
((document (block_node (block_mapping (block_mapping_pair key: (_) @_top
    value: (block_node (block_mapping (block_mapping_pair key: (_) @name value: (block_node) @body) @definition.section))))))
  (#any-of? @_top "jobs" "services" "tasks" "paths" "components" "volumes" "stages"))

(comment) @doc
