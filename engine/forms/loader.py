"""Loading a form: bytes in, a compiled form out, or every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from engine.errors import DefinitionRefused
from engine.forms.compile import Compiler
from engine.forms.cross import cross_check, mark_ambiguous
from engine.forms.document import read_document
from engine.forms.form import Form
from engine.forms.fragment import Resolver, references, shared_file
from engine.forms.grammar import grammar_problems


def load_form(source: bytes, *, file: str, shared: Mapping[str, bytes] | None = None) -> Form:
    """The form in ``source``, or ``DefinitionRefused`` with a problem for each fault.

    ``shared`` maps the file part of references (``_shared/person.json``) to its bytes. ``Form.schema`` of the answer
    needs no shared file: stored, it loads again to the same form.
    """
    return _kept(source, file, tuple(sorted((shared or {}).items())))


@lru_cache(maxsize=256)
def _kept(source: bytes, file: str, shared: tuple[tuple[str, bytes], ...]) -> Form:
    """Forms never change once they are compiled, and an editor saves one file of many."""
    document = read_document(source, file=file)
    resolver = Resolver(dict(shared), file=file)
    schema = resolver.resolve(document)
    problems = resolver.problems + grammar_problems(schema, file=file)
    if problems:
        raise DefinitionRefused(problems=tuple(problems))
    compiler = Compiler(file=file)
    root = compiler.root(schema)
    cross_check(root, compiler)
    if compiler.problems:
        raise DefinitionRefused(problems=tuple(compiler.problems))
    root = mark_ambiguous(root)
    return Form(file=file, title=root.title, hint=root.hint, root=root, schema=schema)


def load_shared(folder: Path) -> dict[str, bytes]:
    """The shared fragments below ``folder/_shared``, keyed as references write them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted((folder / "_shared").glob("*.json"))
    }


def shared_files(source: bytes, *, file: str, shared: Mapping[str, bytes]) -> tuple[str, ...]:
    """The shared files that ``source`` needs, directly or through another, sorted: what a package must carry."""
    found: set[str] = set()
    waiting = [(source, file)]
    while waiting:
        content, name = waiting.pop()
        for reference in references(read_document(content, file=name)):
            target = shared_file(reference)
            if target and target not in found and target in shared:
                found.add(target)
                waiting.append((shared[target], target))
    return tuple(sorted(found))
