"""Writing to the network without an account: what is kept, who reads it, and what strangers cannot do with it."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from portal import jobs
from portal.clock import utcnow
from portal.extensions import db
from portal.members.jobs import forget_unconfirmed_enquiries
from portal.members.models import Enquiry

LETTER = {
    "name": "Núria Ojo",
    "email": "nuria@example.org",
    "organisation": "Sample Hospice",
    "message": "We teach listening.\n\nMay we join?",
}


def send(browser, path="/join", **changes):
    return browser.post(path, data={**LETTER, **changes})


def sent_mail(app):
    with app.app_context():
        jobs.run_due_jobs()
    return app.extensions["mail_transport"].messages


def link_in(message):
    return re.search(r"http://localhost:8450(/join/confirm/\S+)", message.get_content())[1]


def kept(app):
    with app.app_context():
        return db.session.scalars(sa.select(Enquiry).order_by(Enquiry.id)).all()


def test_a_stranger_reads_who_may_join_and_finds_the_form(client):
    page = client.get("/join").text
    assert "work explicitly on empathy" in page
    assert "commercial organisations" in page
    assert 'name="message"' in page


def test_an_enquiry_is_read_by_officers_once_its_sender_confirmed_it(app, client, make, sign_in):
    olu, ana = make.officer("Olu"), make.leader("Ana")
    assert send(client).location == "/join/sent"
    assert "Núria" not in sign_in(olu).get("/members/enquiries").text

    [message] = sent_mail(app)
    link = link_in(message)
    assert "Is this message yours?" in client.get(link).text
    assert kept(app)[0].confirmed_at is None, "a mail scanner that opens the link confirms nothing"
    assert client.post(link).status_code == 303
    assert "the officers have your message" in client.get(link).text

    page = sign_in(olu).get("/members/enquiries").text
    assert "Núria Ojo, Sample Hospice" in page
    assert "We teach listening." in page
    assert sign_in(ana).get("/members/enquiries").status_code == 404


def test_confirming_twice_is_the_same_as_once(app, client):
    send(client)
    link = link_in(sent_mail(app)[0])
    client.post(link)
    [first] = kept(app)
    assert client.post(link).status_code == 303
    [second] = kept(app)
    assert first.confirmed_at == second.confirmed_at


def test_a_link_that_ran_out_confirms_nothing(app, client):
    send(client)
    link = link_in(sent_mail(app)[0])
    with app.app_context():
        db.session.execute(sa.update(Enquiry).values(expires_at=utcnow()))
        db.session.commit()
    assert "This link has run out" in client.post(link).text
    assert kept(app)[0].confirmed_at is None


def test_a_link_that_was_never_made_is_not_there(client):
    assert client.get("/join/confirm/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert client.post("/join/confirm/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_a_program_that_fills_every_field_gets_the_same_answer_and_nothing_is_kept(app, client):
    assert send(client, website="https://spam.example").location == "/join/sent"
    assert kept(app) == []
    assert sent_mail(app) == []


def test_what_was_typed_is_kept_when_something_is_missing(app, client):
    answer = send(client, "/contact", email="nobody")
    assert answer.status_code == 422
    assert "Enter a mail address in the form name@example.org." in answer.text
    assert "We teach listening." in answer.text
    assert 'value="Sample Hospice"' in answer.text
    assert kept(app) == []


def test_an_old_form_token_costs_nobody_what_they_wrote(app, client):
    answer = client.post("/join", data=LETTER, headers={"X-CSRFToken": "old"})
    assert answer.status_code == 422
    assert "open for a long time" in answer.text
    assert "We teach listening." in answer.text
    assert kept(app) == []


def test_too_long_or_empty_answers_are_refused(app, client):
    wrong = (
        {"name": "x" * 201},
        {"message": "x" * 5001},
        {"organisation": "x" * 201},
        {"name": "  "},
        {"message": " \n"},
    )
    for changes in wrong:
        assert send(client, **changes).status_code == 422, changes
    assert kept(app) == []


def test_a_name_cannot_smuggle_headers_into_the_mail(app, client):
    send(client, name="Ana\r\nBcc: all@example.org", email="ana@example.org")
    assert send(client, email="ana@example.org\r\nBcc: all@example.org").status_code == 422
    [message] = sent_mail(app)
    assert message["Bcc"] is None
    assert message["To"] == '"Ana Bcc: all@example.org" <ana@example.org>'


def test_control_characters_are_dropped_before_the_database_sees_them(app, client):
    assert send(client, name="A\x00na", message="one\x00\x1b[2J\r\ntwo").status_code == 303
    [enquiry] = kept(app)
    assert (enquiry.name, enquiry.message) == ("Ana", "one[2J\ntwo")


def test_the_sixth_message_of_an_hour_waits_with_its_text(app, client):
    for number in range(5):
        assert send(client, email=f"a{number}@example.org").status_code == 303
    answer = send(client, "/contact", email="a6@example.org")
    assert answer.status_code == 429
    assert "We teach listening." in answer.text
    assert len(kept(app)) == 5


def test_one_mailbox_gets_five_of_our_mails_an_hour_wherever_they_are_ordered(app):
    for number in range(6):
        browser = app.test_client()
        answer = browser.post(
            "/join",
            data=LETTER,
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        )
    assert answer.status_code == 429
    assert len(sent_mail(app)) == 5


def test_mistakes_do_not_use_up_the_five(client):
    for _ in range(7):
        assert send(client, message="").status_code == 422
    assert send(client).status_code == 303


def test_an_officer_marks_an_enquiry_read_and_the_first_one_stays(app, client, make, sign_in):
    olu, ida, ana = make.officer("Olu"), make.officer("Ida"), make.leader("Ana")
    send(client)
    client.post(link_in(sent_mail(app)[0]))
    [enquiry] = kept(app)

    path = f"/members/enquiries/{enquiry.id}/read"
    assert sign_in(ana).post(path).status_code == 404
    assert sign_in(olu).post(path).status_code == 303
    assert sign_in(ida).post(path).status_code == 303
    assert "Read by Olu" in sign_in(ida).get("/members/enquiries").text


def test_nobody_reads_an_enquiry_by_its_number_before_it_is_confirmed(app, client, make, sign_in):
    send(client)
    [enquiry] = kept(app)
    assert sign_in(make.officer("Olu")).post(f"/members/enquiries/{enquiry.id}/read").status_code == 404


def test_an_unread_enquiry_waits_on_officers_and_on_nobody_else(app, client, make, sign_in):
    olu, ana = make.officer("Olu"), make.leader("Ana")
    send(client)
    link = link_in(sent_mail(app)[0])
    assert "enquiry to read" not in sign_in(olu).get("/").text
    client.post(link)
    desk = sign_in(olu).get("/").text
    assert "1 enquiry to read" in desk
    assert "Núria Ojo" in desk
    assert "enquiry to read" not in sign_in(ana).get("/").text

    sign_in(olu).post(f"/members/enquiries/{kept(app)[0].id}/read")
    assert "enquiry to read" not in sign_in(olu).get("/").text


def test_what_nobody_confirmed_is_forgotten_and_what_was_confirmed_stays(app, client):
    send(client, name="Late")
    send(client, name="Open", email="open@example.org")
    send(client, name="Confirmed", email="confirmed@example.org")
    client.post(link_in(next(m for m in sent_mail(app) if "confirmed@" in m["To"])))
    with app.app_context():
        late = sa.update(Enquiry).where(Enquiry.name != "Open").values(expires_at=utcnow() - timedelta(days=2))
        db.session.execute(late)
        db.session.commit()
    with app.app_context():
        forget_unconfirmed_enquiries()
    assert [enquiry.name for enquiry in kept(app)] == ["Open", "Confirmed"]
