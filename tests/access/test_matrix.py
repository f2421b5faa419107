"""Who may do what, kept as two tables: every address and every message of a socket, for everybody there is.

A new route or event without a row fails. The columns: an officer; the leader and a colleague on the application's
team; the leader of another organisation, which was asked to join; an associate; a suspended person whose browser
is still signed in; a stranger. `in` is the redirect to the sign-in page, `no` a connection that is refused. A form
is sent empty, so that 422 reads: may do it, and has to fill it in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.live import namespaces, streams
from tests.access.world import PEOPLE, World, build
from tests.browsing import ORIGIN
from tests.builders import Make
from tests.collab.tabs import Tab

ROUTES = """
#                                                                       officer leader coll. other assoc. susp. anon.
GET  /                                                                  200     200    200   200   200    200   200
GET  /about                                                             200     200    200   200   200    200   200
GET  /accessibility                                                     200     200    200   200   200    200   200
GET  /privacy                                                           200     200    200   200   200    200   200
GET  /statements/leicester-empathy-declaration                          200     200    200   200   200    200   200
GET  /officers                                                          200     200    200   200   200    200   200
GET  /members                                                           200     200    200   200   200    200   200
GET  /members/home-centre                                               200     200    200   200   200    200   200
GET  /join                                                              200     200    200   200   200    200   200
POST /join                                                              422     422    422   422   422    422   422
GET  /join/sent                                                         200     200    200   200   200    200   200
GET  /join/confirm/{link}                                               200     200    200   200   200    200   200
POST /join/confirm/{link}                                               303     303    303   303   303    303   303
GET  /contact                                                           200     200    200   200   200    200   200
POST /contact                                                           422     422    422   422   422    422   422
GET  /robots.txt                                                        200     200    200   200   200    200   200
GET  /favicon.ico                                                       200     200    200   200   200    200   200
GET  /healthz                                                           200     200    200   200   200    200   200
GET  /readyz                                                            200     200    200   200   200    200   200
GET  /static/favicon.svg                                                200     200    200   200   200    200   200
GET  /assets/{digest}/favicon.svg                                       200     200    200   200   200    200   200

GET  /sign-in                                                           303     303    303   303   303    200   200
POST /sign-in                                                           422     422    422   422   422    422   422
GET  /sign-in/link                                                      200     200    200   200   200    200   200
POST /sign-in/link                                                      422     422    422   422   422    422   422
GET  /sign-in/link/sent                                                 200     200    200   200   200    200   200
GET  /sign-in/link/{link}                                               200     200    200   200   200    200   200
POST /sign-in/link/{link}                                               303     303    303   303   303    303   303
GET  /invitations/{invitation}                                          200     200    200   200   200    200   200
POST /invitations/{invitation}                                          303     303    303   303   303    422   422
POST /sign-out                                                          303     303    303   303   303    in    in
GET  /account                                                           200     200    200   200   200    in    in
POST /account                                                           422     422    422   422   422    in    in
GET  /account/confirm                                                   200     200    200   200   200    in    in
POST /account/confirm                                                   422     422    422   422   422    in    in
GET  /account/erased                                                    200     200    200   200   200    200   200
GET  /account/erasure                                                   200     200    200   200   200    in    in
POST /account/erasure                                                   422     422    422   422   422    in    in
GET  /account/password                                                  200     200    200   200   200    in    in
POST /account/password                                                  422     422    422   422   422    in    in
GET  /account/sessions                                                  200     200    200   200   200    in    in
POST /account/sessions/{leaders_session}/revocation                     404     303    404   404   404    in    in
POST /account/sessions/others/revocation                                303     303    303   303   303    in    in
POST /account/time-zone                                                 422     422    422   422   422    in    in

GET  /members/new                                                       200     403    403   403   403    in    in
POST /members                                                           422     403    403   403   403    in    in
GET  /members/home-centre/edit                                          403     200    403   403   403    in    in
POST /members/home-centre/edit                                          403     303    403   403   403    in    in
POST /members/home-centre/invitations                                   422     422    403   403   403    in    in
POST /members/home-centre/invitations/{to_home}/resend                  404     303    403   403   403    in    in
POST /members/home-centre/invitations/{to_home}/void                    404     303    403   403   403    in    in
GET  /members/people/{membership}/end                                   403     200    403   403   404    in    in
POST /members/people/{membership}/end                                   403     303    403   403   404    in    in
GET  /members/enquiries                                                 200     404    404   404   404    in    in
POST /members/enquiries/{enquiry}/read                                  303     404    404   404   404    in    in

