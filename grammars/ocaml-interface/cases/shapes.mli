val add : int -> int -> int
(** Adds. *)
type t
module M : sig val x : int end
