"""Statements that are compiled once and run with tuples, for the few places where that is felt."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, Dialect, Insert, bindparam
from sqlalchemy.sql.elements import ClauseElement

from storage.database import dbapi_connection
from storage.tx import Tx

Row = tuple[Any, ...]
Build = Callable[[Sequence[BindParameter[Any]]], ClauseElement]

_LONGEST_LIST = 128


class Prepared:
    """A Core statement; `parameters` names its open parameters in the order in which the tuples give them.

    The values go to the driver as they are: an `Instant` wants `to_millis`, a bool 0 or 1, JSON text; and a
    row that comes back is as raw. In an insert the parameters are its columns.
    """

    def __init__(self, statement: ClauseElement, *parameters: str) -> None:
        self._statement = statement
        self._parameters = parameters
        self._compiled: dict[str, tuple[str, Callable[[Row], Row]]] = {}

    def rows(self, tx: Tx, values: Row = ()) -> list[Row]:
        """Run it and return all rows."""
        return cast(list[Row], self._execute(tx, values).fetchall())

    def run(self, tx: Tx, values: Row = ()) -> int:
        """Run it and return how many rows it touched."""
        return cast(int, self._execute(tx, values).rowcount)

    def run_many(self, tx: Tx, sequence: Iterable[Row]) -> int:
        """Run it once for each tuple and return how many rows were touched in all."""
        sql, arrange = self._for(tx.connection.dialect)
        cursor = dbapi_connection(tx.connection).cursor()
        cursor.executemany(sql, [arrange(values) for values in sequence])
        return max(cast(int, cursor.rowcount), 0)

    def sql(self, dialect: Dialect) -> str:
        """The text that is sent."""
        return self._for(dialect)[0]

    def _execute(self, tx: Tx, values: Row) -> Any:
        sql, arrange = self._for(tx.connection.dialect)
        return dbapi_connection(tx.connection).cursor().execute(sql, arrange(values))

    def _for(self, dialect: Dialect) -> tuple[str, Callable[[Row], Row]]:
        if (known := self._compiled.get(dialect.name)) is None:
            known = self._compiled[dialect.name] = self._compile(dialect)
        return known

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Row], Row]]:
        if not dialect.positional:
            dialect = cast(Any, type(dialect))(paramstyle="format")
        columns = list(self._parameters) if isinstance(self._statement, Insert) else None
        compiled = cast(Any, self._statement.compile(dialect=dialect, column_keys=columns))
        wanted = tuple(compiled.positiontup)
        if wanted == self._parameters:
            return str(compiled), _as_it_is
        place = {name: index for index, name in enumerate(self._parameters)}
        fixed = {column.key: column.default.arg for column in getattr(compiled, "insert_prefetch", ())}
        inside = [name for name in compiled.binds if name not in place and name not in fixed]
        fixed |= {name: _raw(compiled.binds[name], dialect) for name in inside}
        parts = [(place.get(name), fixed.get(name)) for name in wanted]
        return str(compiled), lambda values: tuple(
            value if index is None else values[index] for index, value in parts
        )


class PreparedIn:
    """A statement over a list of keys: `build` makes it from the parameters to put after IN.

    It is compiled for 1, 2, 4, … 128 keys; a list between is filled up with its last key, which IN does not
    mind, and a longer one runs in slices. `parameters` name what else it takes, in order.
    """

    def __init__(self, build: Build, *parameters: str) -> None:
        self._build = build
        self._parameters = parameters
        self._by_size: dict[int, Prepared] = {}

    def rows(self, tx: Tx, keys: Sequence[Any], values: Row = ()) -> list[Row]:
        """All rows for `keys`, in no order; none for no keys."""
        found: list[Row] = []
        for statement, arguments in self._slices(keys, values):
            found += statement.rows(tx, arguments)
        return found

    def run(self, tx: Tx, keys: Sequence[Any], values: Row = ()) -> int:
        """Run it for all `keys` and return how many rows it touched."""
        return sum(statement.run(tx, arguments) for statement, arguments in self._slices(keys, values))

    def _slices(self, keys: Sequence[Any], values: Row) -> Iterable[tuple[Prepared, Row]]:
        for start in range(0, len(keys), _LONGEST_LIST):
            part = tuple(keys[start : start + _LONGEST_LIST])
            size = 1 << (len(part) - 1).bit_length()
            yield self._of(size), values + part + part[-1:] * (size - len(part))

    def _of(self, size: int) -> Prepared:
        if size not in self._by_size:
            names = [f"key_{index}" for index in range(size)]
            statement = self._build([bindparam(name) for name in names])
            self._by_size[size] = Prepared(statement, *self._parameters, *names)
        return self._by_size[size]


def _as_it_is(values: Row) -> Row:
    return values


def _raw(bind: BindParameter[Any], dialect: Dialect) -> Any:
    """A value written into the statement itself, as the driver takes it."""
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return convert(bind.effective_value) if convert else bind.effective_value
