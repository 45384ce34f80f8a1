"""Random syntax trees of FEEL for the laws and the fuzzer."""

from __future__ import annotations

import random
from decimal import Decimal

from engine.feel import nodes
from engine.feel.nodes import Node

VARIABLES = ("a", "b", "full name", "danh sách", "Date-Time", "x+y")
_PROPERTIES = ("a", "year", "start", "full name", "days", "time offset")
_AT = (
    "2026-11-21",
    "10:30:00",
    "2026-11-21T10:30:00+07:00",
    "10:30:00@Asia/Ho_Chi_Minh",
    "P1DT2H",
    "-P14M",
    "nonsense",
)
_CALLS = {
    "substring": 2, "count": 1, "sum": 1, "date": 1, "string": 1, "not": 1, "contains": 2, "sort": 1, "flatten": 1,
    "floor": 1, "matches": 2, "split": 2, "concatenate": 2, "before": 2, "get entries": 1, "date and time": 1,
    "distinct values": 1, "list contains": 2, "modulo": 2, "context put": 3, "index of": 2, "mode": 1, "f": 1,
    "duration": 1, "string join": 2, "years and months duration": 2, "replace": 3, "range": 1, "number": 1, "time": 1,
}  # fmt: skip
_TYPES = (
    nodes.TypeName("number"),
    nodes.TypeName("date and time"),
    nodes.TypeOf("list", nodes.TypeName("string")),
    nodes.TypeOf("range", nodes.TypeName("number")),
    nodes.ContextType((("a", nodes.TypeName("Any")),)),
    nodes.FunctionType((nodes.TypeName("number"),), nodes.TypeName("string")),
)


class Author:
    """Writes random trees; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def expression(self, depth: int = 4) -> Node:
        """A tree at most ``depth`` levels above its leaves."""
        makers = [self._literal, self._name, self._at]
        if depth > 0:
            makers += [
                self._arithmetic, self._logic, self._comparison, self._between, self._in, self._filter, self._path,
                self._call, self._if, self._for, self._quantified, self._list, self._context, self._range,
                self._function, self._instance, self._negate, self._bound,
            ]  # fmt: skip
        return self.random.choice(makers)(depth - 1)

    def tests(self) -> nodes.Tests:
        """Unary tests."""
        count = self.random.randint(0, 3)
        entries = tuple(self._test(2) for _ in range(count))
        return nodes.Tests(entries, negated=bool(entries) and self.random.random() < 0.3)

    def _literal(self, depth: int) -> Node:
        choices = [None, True, False, "", "văn bản", 'a"\\b\n', "(a+)+", "2026-11-21"]
        choices += [Decimal(self.random.randint(0, 5)), Decimal("1.50"), Decimal("1E+40"), Decimal("0.001")]
        return nodes.Literal(self.random.choice(choices))

    def _name(self, depth: int) -> Node:
        return nodes.Name(self.random.choice(VARIABLES))

    def _at(self, depth: int) -> Node:
        return nodes.AtLiteral(self.random.choice(_AT))

    def _many(self, depth: int, least: int, most: int) -> tuple[Node, ...]:
        return tuple(self.expression(depth) for _ in range(self.random.randint(least, most)))

    def _arithmetic(self, depth: int) -> Node:
        signs = self.random.choice((("+", "-"), ("*", "/"), ("**",)))
        rest = tuple((self.random.choice(signs), entry) for entry in self._many(depth, 1, 3))
        return nodes.Arithmetic(self.expression(depth), rest)

    def _logic(self, depth: int) -> Node:
        return nodes.Logic(self.random.choice(("and", "or")), self._many(depth, 2, 3))

    def _sign(self) -> str:
        return self.random.choice(("<", "<=", ">", ">=", "=", "!="))

    def _comparison(self, depth: int) -> Node:
        return nodes.Comparison(self._sign(), self.expression(depth), self.expression(depth))

    def _between(self, depth: int) -> Node:
        return nodes.Between(self.expression(depth), self.expression(depth), self.expression(depth))

    def _bound(self, depth: int) -> Node:
        return nodes.Bound(self._sign(), self.expression(depth))

    def _test(self, depth: int) -> Node:
        return self._bound(depth) if self.random.random() < 0.5 else self.expression(depth)

    def _in(self, depth: int) -> Node:
        tests = tuple(self._test(depth) for _ in range(self.random.randint(1, 3)))
        return nodes.In(self.expression(depth), tests)

    def _filter(self, depth: int) -> Node:
        return nodes.Filter(self.expression(depth), self.expression(depth))

    def _path(self, depth: int) -> Node:
        return nodes.Path(self.expression(depth), self.random.choice(_PROPERTIES))

    def _call(self, depth: int) -> Node:
        name, count = self.random.choice(sorted(_CALLS.items()))
        return nodes.Call(nodes.Name(name), tuple(self.expression(depth) for _ in range(count)))

    def _if(self, depth: int) -> Node:
        return nodes.If(self.expression(depth), self.expression(depth), self.expression(depth))

    def _iterators(self, depth: int) -> tuple[nodes.Iterator, ...]:
        names = self.random.sample(("i", "j", "từng mục"), self.random.randint(1, 2))
        return tuple(
            nodes.Iterator(name, self.expression(depth), self.expression(depth) if self.random.random() < 0.4 else None)
            for name in names
        )

    def _for(self, depth: int) -> Node:
        return nodes.For(self._iterators(depth), self.expression(depth))

    def _quantified(self, depth: int) -> Node:
        return nodes.Quantified(self.random.choice(("some", "every")), self._iterators(depth), self.expression(depth))

    def _list(self, depth: int) -> Node:
        return nodes.ListLiteral(self._many(depth, 0, 3))

    def _context(self, depth: int) -> Node:
        keys = self.random.sample(("a", "b c", "if x", "1st", "khóa", "a-b"), self.random.randint(0, 3))
        return nodes.ContextLiteral(tuple((key, self.expression(depth)) for key in keys))

    def _range(self, depth: int) -> Node:
        flags = self.random.random() < 0.5, self.random.random() < 0.5
        return nodes.RangeLiteral(self.expression(depth), self.expression(depth), *flags)

    def _function(self, depth: int) -> Node:
        kind = self.random.choice((None, *_TYPES))
        return nodes.FunctionLiteral((("n", kind), ("tham số", None)), self.expression(depth))

    def _instance(self, depth: int) -> Node:
        return nodes.InstanceOf(self.expression(depth), self.random.choice(_TYPES))

    def _negate(self, depth: int) -> Node:
        return nodes.Negate(self.expression(depth))
