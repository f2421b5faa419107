"""Starting an application: who may, what is asked, and what stands afterwards."""

from __future__ import annotations

import sqlalchemy as sa

from portal.applications.models import Application
from portal.extensions import db

TITLE = "Measuring empathy across the clinical curriculum"


def filled(user, **changes):
    return {
        "template": "ssi-rsmf-full",
        "title": TITLE,
        "organisation": str(user.membership.organisation_id),
        "deadline_date": "2026-12-18",
        "deadline_time": "17:00",
        "deadline_zone": "Europe/London",
        **changes,
    }


def count(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Application))


def test_a_leader_starts_an_application_with_the_funders_sections_and_limits(make, sign_in):
    ana = make.leader("Ana", time_zone="America/New_York")
    browser = sign_in(ana)
    answer = browser.post("/applications", data=filled(ana))
    assert answer.status_code == 303
    page = browser.get(answer.location, follow_redirects=True).text
    for words in ("Summary", "Vision", "Objectives", "EDIA", "Approach", "Justification of resources", "0 of 2,000"):
        assert words in page
    assert TITLE in page
    assert "Fri 18 December 2026, 17:00 in London" in page
    assert "12:00 for you, New York" in page
    assert "SSI / UKRI" in page
    assert "0 of 8 ready" in page


def test_the_form_shows_the_funder_the_limits_and_where_they_come_from(make, sign_in):
    page = sign_in(make.leader("Ana")).get("/applications/new").text
    assert "Research Software Maintenance Fund 2025" in page
    assert "Approach: 2,000 words" in page
    assert "https://github.com/epiforecasts/ssi-2025-grant" in page
    assert "Checked by nobody yet" in page
    assert "The official time of the full stage was not seen" in page


def test_a_deputy_starts_one_too_and_a_leader_of_two_chooses_which_leads(make, sign_in):
    dee = make.deputy("Dee")
    assert sign_in(dee).post("/applications", data=filled(dee)).status_code == 303


def test_who_leads_no_organisation_starts_nothing(app, make, sign_in, client):
    ana = make.leader("Ana")
    for person in (make.colleague("Cal"), make.associate("Eve"), make.officer("Omar")):
        browser = sign_in(person)
        assert browser.get("/applications/new").status_code == 403
        assert browser.post("/applications", data=filled(ana)).status_code == 403
        assert "Start an application" not in browser.get("/applications").text
    assert client.post("/applications", data=filled(ana)).location.startswith("/sign-in")
    assert count(app) == 0


def test_another_organisation_cannot_be_made_to_lead(app, make, sign_in):
    ana, ben = make.leader("Ana"), make.leader("Ben")
    answer = sign_in(ana).post("/applications", data=filled(ana, organisation=str(ben.membership.organisation_id)))
    assert answer.status_code == 422
    assert count(app) == 0


def test_an_unknown_deadline_is_said_and_entered_later(make, sign_in):
    ana = make.leader("Ana")
    browser = sign_in(ana)
    nothing = {"deadline_date": "", "deadline_time": "", "deadline_zone": ""}
    address = browser.post("/applications", data=filled(ana, **nothing, no_deadline="y")).location
    page = browser.get(address, follow_redirects=True).text
    assert "No deadline known yet" in page
    assert "Find out the deadline" in page

    browser.post(f"{address}/edit", data={**filled(ana), "title": "A better title"})
    page = browser.get(address, follow_redirects=True).text
    assert "A better title" in page
    assert "17:00 in London" in page
    assert "Find out the deadline" not in page


def test_what_is_to_be_known_of_a_deadline_stands_under_it_until_it_changes(app, make, sign_in):
    ana = make.leader("Ana")
    browser = sign_in(ana)
    address = browser.post("/applications", data=filled(ana)).location
    with app.app_context():
        db.session.scalars(sa.select(Application)).one().deadline_note = "Told by telephone."
        db.session.commit()
    for page in ("/applications", address):
        assert "Told by telephone." in browser.get(page, follow_redirects=True).text

    browser.post(f"{address}/edit", data={**filled(ana), "deadline_time": "16:00"})
    assert "Told by telephone." not in browser.get(address, follow_redirects=True).text


