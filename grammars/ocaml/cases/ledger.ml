(** Accounts and their entries. *)

open Printf
module Map = Stdlib.Map.Make (Int)

(** An entry, in cents. *)
type entry =
  | Deposit of int
  | Withdrawal of { amount : int; note : string }

type account = {
  id : int;
  mutable entries : entry list;
}

and 'a result_of = ('a, string) result

exception Missing of int

module type STORE = sig
  type t

  val load : t -> int -> account option
end

(** Kept in memory. *)
module Memory : STORE = struct
  type t = account Map.t

  let load store id = Map.find_opt id store
end

module Cached (S : STORE) = struct
  let load store id = S.load store id
end

let limit = 100

(** What is on the account. *)
let rec balance ?(start = 0) account =
  let amount = function Deposit n -> n | Withdrawal { amount; _ } -> -amount in
  List.fold_left (fun sum entry -> sum + amount entry) start account.entries

and is_open account = balance account >= 0

let ( |+| ) a b = a + b

class counter = object (self)
  val mutable count = 0
  method add n = count <- count + n
  method private reset = count <- 0
end

external now : unit -> float = "caml_now"

let () = printf "%d\n" (balance { id = 1; entries = [] })
