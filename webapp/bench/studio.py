"""What the studio costs: saving a diagram with every check, playing a scenario, and the modeller on the wire."""

from __future__ import annotations

import re
from statistics import median
from time import process_time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine.commands.authoring import BeginDraft
from engine.definitions.package import read_folder
from webapp.app import create_app
from webapp.bootstrap import PROCESSES, Product
from webapp.screens.studio.rehearsal import Theatre

#: The procedure whose diagram is measured, and how many steps it is lengthened to.
_CODE, _STEPS = "1.013225", 40
#: The demo's analyst.
AUTHOR = "phuc"
_NODE = re.compile(rb"<bpmn:\w*(?:Task|Event|Gateway|callActivity|subProcess)\b[^>]*? id=\"(\w+)\"")
_ASSET = re.compile(r"(?:src|href)=\"(/static/[^\"]+)\"")


def studio_figures(product: Product, *, rounds: int = 15) -> dict[str, Any]:
    """CPU milliseconds, without a network: of a save at first and later, of one scenario; kilobytes of the page."""
    files = dict(read_folder(PROCESSES / _CODE).files)
    files["process.bpmn"] = lengthened(files["process.bpmn"], _STEPS)
    with product.database.begin() as uow:
        author = uow.organisation.actor(AUTHOR, product.clock.now())
    assert author is not None
    command = BeginDraft(procedure=_CODE, name="Bench", origin="blank", files=files)
    draft = str(product.bus.execute(command, author)["draft"])
    app = create_app(product)
    app.config["WTF_CSRF_ENABLED"] = False
    client = _signed_in(app)
    saves = _saves(client, draft, rounds)
    playing = [_scenario(product) for _ in range(3)]
    return {
        "nodes": len(_NODE.findall(files["process.bpmn"])),
        "first_save_cpu_ms": round(saves[0], 1),
        "save_cpu_ms": round(median(saves[1:]), 1),
        "scenario_cpu_ms": round(min(playing), 1),
        "modeller_kb": round(_wire(client, f"/studio/{draft}/diagram") / 1024),
    }


def lengthened(diagram: bytes, steps: int) -> bytes:
    """The diagram with user tasks put in after its start until it has ``steps`` flow nodes."""
    start = re.search(rb"<bpmn:startEvent id=\"(\w+)\"", diagram)
    assert start is not None
    flow = re.search(rb"<bpmn:sequenceFlow id=\"(\w+)\"[^>]* sourceRef=\"" + start[1] + rb"\"", diagram)
    assert flow is not None
    more = [b"bench_%d" % place for place in range(max(1, steps - len(_NODE.findall(diagram))))]
    drawn = [
        b'<bpmn:userTask id="%b" name="%b" motcua:role="specialist" motcua:result="%b"/>' % (name, name, name)
        for name in more
    ]
    joined = [
        b'<bpmn:sequenceFlow id="to_%b" sourceRef="%b" targetRef="%b"/>' % (after, before, after)
        for before, after in zip([start[1], *more], more, strict=False)
    ]
    text = diagram.replace(b"<bpmn:outgoing>" + flow[1] + b"<", b"<bpmn:outgoing>to_" + more[0] + b"<", 1)
    moved = flow[0].replace(b'sourceRef="' + start[1], b'sourceRef="' + more[-1])
    return text.replace(flow[0], b"".join([*drawn, *joined]) + moved, 1)


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["login"] = AUTHOR
    return client


def _saves(client: FlaskClient, draft: str, rounds: int) -> list[float]:
    address = f"/studio/{draft}/source/process.bpmn"
    kept = client.get(address)
    text, tag, taken = kept.get_data(), kept.headers["ETag"], []
    for place in range(rounds + 1):
        content = text.replace(b'name="bench_0"', b'name="bench %d"' % place)
        begun = process_time()
        answer = client.put(address, data=content, headers={"If-Match": tag})
        taken.append((process_time() - begun) * 1000)
        assert answer.status_code == 200, answer.text
        tag = answer.headers["ETag"]
    return taken


def _scenario(product: Product) -> float:
    """The first scenario of the procedure as it is published, once the installation that it plays in stands."""
    files = read_folder(PROCESSES / _CODE).files
    name = min(file for file in files if file.startswith("scenarios/"))
    theatre = Theatre(product)
    theatre.play(files, only=name)
    begun = process_time()
    theatre.play(files, only=name)
    return (process_time() - begun) * 1000


def _wire(client: FlaskClient, path: str) -> int:
    page = client.get(path)
    total = len(page.get_data())
    for asset in dict.fromkeys(_ASSET.findall(page.text)):
        total += len(client.get(asset, headers={"Accept-Encoding": "gzip"}).get_data())
    return total
