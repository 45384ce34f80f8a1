"""The officials of a load test, for Locust: each walks the whole path of a completion again and again.

Started by ``motcua bench load``; ``MOTCUA_LOAD_PEOPLE`` names a JSON file with login, role and session of everybody.
One round: open the inbox, open a dossier, claim its task, look at a paper's file, complete the task by its form, follow
where that leads. Where it led to the inbox, the next dossier is opened from there: nobody opens again the page before
his eyes. What a person would have in the browser's cache (styles, scripts) is not asked for.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, constant_pacing, task

_PEOPLE: list[dict[str, str]] = json.loads(Path(os.environ["MOTCUA_LOAD_PEOPLE"]).read_text())
_NEXT = itertools.count()
_CHANCE = random.Random()  # noqa: S311 - who opens which dossier is no secret
#: Seconds between two rounds of one person: a specialist and a leader have two for each of the desk's.
_PACE = {"desk": 8.0, "specialist": 4.0, "leader": 4.0}
_ANSWERS: dict[str, dict[str, Any]] = {
    "desk": {"da_doi_chieu": "true", "quyet_dinh": "accept", "act": "submit"},
    "specialist": {
        "ket_luan": "certify", "kiem_tra": ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"],
        "loi_chung": "giay_va_dien_tu", "act": "submit",
    },
    "leader": {"quyet_dinh": "send_back", "ly_do": "Kiểm tra lại số trang của bản chính.", "act": "submit"},
}  # fmt: skip
_DOSSIER = re.compile(r'href="(/dossiers/[^/"]+)" data-open')
_CLAIM = re.compile(r'action="(/tasks/[^"]+/claim)"')
_FORM = re.compile(r'action="(/dossiers/[^"]+/tasks/[^"]+)"')
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_SESSION = re.compile(r"motcua=[^;]*")
_FILE = re.compile(r'href="(/dossiers/[^"]+/documents/[^"/?]+)')


class OfficialAtWork(FastHttpUser):
    """One official with a session."""

    abstract = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        person = _PEOPLE[next(_NEXT) % len(_PEOPLE)]
        self._role = person["role"]
        self._headers = {"Cookie": f"motcua={person['session']}"}
        self._inbox = ""  #: the page before the person's eyes, where it is the inbox
        self._pace = constant_pacing(_PACE[self._role])

    def wait_time(self) -> float:
        """Seconds until the next round; one that took long is followed sooner."""
        return float(self._pace(self))

    def on_start(self) -> None:
        """Nobody begins at the same moment as everybody else."""
        gevent.sleep(_CHANCE.uniform(0, _PACE[self._role]))

    @task
    def complete_one(self) -> None:
        """One round; a person without work looks into the inbox and waits."""
        numbers = _DOSSIER.findall(self._inbox) or _DOSSIER.findall(self._get("/inbox", "open inbox"))
        self._inbox = ""
        if not numbers:
            return
        page = self._get(_CHANCE.choice(numbers[:20]), "open dossier")
        claim = _CLAIM.search(page)
        if claim is not None:
            page = self._post(claim[1], {}, "claim", page)
        form = _FORM.search(page)
        if form is None:
            return
        file = _FILE.search(page)
        if file is not None:
            self._get(file[1], "download")
        page = self._post(form[1].replace("&amp;", "&"), _ANSWERS[self._role], "complete", page)
        self._inbox = page if "data-inbox" in page else ""

    def _get(self, path: str, name: str) -> str:
        with self.client.get(path, name=name, headers=self._headers, catch_response=True) as answer:
            self._remember(answer.headers)
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code}")
                return ""
            kind = answer.headers.get("content-type", "")
            return (answer.text or "") if kind.startswith("text/html") else ""

    def _post(self, path: str, data: dict[str, Any], name: str, page: str) -> str:
        token = _TOKEN.search(page)
        sent = urlencode({**data, "csrf_token": token[1] if token else ""}, doseq=True)
        headers = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}
        with self.client.post(
            path, data=sent, name=name, headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            self._remember(answer.headers)
            if answer.status_code not in {302, 303}:
                answer.failure(f"{answer.status_code}")
                return ""
            where = answer.headers.get("location", "")
        return self._get(where, f"after {name}")

    def _remember(self, headers: Any) -> None:
        """Keep the session that the server gave, as a browser does: it holds what guards the forms."""
        given = _SESSION.search(headers.get("set-cookie", "") if headers else "")
        if given is not None:
            self._headers["Cookie"] = given[0]
