defmodule Ledger.Account do
  @moduledoc """
  An account and its entries. Balances are in cents.
  """

  use GenServer
  import Ecto.Query, only: [from: 2]
  alias Ledger.{Entry, Repo}

  @behaviour Ledger.Store
  @default_limit 100

  @type t :: %__MODULE__{id: integer, entries: [Entry.t()]}
  @typep state :: map()

  defstruct [:id, entries: [], open: true]

  @callback balance(t) :: integer

  @doc """
  Starts the process of an account.

  Options go to `GenServer.start_link/3`.
  """
  @spec start_link(keyword) :: GenServer.on_start()
  def start_link(opts \\ []) do
    GenServer.start_link(__MODULE__, opts, name: __MODULE__)
  end

  @impl true
  def init(opts), do: {:ok, Map.new(opts)}

  @impl true
  def handle_call(:balance, _from, state) do
    {:reply, balance(state), state}
  end

  def handle_call({:add, amount}, _from, state) when amount > 0 do
    {:reply, :ok, Map.update(state, :sum, amount, &(&1 + amount))}
  end

  defp balance(state), do: Map.get(state, :sum, 0)

  defguard is_open(account) when account.open == true

  defmacro in_cents(amount) do
    quote do: unquote(amount) * 100
  end

  defdelegate all(queryable), to: Repo
end

defprotocol Ledger.Printable do
  @doc "One line for people."
  def to_line(value)
end

defimpl Ledger.Printable, for: Ledger.Account do
  def to_line(account), do: "account #{account.id}"
end

defmodule Ledger.Error do
  defexception message: "no such account"
end