GET  /boards                                                            200     200    200   200   200    in    in
POST /boards                                                            422     403    403   403   403    in    in
GET  /boards/new                                                        200     403    403   403   403    in    in
GET  /boards/open                                                       200     200    200   200   404    in    in
GET  /boards/closed                                                     200     404    404   404   404    in    in
POST /boards/open/threads                                               422     422    422   422   404    in    in
POST /boards/closed/threads                                             422     404    404   404   404    in    in
GET  /boards/open/threads/new                                           200     200    200   200   404    in    in
GET  /boards/posts/{post}                                               302     302    302   302   404    in    in
GET  /boards/threads/{thread}                                           200     200    200   200   404    in    in
GET  /boards/threads/{officers_thread}                                  200     404    404   404   404    in    in
POST /boards/threads/{thread}/posts                                     422     422    422   422   404    in    in
POST /boards/threads/{officers_thread}/posts                            422     404    404   404   404    in    in
POST /boards/threads/{thread}/read                                      422     422    422   422   404    in    in
POST /boards/threads/{thread}/lock                                      303     403    403   403   404    in    in
POST /boards/threads/{thread}/unlock                                    303     403    403   403   404    in    in

GET  /applications                                                      200     200    200   200   200    in    in
GET  /applications/new                                                  403     200    403   200   403    in    in
POST /applications                                                      403     422    403   422   403    in    in
GET  /applications/{app}                                                404     302    302   404   404    in    in
GET  /applications/{app}/activity                                       404     200    200   404   404    in    in
GET  /applications/{app}/edit                                           404     200    403   404   404    in    in
POST /applications/{app}/edit                                           404     422    403   404   404    in    in
GET  /applications/{app}/text                                           404     200    200   404   404    in    in
GET  /applications/{app}/download.html                                  404     200    200   404   404    in    in
GET  /applications/{app}/download.md                                    404     200    200   404   404    in    in
GET  /applications/{app}/freeze                                         404     200    403   404   404    in    in
POST /applications/{app}/freeze                                         404     303    403   404   404    in    in
GET  /applications/{app}/unfreeze                                       404     200    403   404   404    in    in
POST /applications/{app}/unfreeze                                       404     422    403   404   404    in    in
GET  /applications/{app}/here                                           404     200    200   404   404    in    in
POST /applications/{app}/seen                                           404     303    303   404   404    in    in
GET  /applications/{app}/partners                                       404     200    200   404   404    in    in
POST /applications/{app}/partners                                       404     422    403   404   404    in    in
GET  /applications/{app}/partners/{partner}/end                         404     200    403   404   404    in    in
POST /applications/{app}/partners/{partner}/end                         404     303    403   404   404    in    in
POST /applications/{app}/people                                         404     422    403   404   404    in    in
POST /applications/{app}/people/{waiting}/confirmation                  404     303    403   404   404    in    in
GET  /applications/{app}/people/{place}/removal                         404     200    200   404   404    in    in
POST /applications/{app}/people/{place}/removal                         404     303    303   404   404    in    in
POST /applications/{app}/people/{place}/role                            404     422    403   404   404    in    in
POST /applications/{app}/people/invitations                             404     422    403   404   404    in    in
POST /applications/{app}/people/invitations/{to_team}/withdrawal        404     303    403   404   404    in    in
GET  /applications/{app}/sections/{key}                                 404     200    200   404   404    in    in
GET  /applications/{app}/sections/{key}/state                           404     200    200   404   404    in    in
POST /applications/{app}/sections/{key}/state                           404     422    422   404   404    in    in
GET  /applications/{app}/sections/{key}/freeze                          404     200    403   404   404    in    in
POST /applications/{app}/sections/{key}/freeze                          404     303    403   404   404    in    in
GET  /applications/{app}/sections/{key}/unfreeze                        404     200    403   404   404    in    in
POST /applications/{app}/sections/{key}/unfreeze                        404     422    403   404   404    in    in
POST /applications/{app}/sections/{key}/organisation                    404     303    403   404   404    in    in
GET  /applications/invitations/{partner}                                404     404    404   200   404    in    in
POST /applications/invitations/{partner}/acceptance                     404     404    404   303   404    in    in
POST /applications/invitations/{partner}/refusal                        404     404    404   303   404    in    in
GET  /documents/{document}/rescues                                      404     200    200   404   404    in    in
POST /documents/{document}/rescues                                      404     422    422   404   404    in    in
GET  /documents/{document}/rescues/{rescue}                             404     200    200   404   404    in    in
GET  /documents/{document}/rescues/panel                                404     200    200   404   404    in    in
POST /documents/{document}/rescues/{rescue}/decision                    404     422    422   404   404    in    in
GET  /documents/{document}/state                                        404     200    200   404   404    in    in
GET  /documents/{document}/versions                                     404     200    200   404   404    in    in
POST /documents/{document}/versions                                     404     422    422   404   404    in    in
GET  /documents/{document}/versions/{version}                           404     200    200   404   404    in    in
GET  /documents/{document}/versions/{version}/restoration               404     200    403   404   404    in    in
POST /documents/{document}/versions/{version}/restoration               404     303    403   404   404    in    in
GET  /rescues                                                           200     200    200   200   200    in    in
GET  /rescues/{rescue}                                                  404     404    200   404   404    in    in
"""

MESSAGES = """
#                                         officer      leader       coll.        other        assoc.       susp. anon.
/    subscribe   application:{app}        not_found    ok           ok           not_found    not_found    no    no
/    subscribe   thread:{thread}          ok           ok           ok           ok           not_found    no    no
/    subscribe   thread:{officers_thread} ok           not_found    not_found    not_found    not_found    no    no
/    unsubscribe thread:{thread}          ok           ok           ok           ok           ok           no    no
/    writing     thread:{thread}          not_watching not_watching not_watching not_watching not_watching no    no
/doc open        {document}               not_found    ok           ok           not_found    not_found    no    no
/doc edit        {document}               gone         saved        saved        gone         gone         no    no
/doc presence    {document}               gone         ok           ok           gone         gone         no    no
/doc close       {document}               ok           ok           ok           ok           ok           no    no
"""


@dataclass(frozen=True)
class Row:
    """What is asked, and the answer for each column."""

    asked: tuple[str, ...]
    expected: dict[str, str]


def rows(table: str) -> list[Row]:
    lines = [line.split() for line in table.splitlines() if line and not line.startswith("#")]
    count = len(PEOPLE)
    return [Row(tuple(line[:-count]), dict(zip(PEOPLE, line[-count:], strict=True))) for line in lines]


def test_every_address_and_every_message_has_its_row(app: Flask, make: Make) -> None:
    ids, adapter = build(app, make).ids, app.url_map.bind("localhost")
    asked_for = {adapter.match(path.format(**ids), method)[0] for method, path in (row.asked for row in rows(ROUTES))}
    messages = {(namespace, event) for namespace, event, _about in (row.asked for row in rows(MESSAGES))}
    watched = {about.partition(":")[0] for _namespace, event, about in (row.asked for row in rows(MESSAGES))}

    assert {rule.endpoint for rule in app.url_map.iter_rules()} == asked_for
    assert set(namespaces._handlers) == messages
    assert set(streams.gates) <= watched


def test_every_address_answers_each_person_as_the_table_says(app: Flask, make: Make) -> None:
    world = build(app, make)
    browsers = {person: world.browser(person) for person in PEOPLE}

    wrong = {}
    for row in rows(ROUTES):
        for person, expected in row.expected.items():
            app.extensions["redis"].flushall()  # seven people are not one who tries seven times
            answer = asked(world, browsers, person, *row.asked)
            if answer != expected:
                wrong[row.asked, person] = (answer, expected)

    assert not wrong


def asked(world: World, browsers: dict[str, FlaskClient], person: str, method: str, path: str) -> str:
    """The answer's status. What it changed is put back before the next one asks."""
    with browsers[person].open(path.format(**world.ids), method=method) as answer:
        if leads_to_sign_in(answer):
            return "in"
        if method != "GET" and answer.status_code < 400:
            world.restore()
            browsers[person] = world.browser(person)
        return str(answer.status_code)


