"""Copy browser assets and their licences from node_modules to webapp/static/vendor, and check every byte.

``python tools/assets.py`` after ``npm ci``. The list of files and SHA-256 is committed in webapp/static/vendor.sha256;
``--write`` makes it anew after a version was changed on purpose. Exits 1 and names each file that is not as listed.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "webapp" / "static" / "vendor"
LISTING = ROOT / "webapp" / "static" / "vendor.sha256"

#: Name in the vendor folder → place in node_modules.
FILES = {
    "bpmn-navigated-viewer.production.min.js": "bpmn-js/dist/bpmn-navigated-viewer.production.min.js",
    "bpmn-modeler.production.min.js": "bpmn-js/dist/bpmn-modeler.production.min.js",
    "diagram-js.css": "bpmn-js/dist/assets/diagram-js.css",
    "bpmn-js.css": "bpmn-js/dist/assets/bpmn-js.css",
    "bpmn-font/css/bpmn.css": "bpmn-js/dist/assets/bpmn-font/css/bpmn.css",
    "bpmn-font/font/bpmn.woff2": "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2",
    "bpmn-font/font/bpmn.woff": "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff",
    "dmn-modeler.production.min.js": "dmn-js/dist/dmn-modeler.production.min.js",
    "dmn-navigated-viewer.production.min.js": "dmn-js/dist/dmn-navigated-viewer.production.min.js",
    "dmn-js-shared.css": "dmn-js/dist/assets/dmn-js-shared.css",
    "dmn-js-drd.css": "dmn-js/dist/assets/dmn-js-drd.css",
    "dmn-js-decision-table.css": "dmn-js/dist/assets/dmn-js-decision-table.css",
    "dmn-js-decision-table-controls.css": "dmn-js/dist/assets/dmn-js-decision-table-controls.css",
    "dmn-js-literal-expression.css": "dmn-js/dist/assets/dmn-js-literal-expression.css",
    "dmn-js-boxed-expression.css": "dmn-js/dist/assets/dmn-js-boxed-expression.css",
    "dmn-js-boxed-expression-controls.css": "dmn-js/dist/assets/dmn-js-boxed-expression-controls.css",
    "dmn-font/css/dmn.css": "dmn-js/dist/assets/dmn-font/css/dmn.css",
    "dmn-font/font/dmn.woff2": "dmn-js/dist/assets/dmn-font/font/dmn.woff2",
    "dmn-font/font/dmn.woff": "dmn-js/dist/assets/dmn-font/font/dmn.woff",
    "diagram-minimap.umd.prod.js": "diagram-js-minimap/dist/diagram-minimap.umd.prod.js",
    "diagram-js-minimap.css": "diagram-js-minimap/assets/diagram-js-minimap.css",
    "licences/bpmn-js.txt": "bpmn-js/LICENSE",
    "licences/dmn-js.txt": "dmn-js/LICENSE",
    "licences/diagram-js-minimap.txt": "diagram-js-minimap/LICENSE",
}


def copy() -> list[str]:
    """Copy what differs; the files that node_modules lacks."""
    missing = []
    for name, source in FILES.items():
        origin, target = MODULES / source, VENDOR / name
        if not origin.is_file():
            missing.append(f"{name}: node_modules/{source} is not there; run npm ci")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != origin.read_bytes():
            shutil.copyfile(origin, target)
    return missing


def digests() -> dict[str, str]:
    """SHA-256 of every file that is there."""
    return {
        name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in FILES if (VENDOR / name).is_file()
    }


def listed() -> dict[str, str]:
    """The committed digests."""
    lines = LISTING.read_text(encoding="utf-8").splitlines() if LISTING.is_file() else []
    return {name: digest for digest, _sep, name in (line.partition("  ") for line in lines) if name}


def differences() -> list[str]:
    """Why the folder is not what was committed; empty when it is."""
    there, expected = digests(), listed()
    found = [f"{name}: is missing" for name in FILES if name not in there]
    found += [
        f"{name}: SHA-256 is {digest[:16]}…, the list says {expected.get(name, 'nothing')[:16]}"
        for name, digest in there.items()
        if expected.get(name) != digest
    ]
    return found


def main(arguments: list[str]) -> int:
    """Copy, then write or check the list."""
    problems = copy()
    if not problems and arguments == ["--write"]:
        text = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests().items()))
        LISTING.write_text(text, encoding="utf-8")
    problems += differences()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
