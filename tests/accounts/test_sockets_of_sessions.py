"""A session that ends takes its sockets with it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from portal.accounts.models import AuthSession
from portal.extensions import db
from tests.builders.accounts import PASSWORD


@pytest.fixture
def session_of(app):
    def newest(user):
        with app.app_context():
            query = sa.select(AuthSession.id).where(AuthSession.user_id == user.id).order_by(AuthSession.id.desc())
            return db.session.scalars(query).first()

    return newest


def test_signing_out_closes_this_browsers_socket_and_no_others(make, sign_in, connect):
    ana, ben = make.person("Ana"), make.person("Ben")
    browser = sign_in(ana)
    here, elsewhere, bens = connect(browser=browser), connect(ana), connect(ben)
    assert here.is_connected("/")

    browser.post("/sign-out")

    assert [socket.is_connected("/") for socket in (here, elsewhere, bens)] == [False, True, True]


def test_revoking_a_device_closes_its_socket(make, sign_in, connect, session_of):
    ana = make.person("Ana")
    lost = connect(ana)
    lost_session = session_of(ana)
    browser = sign_in(ana)
    here = connect(browser=browser)

    browser.post(f"/account/sessions/{lost_session}/revocation")

    assert [socket.is_connected("/") for socket in (lost, here)] == [False, True]


def test_a_new_password_closes_the_sockets_of_every_other_device(make, sign_in, connect):
    ana = make.person("Ana")
    other, browser = connect(ana), sign_in(ana)
    here = connect(browser=browser)

    browser.post("/account/password", data={"password": "six wet otters hum softly"})

    assert [socket.is_connected("/") for socket in (other, here)] == [False, True]


def test_another_person_signing_in_here_closes_the_first_ones_socket(make, sign_in, connect):
    ana, ben = make.person("Ana"), make.person("Ben", password=PASSWORD)
    browser = sign_in(ana)
    socket = connect(browser=browser)

    browser.post("/sign-in", data={"email": ben.email, "password": PASSWORD})

    assert not socket.is_connected("/")


def test_a_stranger_has_no_socket(connect):
    assert not connect().is_connected("/")
