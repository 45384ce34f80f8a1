"""Bundles (immutable, by digest) and the deployments that put them in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import NotFound
from engine.model.folding import words
from engine.store.connection import Connection
from engine.store.moments import stored
from engine.store.records import Bundle, Deployment
from engine.store.rows import Rows
from engine.store.statement import Statement, insert

BUNDLES = Rows(Bundle, "definition_bundle")
DEPLOYMENTS = Rows(Deployment, "deployment")
_WORD = insert("procedure_word", ("word", "procedure"), "ON CONFLICT DO NOTHING")
_BUNDLE = BUNDLES.query("WHERE digest = :digest")
_IN_FORCE = DEPLOYMENTS.query(
    "WHERE procedure = :procedure AND effective_from <= :at AND (effective_to IS NULL OR effective_to > :at) "
    "ORDER BY effective_from DESC, created_at DESC"
)
_ALL_IN_FORCE = DEPLOYMENTS.query(
    "WHERE effective_from <= :at AND (effective_to IS NULL OR effective_to > :at) "
    "ORDER BY procedure, effective_from DESC, created_at DESC"
)
_OF = DEPLOYMENTS.query("WHERE procedure = :procedure ORDER BY effective_from, created_at")
_END = Statement(
    "UPDATE deployment SET effective_to = :at WHERE procedure = :procedure AND effective_from < :at "
    "AND (effective_to IS NULL OR effective_to > :at)"
)


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions of the database."""

    connection: Connection

    def bundle(self, digest: str) -> Bundle:
        """The bundle of a digest, or ``NotFound``."""
        found = BUNDLES.one(self.connection, _BUNDLE, digest=digest)
        if found is None:
            raise NotFound(what=f"procedure version {digest[:12]}")
        return found

    def add_bundle(self, bundle: Bundle) -> None:
        """Store a bundle, and the words that find its procedure, unless the same one is there."""
        if BUNDLES.one(self.connection, _BUNDLE, digest=bundle.digest) is None:
            BUNDLES.add(self.connection, bundle)
            name = bundle.manifest.get("short_name", {}).get("vi", "")
            found = words(f"{bundle.procedure} {name}")
            _WORD.run_many(self.connection, [{"word": word, "procedure": bundle.procedure} for word in found])

    def deploy(self, deployment: Deployment) -> None:
        """Put a bundle in force; the version in force until then ends at that moment."""
        _END.run(self.connection, procedure=deployment.procedure, at=stored(deployment.effective_from))
        DEPLOYMENTS.add(self.connection, deployment)

    def retire(self, procedure: str, at: datetime) -> int:
        """End whatever is in force at ``at`` or would be later; how many deployments that ends."""
        return _END.run(self.connection, procedure=procedure, at=stored(at)).rowcount

    def in_force(self, procedure: str, at: datetime) -> Deployment | None:
        """The deployment of a procedure in force at ``at``."""
        return DEPLOYMENTS.one(self.connection, _IN_FORCE, procedure=procedure, at=stored(at))

    def all_in_force(self, at: datetime) -> tuple[Deployment, ...]:
        """One deployment per procedure in force at ``at``."""
        newest: dict[str, Deployment] = {}
        for deployment in DEPLOYMENTS.all(self.connection, _ALL_IN_FORCE, at=stored(at)):
            newest.setdefault(deployment.procedure, deployment)
        return tuple(newest.values())

    def history(self, procedure: str) -> tuple[Deployment, ...]:
        """All deployments of a procedure, oldest first."""
        return DEPLOYMENTS.all(self.connection, _OF, procedure=procedure)
