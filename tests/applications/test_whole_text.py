"""The whole application to read and to take away, as the people on its team and those who are not get it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from portal.applications.models import Section
from portal.collab import reader
from portal.collab.models import DocHead
from portal.extensions import db
from portal.richtext.markdown import render
from portal.transaction import commit
from portal.web.downloads import file_name
from tests.collab.tabs import Tab

PERSIAN = "مهربانی با بیماران می\u200cتواند درد را کم کند."
YORUBA = "Àánú ń mú ìrora aláìsàn fúyẹ́: ọ̀rọ̀ rere."
LIKE_MARKDOWN = "# 1. *not* _a_ <b>list</b> [x](y)"
PAGES = ("text", "download.html", "download.md")


@pytest.fixture
def team(make, connect, app):
    """Ana leads with Wim, who writes, and Rea, who reads; Ben's organisation takes part; Eve and Omar do not."""
    ana = make.leader("Ana")
    application = make.application(ana, "مهربانی: kindness / ward <4>", deadline=("2026-12-18T17:00", "Europe/London"))
    home = ana.membership.organisation
    people = {"ana": ana, "wim": make.colleague("Wim", home), "rea": make.colleague("Rea", home)}
    people |= {"ben": make.leader("Ben"), "eve": make.leader("Eve"), "omar": make.officer("Omar")}
    make.participant(application, people["wim"], "writer")
    make.participant(application, people["rea"], "reader")
    make.participant(application, people["ben"], "writer")
    return application, people


@pytest.fixture
def write(app, connect):
    """`write(person, application, "vision", *paragraphs)`: typed in a tab, and read by the reader."""

    def typed(person, application, key, *paragraphs):
        with app.app_context():
            query = sa.select(Section.document_id).where(Section.application_id == application.id, Section.key == key)
            document_id = db.session.scalars(query).one()
        tab = Tab(connect(person, namespace="/doc"), document_id)
        for text in paragraphs:
            tab.send(tab.added(text))
        with app.app_context():
            reader.read_due(now_please=True)
        return document_id

    return typed


def get(browser, application, page):
    return browser.get(f"/applications/{application.id}/{page}")


