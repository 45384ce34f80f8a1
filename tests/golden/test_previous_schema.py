"""Data written under an earlier schema, brought to the present one: nothing is lost and everything still holds.

``schema-NNNN.tar.zst`` holds the database and the files of an installation as the code of that migration left them.
It is written once, before the next migration is added, and never again.
"""

from __future__ import annotations

import gc
import io
import os
import tarfile
from pathlib import Path

import pytest
import zstandard

from engine.store.migration import expected_revision
from engine.store.statement import Statement
from tests.commands.desk import Desk
from webapp.app import create_app
from webapp.bootstrap import Product

FOLDER = Path(__file__).parent


@pytest.mark.skipif(not os.environ.get("MOTCUA_WRITE_GOLDEN"), reason="golden files are written once per version")
def test_write_golden_schema(product: Product, tmp_path: Path) -> None:
    create_app(product)  # reads every screen's module, and with them every query
    desk = Desk(product)
    desk.demo.play()
    desk.filed()
    desk.paid()
    desk.prepared()
    with product.database.engine.connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'whole.db'}'")
    with product.database.read() as connection:
        digests = [row[0] for row in connection.driver.execute("SELECT DISTINCT digest FROM document ORDER BY 1")]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(tmp_path / "whole.db", "motcua.db")
        for digest in digests:
            content = product.ports.files.get(digest)
            entry = tarfile.TarInfo(f"files/{digest}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    place = FOLDER / f"schema-{expected_revision()}.tar.zst"
    place.write_bytes(zstandard.ZstdCompressor(level=19).compress(packed.getvalue()))
    statements = sorted({found.text for found in gc.get_objects() if isinstance(found, Statement)})
    (FOLDER / f"schema-{expected_revision()}.sql").write_text("\n".join(statements) + "\n", encoding="utf-8")
