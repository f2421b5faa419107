"""What hangs on the invented texts, and what invented people left in real ones, goes with the sample."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from portal.accounts.models import User
from portal.applications.models import Application, Section
from portal.clock import utcnow
from portal.collab import actions
from portal.collab.models import DocHead, DocNumber, DocQuarantine, DocRescue, DocVersion
from portal.extensions import db
from portal.sample import sign_ins
from portal.transaction import commit, writing
from tests.sample.test_sample import rows, run


@pytest.fixture(autouse=True)
def no_sign_ins(app):
    """The instance folder is one for the whole run."""
    sign_ins.forget(app.instance_path)
    yield
    sign_ins.forget(app.instance_path)


def leave_history(document: int, person: User) -> None:
    """A frozen version, a named one, a rescue, a quarantined update and a number, all of this person's."""
    actions.keep_version(document, "named", name="First", by=person)
    actions.freeze(document, by=person)
    told = {"doc_id": document, "user_id": person.id, "epoch": 1, "body": b""}
    update = {"seq": 1, "client_key": "k" * 32, "n": 1, "at": utcnow(), "error": "poison"}
    db.session.add(DocRescue(**told, base_seq=0, reason="role", decided_by_id=person.id))
    db.session.add(DocQuarantine(**told, **update))
    db.session.add(DocNumber(doc_id=document, user_id=person.id, client_key="k" * 32, n=1, at=utcnow()))
    db.session.flush()


def test_the_history_of_invented_texts_goes_and_that_of_real_ones_stays_without_the_name(app, make):
    app.test_cli_runner().invoke(args=["facts", "load"], catch_exceptions=False)
    document = make.application(make.leader("Ana")).sections[0].document_id
    before = rows(app)
    run(app, "load")
    with app.app_context():
        writing()
        invented = db.session.scalar(sa.select(User).where(User.email == "tomas@northtown.example"))
        sample = sa.select(Section.document_id).join(Application).where(Application.is_sample)
        for each in db.session.scalars(sample.order_by(Section.document_id)).all():
            leave_history(each, invented)
        leave_history(document, invented)
        commit()
    run(app, "remove")
    after = rows(app)
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in before | after}
    added = {name: count for name, count in changed.items() if count}
    kept = {"doc_versions": 2, "doc_rescues": 1, "doc_quarantines": 1, "application_activities": 1}
    assert added == kept, "his numbers mean nothing without him"
    with app.app_context():
        versions = db.session.query(DocVersion).all()
        assert [(version.doc_id, version.user_id) for version in versions] == [(document, None)] * 2
        head = db.session.get(DocHead, document)
        assert head.locked_at is not None, "a frozen text stays frozen"
        assert (head.locked_by_id, head.frozen_version_id) == (None, versions[1].id)
        assert db.session.query(DocRescue.user_id, DocRescue.decided_by_id).one() == (None, None)
