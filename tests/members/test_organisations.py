"""A profile is edited by its leader; a new member is added by an officer."""

from __future__ import annotations

from portal import jobs

PROFILE = {
    "description": "We listen.\r\n\r\nEvery day.",
    "website": "https://northtown.example",
    "place": "Northtown",
    "country": "GB",
    "time_zone": "Europe/London",
}


def test_a_leader_edits_the_profile_and_strangers_read_it(make, sign_in, client):
    ana = make.leader("Ana", make.organisation("Northtown"))
    assert "Edit the profile" in sign_in(ana).get("/members/northtown").text
    assert sign_in(ana).post("/members/northtown/edit", data=PROFILE).location == "/members/northtown"
    page = client.get("/members/northtown").text
    assert "<p>We listen.</p><p>Every day.</p>" in page
    assert "Northtown, United Kingdom" in page


def test_nobody_else_edits_it(make, sign_in, client):
    home = make.organisation("Northtown")
    for person in (make.colleague("Cara", home), make.leader("Ben"), make.officer("Olu"), make.associate("Eve")):
        browser = sign_in(person)
        assert browser.get("/members/northtown/edit").status_code == 403
        assert browser.post("/members/northtown/edit", data=PROFILE).status_code == 403
        assert "Edit the profile" not in browser.get("/members/northtown").text
    assert client.post("/members/northtown/edit", data=PROFILE).location.startswith("/sign-in")
    assert "Every day" not in client.get("/members/northtown").text


def test_a_profile_with_a_mistake_is_kept_in_the_form(make, sign_in, client):
    browser = sign_in(make.leader("Ana", make.organisation("Northtown")))
    wrong = (
        {"website": "javascript:alert(1)"},
        {"country": "??"},
        {"time_zone": "Mars/Base"},
        {"description": "x" * 2001},
    )
    for changes in wrong:
        answer = browser.post("/members/northtown/edit", data={**PROFILE, **changes})
        assert answer.status_code == 422, changes
        assert 'value="Northtown"' in answer.text
    assert "javascript" not in client.get("/members/northtown").text


def test_an_officer_adds_a_member_and_its_leader_comes_in_by_the_link(app, make, sign_in, client):
    olu = make.officer("Olu")
    new = {
        "name": "Centro Sol",
        "kind": "organisation",
        "part_of": "",
        "leader_name": "Inés",
        "leader_email": "i@example.org",
    }
    assert sign_in(olu).post("/members", data=new).location == "/members/centro-sol"
    assert "Centro Sol" in client.get("/members").text
    with app.app_context():
        jobs.run_due_jobs()
    [message] = app.extensions["mail_transport"].messages
    assert message["Subject"] == "Olu invites you to lead Centro Sol in the network"


def test_two_members_of_one_name_have_two_addresses_and_none_takes_a_page_of_ours(make, sign_in):
    browser = sign_in(make.officer("Olu"))
    new = {"kind": "organisation", "leader_name": "Inés", "leader_email": "i@example.org"}
    answers = [
        browser.post("/members", data={**new, "name": name}).location for name in ("Sol", "Sol", "Enquiries", "مركز")
    ]
    assert answers == ["/members/sol", "/members/sol-2", "/members/enquiries-2", "/members/member"]


def test_only_officers_add_members(make, sign_in):
    for person in (make.leader("Ana"), make.associate("Eve")):
        browser = sign_in(person)
        assert browser.get("/members/new").status_code == 403
        assert browser.post("/members", data={"name": "Mine"}).status_code == 403
        assert "Add a member" not in browser.get("/members").text


def test_a_new_member_with_a_mistake_is_kept_in_the_form(make, sign_in):
    answer = sign_in(make.officer("Olu")).post("/members", data={"name": "Centro Sol", "leader_email": "nobody"})
    assert answer.status_code == 422
    assert 'value="Centro Sol"' in answer.text
