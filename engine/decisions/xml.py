"""DMN bytes to an XML tree, strictly: no DOCTYPE, no entities, no network, bounded size and depth."""

from __future__ import annotations

import re

from lxml import etree

from engine.decisions.problems import problem
from engine.errors import DefinitionRefused

#: Largest accepted file in bytes.
MAX_BYTES = 4_000_000
#: Deepest accepted nesting of elements.
MAX_DEPTH = 120
#: Namespace of each accepted version.
VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse(source: bytes, *, file: str = "") -> etree._Element:
    """The root element ``definitions``. Raises ``DefinitionRefused``."""
    if len(source) > MAX_BYTES:
        raise DefinitionRefused(problems=(problem("dmn-too-large", file=file, limit=MAX_BYTES),))
    if _DOCTYPE.search(source.replace(b"\x00", b"")):  # also in UTF-16; a mention in text must be escaped anyway
        raise DefinitionRefused(problems=(problem("dmn-doctype", file=file),))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DefinitionRefused(problems=(problem("dmn-xml", file=file, why=_plain(error)),)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DefinitionRefused(problems=(problem("dmn-doctype", file=file),))
    _check_depth(root, file)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in VERSIONS:
        raise DefinitionRefused(problems=(problem("dmn-namespace", file=file, found=root.tag),))
    return root


def _plain(error: Exception) -> str:
    return str(error).split(" (<string>")[0]


def _check_depth(root: etree._Element, file: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise DefinitionRefused(problems=(problem("dmn-too-deep", file=file, limit=MAX_DEPTH),))
