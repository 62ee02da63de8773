"""Lines in brackets may be indented less than the block."""


class K:
    def a(self):
        x = foo(a +
    b)
        return x

    def b(self): pass

    @property(a |
b)
    def c(
        self,
        x: int =
    1,
    ):
        if (x and  # why (
  # not

  y):
            return {
"l": 2 +
3,
}
        return [z for z in
'(']

    async def d(self): return lambda y: (y if x else
y)


def e():
    with open(path, mode=
"r") as f:
        yield f"{x[
'a']}"


def last(): pass
