defmodule My.App do
  @moduledoc """
  The app. More.
  """
  use GenServer
  alias My.Other
  @limit 10
  @doc "Starts it."
  @spec start(integer) :: :ok
  def start(n, opts \\ []) when n > 0 do
    helper(n)
  end
  defp helper(n), do: n
  defmacro mac(x) do x end
  defstruct [:a, b: 1]
  @type t :: %__MODULE__{}
  @callback run(any) :: any
  defguard is_ok(x) when x == 1
  defdelegate size(x), to: Map
end
defprotocol P do
  def go(x)
end
defimpl P, for: Integer do
  def go(x), do: x
end