def test_a_form_with_mistakes_comes_back_with_what_was_typed(app, make, sign_in):
    ana = make.leader("Ana")
    browser = sign_in(ana)
    wrong = [
        ({"title": ""}, "Give the application a title."),
        ({"title": "x" * 201}, "A title has at most 200 characters."),
        ({"template": "nobody"}, "Not a valid choice"),
        ({"deadline_date": ""}, "Enter the date of the deadline"),
        ({"deadline_time": ""}, "Enter the time of day"),
        ({"deadline_zone": ""}, "Choose the city"),
        ({"deadline_zone": "Europe/Atlantis"}, "Not a valid choice"),
        ({"deadline_date": "03/04/2026"}, "month as a word"),
        ({"deadline_date": "2026-02-30"}, "month as a word"),
        ({"deadline_time": "midnight"}, "Write the time like"),
        ({"deadline_date": "9999-12-31"}, "Check the year"),
        ({"no_deadline": "y"}, "Keep one of the two"),
    ]
    for change, message in wrong:
        answer = browser.post("/applications", data=filled(ana, **change))
        assert answer.status_code == 422, change
        assert message in answer.text, change
        assert "There is a problem" in answer.text
        if "title" not in change:
            assert f'value="{TITLE}"' in answer.text
    assert count(app) == 0


def test_a_wall_time_that_the_clocks_skip_is_asked_again(app, make, sign_in):
    ana = make.leader("Ana")
    answer = sign_in(ana).post("/applications", data=filled(ana, deadline_date="2027-03-28", deadline_time="01:30"))
    assert answer.status_code == 422
    assert "There is no 01:30 in London on Sun 28 March 2027" in answer.text
    assert "Did the funder mean 00:30 or 02:30?" in answer.text
    assert count(app) == 0


def test_a_wall_time_that_comes_twice_is_asked_and_then_taken(app, make, sign_in):
    ana = make.leader("Ana")
    browser = sign_in(ana)
    twice = filled(ana, deadline_date="2027-10-31", deadline_time="01:30")
    answer = browser.post("/applications", data=twice)
    assert answer.status_code == 422
    assert "01:30 comes twice" in answer.text
    assert "The one that is 00:30 UTC" in answer.text
    assert "The one that is 01:30 UTC" in answer.text

    assert browser.post("/applications", data={**twice, "deadline_fold": "second"}).status_code == 303
    with app.app_context():
        application = db.session.scalars(sa.select(Application)).one()
        assert application.deadline_at.isoformat() == "2027-10-31T01:30:00+00:00"
        assert application.deadline_wall == "2027-10-31T01:30"


def test_the_deadline_may_be_typed_in_words(app, make, sign_in):
    ana = make.leader("Ana")
    typed = {"deadline_date": "", "deadline_time": "", "deadline_typed": "18 December 2026, 5 pm"}
    assert sign_in(ana).post("/applications", data=filled(ana, **typed)).status_code == 303
    with app.app_context():
        assert db.session.scalars(sa.select(Application)).one().deadline_wall == "2026-12-18T17:00"


def test_titles_in_every_script_are_kept(make, sign_in):
    ana = make.leader("مهسا رضایی")
    browser = sign_in(ana)
    for title in ("همدلی در مراقبت‌های سلامت", "Ìmọ̀lára ọmọnìyàn ní ìtọ́jú ìlera", "Empatía & <cuidado>"):
        address = browser.post("/applications", data=filled(ana, title=title)).location
        page = browser.get(address, follow_redirects=True).text
        assert title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page


def test_the_list_says_what_to_do_first_when_it_is_empty(make, sign_in):
    assert "Start an application" in sign_in(make.leader("Ana")).get("/applications").text
    assert "Ask yours to add you" in sign_in(make.colleague("Cal")).get("/applications").text
