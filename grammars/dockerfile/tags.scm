; The stages of an image and what it takes.

(from_instruction as: (image_alias) @name) @definition.module
(from_instruction (image_spec name: (image_name) @name)) @definition.module
(arg_instruction (arg_pair name: (_) @name)) @definition.variable
(env_instruction (env_pair name: (_) @name)) @definition.variable

((comment) @doc (#not-match? @doc "(?i)^#\\s*(syntax|escape|check)="))
