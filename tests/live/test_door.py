"""What a real server process answers to requests of `/socket.io` that are not as they should be."""

from __future__ import annotations

import pytest
import requests

from tests.live.processes import Server, Tab, soon

pytestmark = pytest.mark.processes

POLL = "/socket.io/?EIO=4&transport=polling"


def poll(tab: Tab, path: str = POLL, method: str = "GET", **options: object) -> requests.Response:
    return tab.http.request(method, tab.server.origin + path, timeout=15, **options)


def opened(tab: Tab) -> str:
    answer = poll(tab)
    assert answer.ok, answer.text
    return POLL + "&sid=" + answer.text.split('"sid":"')[1].split('"')[0]


def test_a_signed_in_tab_opens_by_polling(enter):
    path = opened(enter("Ana"))

    assert "sid=" in path


def test_without_a_session_nothing_opens(server: Server):
    answer = requests.get(server.origin + POLL, headers={"Origin": server.origin}, timeout=5)

    assert answer.status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_page_of_another_origin_opens_nothing(enter, bare, origin):
    tab = enter("Ana")
    assert poll(tab, headers={"Origin": origin}).status_code == 403
    assert bare(tab, Origin=origin).status == 403


def test_a_browsers_own_poll_has_no_origin_and_says_where_it_comes_from(enter):
    tab = enter("Ana")

    assert poll(tab, headers={"Origin": None, "Sec-Fetch-Site": "same-origin"}).ok
    assert poll(tab, headers={"Origin": None, "Sec-Fetch-Site": "same-site"}).status_code == 403
    assert poll(tab, headers={"Origin": None, "Sec-Fetch-Site": "none"}).status_code == 403


def test_another_host_name_opens_nothing(enter):
    tab = enter("Ana")

    assert poll(tab, headers={"Host": "evil.example"}).status_code == 400


def test_a_sid_without_its_cookie_is_refused_and_ended(enter, server: Server):
    ana = enter("Ana")
    path = opened(ana)

    stolen = requests.post(server.origin + path, data="40", headers={"Origin": server.origin}, timeout=5)

    assert stolen.status_code == 400
    assert poll(ana, path, "POST", data="40").status_code == 400, "the connection must be over"


def test_a_sid_with_anothers_cookie_is_refused_and_ended(enter):
    ana, eve = enter("Ana"), enter("Eve")
    path = opened(ana)

    assert poll(eve, path, "POST", data="40").status_code == 400
    assert poll(ana, path, "POST", data="40").status_code == 400


def test_a_sid_cannot_be_upgraded_without_its_cookie(enter, bare):
    ana = enter("Ana")
    path = opened(ana).replace("polling", "websocket")

    assert bare(None, path=path).status == 400


def test_a_sid_is_dead_when_its_session_ends(enter):
    ana = enter("Ana")
    path = opened(ana)
    ana.post("/end", session_id=ana.me["session_id"])

    assert poll(ana, path, "POST", data="40").status_code == 400


@pytest.mark.parametrize(
    "body",
    ["", "x", "9", "4", "4x", "42[]\x1e", "b***", "2" + "[" * 100_000, "4" + "[" * 100_000, "d=40", b"\xff\xfe", "0{}"],
    ids=range(12),
)
def test_a_post_that_is_not_the_protocol_is_refused(enter, body):
    ana = enter("Ana")
    path = opened(ana)

    assert poll(ana, path, "POST", data=body).status_code == 400
    assert poll(ana, path, "POST", data="40").status_code == 400


def test_packets_past_the_limit_are_refused_and_not_dropped_in_silence(enter):
    ana = enter("Ana")

    assert poll(ana, opened(ana), "POST", data="\x1e".join(["3"] * 2048)).ok
    assert poll(ana, opened(ana), "POST", data="\x1e".join(["3"] * 2049)).status_code == 400


def test_a_body_past_the_limit_is_refused(enter):
    ana = enter("Ana")

    assert poll(ana, opened(ana), "POST", data="42" + "x" * 400_000).status_code == 400
    assert poll(ana, opened(ana), "POST", data='42["a","' + "é" * 140_000 + '"]').status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/socket.io/?EIO=4&transport=polling&j=1",
        "/socket.io/?EIO=3&transport=polling",
        "/socket.io/?EIO=4&transport=carrier-pigeon",
        "/socket.io/?EIO=4&transport=websocket",
        "/socket.io/?EIO=4&transport=polling&sid=nobody",
        "/socket.io/",
    ],
)
def test_a_wrong_address_is_refused(enter, path):
    assert poll(enter("Ana"), path).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_another_method_is_refused(enter, method):
    assert poll(enter("Ana"), POLL, method).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": "AAAA"}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Upgrade": None}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Cookie": None}, 401),
        ({"Host": "evil.example"}, 400),
    ],
)
def test_a_handshake_that_is_not_one_is_refused(enter, bare, headers, status):
    line = bare(enter("Ana"), **headers)

    assert line.status == status
    assert status != 426 or "Sec-WebSocket-Version: 13" in line.head


def test_a_good_handshake_agrees_on_no_compression(enter, bare):
    line = bare(enter("Ana"), Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")

    assert line.status == 101
    assert "ICX+Yqv66kxgM0FcWaLWlFLwTAI=" in line.head, "the accept key of sixteen zero bytes"
    assert "Extensions" not in line.head


def test_the_server_is_left_clean(enter, server: Server):
    """Last in the file: whatever was refused before has left no connection behind."""
    soon(lambda: not any(server.wire()["websockets"]) and server.wire()["peers"] == 0, "all sockets to be gone")