class Text(HTMLParser):
    """What a page says, and every address that it would ask for by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said, self.asked, self.skipping = "", [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.skipping = tag in ("style", "script", "title")
        self.asked += [value for name, value in attrs if name in ("src", "srcset", "data", "poster", "background")]
        self.asked += [tag] if tag in ("link", "script", "img", "iframe", "object", "base") else []

    def handle_endtag(self, tag):
        self.skipping = False

    def handle_data(self, data):
        if not self.skipping:
            self.said += data


def says(answer):
    """The words of the page or file, as somebody reads them."""
    html = render(answer.text).html if answer.mimetype == "text/markdown" else answer.text
    return " ".join(Text(html).said.split())


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_gets_every_section_in_the_funders_order_with_count_and_state(team, write, sign_in, page):
    application, people = team
    write(people["wim"], application, "vision", PERSIAN, YORUBA, LIKE_MARKDOWN)

    answer = get(sign_in(people["rea"]), application, page)

    assert answer.status_code == 200
    words = says(answer)
    places = [words.index(f"{section.position}. {section.title}") for section in application.sections]
    assert places == sorted(places)
    assert PERSIAN in words
    assert YORUBA in words
    assert LIKE_MARKDOWN in words
    assert application.title in words
    assert "Ana Centre" in words
    assert "Ben Centre" in words
    assert "Fri 18 December 2026, 17:00 in London" in words
    vision = words[words.index(". Vision") :]
    assert "of 300 words" in vision[:40]
    assert "Drafting" in vision[:60]
    assert "as Word counts" in words or "counted as Word does" in words
    assert "Text as of" not in words


@pytest.mark.parametrize("page", PAGES)
def test_an_application_without_a_word_says_so_in_every_section(make, sign_in, page):
    ana = make.leader("Ana")
    application = make.application(ana, "Empty")

    words = says(get(sign_in(ana), application, page))

    assert words.count("Nothing is written here yet.") == len(application.sections)
    assert "Not known yet" in words
    assert "0 of 300 words" in words
    assert "Partners" not in words


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["eve", "omar"])
def test_who_is_not_on_the_team_learns_nothing(team, write, sign_in, page, name):
    application, people = team
    write(people["wim"], application, "vision", "secret words")

    answer = get(sign_in(people[name]), application, page)

    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("page", PAGES)
def test_a_text_that_is_behind_says_of_when_it_is(app, team, write, sign_in, page):
    application, people = team
    document_id = write(people["wim"], application, "vision", "Read already")
    with app.app_context():
        db.session.query(DocHead).filter_by(doc_id=document_id).update({"seq": DocHead.seq + 1})
        commit()

    words = says(get(sign_in(people["rea"]), application, page))

    assert words.count("Text as of:") == 1
    assert "Read already" in words


@pytest.mark.parametrize(("page", "mimetype"), [("download.html", "text/html"), ("download.md", "text/markdown")])
def test_a_download_is_a_file_named_after_the_title_in_its_own_script(team, sign_in, page, mimetype):
    application, people = team

    answer = get(sign_in(people["rea"]), application, page)

    assert answer.content_type == f"{mimetype}; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    disposition = answer.headers["Content-Disposition"]
    extension = page.partition(".")[2]
    found = re.fullmatch(r"attachment; filename=\"([ -~]+)\"; filename\*=UTF-8''([!-~]+)", disposition)
    assert found[1] == f"application-{application.id}.{extension}"
    assert unquote(found[2]) == f"مهربانی kindness ward 4.{extension}"


def test_the_page_to_keep_asks_nobody_for_anything(team, write, sign_in):
    application, people = team
    write(people["wim"], application, "vision", "<script>alert(1)</script> https://example.org/a.png")

    page = get(sign_in(people["rea"]), application, "download.html").text

    assert Text(page).asked == []
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert "<script" not in page


def test_the_headings_of_a_text_stand_below_its_section(app, team, sign_in):
    application, people = team
    with app.app_context():
        document_id = application.sections[0].document_id
        db.session.execute(
            sa.text("UPDATE doc_states SET html = :html, text = 'Aim' WHERE doc_id = :id"),
            {"html": '<h2 dir="auto">Aim</h2><h3 dir="auto">Why</h3>', "id": document_id},
        )
        commit()

    page = get(sign_in(people["rea"]), application, "text").text

    assert '<h3 dir="auto">Aim</h3><h4 dir="auto">Why</h4>' in page


def test_the_workspace_leads_to_the_whole_application(team, sign_in):
    application, people = team
    browser = sign_in(people["rea"])

    workspace = browser.get(f"/applications/{application.id}/sections/vision").text
    page = get(browser, application, "text").text

    assert f'href="/applications/{application.id}/text"' in workspace
    assert "Read the whole application" in workspace
    assert f'href="/applications/{application.id}/download.html"' in page
    assert f'href="/applications/{application.id}/download.md"' in page
    assert f'href="/applications/{application.id}/sections/vision"' in page


@pytest.mark.parametrize("page", PAGES)
def test_all_the_texts_cost_one_statement_whatever_the_team(team, write, make, sign_in, statements, page):
    application, people = team
    for number in range(6):
        make.participant(application, make.leader(f"Partner {number}"), "writer")
    write(people["wim"], application, "vision", "one")
    browser = sign_in(people["rea"])
    get(browser, application, page)
    with statements() as seen:
        assert get(browser, application, page).status_code == 200
    assert len(seen) <= 6, "\n".join(seen)
    assert sum("doc_states" in statement for statement in seen) == 1


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("a\u202efdp.exe", "a fdp.exe"),
        ("می\u200cتواند", "می\u200cتواند"),
        ("CON: <plan>?", "CON plan"),
        ("...", ""),
        ("ẹ" * 200, "ẹ" * 50),
    ],
)
def test_the_name_of_a_file_holds_nothing_that_a_system_forbids(title, name):
    assert file_name(title) == name
