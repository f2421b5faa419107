"""The directory and a member's page: what everybody sees, and what only members see."""

from __future__ import annotations

import pytest

from portal.members.queries import sort_key


def test_a_stranger_sees_public_fields_and_no_people(make, client):
    home = make.organisation(
        "Northtown Centre",
        part_of="Northtown University",
        place="Northtown",
        country="GB",
        website="https://www.northtown.example/en",
        description="We teach listening.",
        time_zone="Europe/London",
    )
    make.leader("Ana Ruiz", home)

    assert "Part of Northtown University, Northtown, United Kingdom" in client.get("/members").text
    page = client.get("/members/northtown-centre").text
    for words in ("We teach listening.", "northtown.example", "United Kingdom"):
        assert words in page
    for words in ("Ana Ruiz", "Leader", "People", "time of London", "Invite"):
        assert words not in page


def test_members_see_the_people_and_associates_do_not(make, sign_in):
    home = make.organisation("Northtown Centre", time_zone="Europe/London")
    make.leader("Ana Ruiz", home)
    ben, olu, eve = make.colleague("Ben"), make.officer("Olu"), make.associate("Eve")

    for reader in (ben, olu):
        page = sign_in(reader).get("/members/northtown-centre").text
        assert "Ana Ruiz" in page
        assert "Leader" in page
    assert "Keeps the time of London" in sign_in(ben).get("/members/northtown-centre").text
    assert "Ana Ruiz" not in sign_in(eve).get("/members/northtown-centre").text
    assert "1 person" in sign_in(ben).get("/members").text
    assert "1 person" not in sign_in(eve).get("/members").text


def test_researchers_stand_apart_and_are_said_to_be_viewed_as_organisations(make, client):
    make.organisation("Professor Ada", kind="individual", part_of="Northtown University")
    page = client.get("/members").text
    assert "Individual researchers" in page
    assert "Part of" not in page
    assert "viewed as an organisation" in client.get("/members/professor-ada").text


def test_an_unknown_member_is_not_there(client):
    assert client.get("/members/nobody").status_code == 404


def test_what_a_member_wrote_is_text_and_not_markup(make, client):
    make.organisation("Northtown", description="<script>alert(1)</script>")
    page = client.get("/members/northtown").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("count", [1, 12])
def test_the_directory_needs_the_same_statements_however_long_it_is(make, sign_in, client, statements, count):
    ana = make.leader("Ana")
    for number in range(count):
        make.colleague("Ben", make.organisation(f"Centre {number}"))
    browser = sign_in(ana)
    with statements() as seen:
        assert browser.get("/members").status_code == 200
    assert len(seen) == 3, seen  # who asks, organisations, people
    with statements() as seen:
        assert client.get("/members").status_code == 200
    assert len(seen) == 1, seen


@pytest.mark.parametrize("count", [1, 12])
def test_a_members_page_needs_the_same_statements_however_many_belong_to_it(make, sign_in, statements, count):
    home = make.organisation("Northtown")
    ana = make.leader("Ana", home)
    browser = sign_in(ana)
    for number in range(count):
        make.colleague("Ben", home)
        browser.post(
            "/members/northtown/invitations",
            data={"name": "Cy", "email": f"cy{number}@example.org", "role": "colleague"},
        )
    browser.get("/members/northtown")  # shows what the invitations left to say
    with statements() as seen:
        assert browser.get("/members/northtown").status_code == 200
    assert len(seen) == 4, seen  # who asks, the organisation, people, invitations


def test_names_are_sorted_without_accents_articles_and_titles():
    names = ["Zeta", "The Émile Centre", "Professor Dana", "frida"]
    assert sorted(names, key=sort_key) == ["Professor Dana", "The Émile Centre", "frida", "Zeta"]
