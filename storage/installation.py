"""The few facts that the service keeps of itself, by name: the bot's name, the first start."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_on_either

from storage.tables import Fact, table
from storage.tx import Tx

_facts = table(Fact)


def get(tx: Tx, name: str) -> str | None:
    """The value, or None when it was never put."""
    return tx.connection.scalar(select(_facts.c.value).where(_facts.c.name == name))


def put(tx: Tx, name: str, value: str) -> None:
    """Keep the value, whatever it was before."""
    statement = insert_on_either(_facts).values(name=name, value=value).inline()
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
