(** Accounts and their entries. *)

(** An entry, in cents. *)
type entry =
  | Deposit of int
  | Withdrawal of { amount : int; note : string }

type account
type 'a result_of = ('a, string) result

exception Missing of int

(** Where accounts are kept. *)
module type STORE = sig
  type t

  val load : t -> int -> account option
end

module Memory : STORE
module Cached (S : STORE) : sig
  val load : S.t -> int -> account option
end

val limit : int

(** What is on the account. *)
val balance : ?start:int -> account -> int

val ( |+| ) : int -> int -> int
external now : unit -> float = "caml_now"

class counter : object
  method add : int -> unit
end
