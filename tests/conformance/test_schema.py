"""The tables as they are told in code are those that the migrations make; benches load many rows into them."""

from __future__ import annotations

from collections import Counter

from engine.store import bench_load, migration
from engine.store.moments import stored
from engine.store.tables import metadata
from tests.commands.desk import Desk
from webapp.bootstrap import Product
from webapp.demo.run import UNIT


def _indexes(product: Product) -> list[str]:
    found = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if not product.database.sqlite:
        found = (
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = "
            "i.indrelid WHERE t.relname <> 'alembic_version' AND NOT t.relispartition AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) "
            "AND t.relnamespace = 'public'::regnamespace"
        )
    with product.database.begin() as uow:
        return [row[0] for row in uow.connection.driver.execute(found).fetchall()]


def test_indexes_of_the_code_are_those_of_the_migrations(either_product: Product) -> None:
    assert migration.__name__  # importing it brings every table into the metadata
    told = Counter(str(index.name) for table in metadata.tables.values() for index in table.indexes)
    assert told == Counter(_indexes(either_product))


def test_many_tasks_are_loaded_and_every_index_is_there_again(either_product: Product) -> None:
    product, before = either_product, _indexes(either_product)
    original = Desk(product).paid()
    now = stored(product.clock.now())
    bench_load.load(product.database, original, 3000, (UNIT,), now=now)
    bench_load.settle(product.database)
    assert Counter(_indexes(product)) == Counter(before)
    with product.database.begin() as uow:
        assert uow.connection.driver.execute("SELECT count(*) FROM task WHERE state = 'open'").fetchone()[0] >= 3000
