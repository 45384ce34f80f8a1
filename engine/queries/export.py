"""A dossier's history in open formats: JSON, XES (IEEE 1849) and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from engine.model.chain import Event
from engine.store.records import Dossier


def history(dossier: Dossier, events: Sequence[Event]) -> dict[str, object]:
    """The whole history with the chain, so that anybody can check it without this product."""
    return {
        "dossier": dossier.number,
        "procedure": dossier.procedure,
        "definition": dossier.digest,
        "head": dossier.head,
        "hash": "sha256(prev_hash + LF + canonical JSON of [dossier, seq, at in microseconds, actor, on_behalf_of, "
        "unit, kind, version, node, task] + LF + body)",
        "events": [
            {
                "seq": event.seq,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "on_behalf_of": event.on_behalf_of,
                "unit": event.unit,
                "kind": event.kind,
                "version": event.version,
                "node": event.node,
                "task": event.task,
                "body": event.body,
                "prev_hash": event.prev_hash,
                "hash": event.hash,
            }
            for event in events
        ],
    }


def as_json_history(dossier: Dossier, events: Sequence[Event]) -> str:
    """The history as JSON."""
    return json.dumps(history(dossier, events), ensure_ascii=False, indent=2)


def as_csv(dossier: Dossier, events: Sequence[Event]) -> str:
    """One row an event."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("dossier", "seq", "at", "kind", "actor", "unit", "node", "task", "hash"))
    for event in events:
        row = (event.dossier, event.seq, event.at.isoformat(), event.kind, event.actor, event.unit, event.node)
        writer.writerow((*(_harmless(str(cell)) for cell in row), event.task, event.hash))
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell


def as_xes(dossier: Dossier, events: Sequence[Event]) -> str:
    """The process steps as an XES log with one trace."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">',
        '  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>',
        '  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>',
        '  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>',
        '  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>',
        "  <trace>",
        f'    <string key="concept:name" value={quoteattr(dossier.number)}/>',
    ]
    transitions = {"entered": "start", "completed": "complete", "cancelled": "ate_abort", "fired": "complete"}
    for event in events:
        for element, happened, at in event.content().get("steps", ()):
            lines += [
                "    <event>",
                f'      <string key="concept:name" value={quoteattr(element)}/>',
                f'      <string key="lifecycle:transition" value="{transitions[happened]}"/>',
                f'      <date key="time:timestamp" value="{at}"/>',
                f'      <string key="org:resource" value={quoteattr(event.actor)}/>',
                "    </event>",
            ]
    return "\n".join([*lines, "  </trace>", "</log>"])
