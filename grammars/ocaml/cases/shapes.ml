(** The module. *)
open Printf
(** Adds. *)
let add x y = x + y
let limit = 3
let rec go = function 0 -> 1 | n -> go (n - 1)
and back x = x
type t = { a : int; b : string }
type v = A | B of int
exception Bad of string
module M = struct let x = 1 end
module type S = sig val f : int -> int end
module F (X : S) = struct end
class c = object method m = 1 end
external ext : int -> int = "ext"