def leads_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?")


def test_every_message_is_answered_to_each_person_as_the_table_says(
    app: Flask, make: Make, connect: Callable[..., Any]
) -> None:
    world = build(app, make)

    wrong = {
        (row.asked, person): (answer, expected)
        for row in rows(MESSAGES)
        for person, expected in row.expected.items()
        if (answer := told(world, person, *row.asked, connect)) != expected
    }

    assert not wrong


def told(world: World, person: str, namespace: str, event: str, about: str, connect: Callable[..., Any]) -> str:
    """ "ok", "saved", the code of a refusal, or "no" where the connection is refused."""
    socket = connect(namespace=namespace, browser=world.browser(person), origin=ORIGIN)
    if not socket.is_connected(namespace):
        return "no"
    subject = about.format(**world.ids)
    if event == "edit":
        return told_of_an_edit(Tab(socket, int(subject)))
    if event in ("presence", "close"):
        Tab(socket, int(subject))
    elif event == "open":
        return said(Tab(socket, int(subject)).answer)
    data = {"stream": subject} if namespace == "/" else {"d": int(subject), "anchor": None, "head": None}
    return said(socket.emit(event, data, namespace=namespace, callback=True))


def told_of_an_edit(tab: Tab) -> str:
    if tab.answer["ok"]:
        tab.send(tab.added("Words"))
    else:
        tab.send(b"\x00\x00")
    tab.hear()
    return "saved" if tab.saved else tab.refused[-1]["code"]


def said(answer: dict[str, Any]) -> str:
    return "ok" if answer["ok"] else answer["error"]["code"]
