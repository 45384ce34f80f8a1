"""Finding a procedure."""

from __future__ import annotations

from tests.webapp.conftest import SignIn


def test_catalogue_folded_words_find(client: SignIn) -> None:
    page = client("").get("/procedures?q=chung thuc").text
    assert "Chứng thực bản sao từ bản chính" in page
    page = client("lan").get("/procedures/2.000815").text
    assert "Nộp trực tuyến" in page
    for path in ("/my", "/t/", "/verify", "/mail", "/procedures"):
        assert client("lan").get(path).status_code == 200, path
