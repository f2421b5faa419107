"""Loading the sample: once, in one transaction; again, it only says where the sign-ins are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import current_app

from portal.config import Settings
from portal.sample import actions, content, queries, sign_ins
from portal.sample.sign_ins import SignIn
from portal.transaction import commit, forget_waiting, rollback, writing

LOOPBACK = ("127.0.0.1", "localhost", "::1")

Step = Callable[[str], None]


class SampleRefusedError(Exception):
    """This is no place for the sample; the message is a sentence for the person who asked."""


def load(step: Step) -> None:
    """Make the sample, or renew its sign-ins when their file is gone; `step` is told each thing that is done.

    Commits by itself. Raises SampleRefusedError in production and where others than this machine are served.
    """
    refuse_elsewhere(current_app.extensions["settings"])
    writing()
    is_there = queries.has_sample()
    rollback()  # hashing waits for nothing, and nothing waits for it
    if is_there and sign_ins.path(current_app.instance_path).exists():
        step("The sample is there already")
        return
    made = new_sign_ins()
    hashes = {each.email: each.hashed() for each in made}
    if is_there:
        step("Giving the sample's people new passwords")
        actions.renew_passwords(hashes)
    else:
        with current_app.test_request_context():  # some actions write addresses of pages into what they announce
            build(hashes, step)
        forget_waiting()  # nobody watches yet what did not exist: 1.4 s of rendering for no one
    commit()
    sign_ins.keep(Path(current_app.instance_path), made)


def refuse_elsewhere(settings: Settings) -> None:
    if settings.is_production:
        raise SampleRefusedError("The sample is for development. This is production.")
    if settings.host not in LOOPBACK:
        raise SampleRefusedError(f"The sample is for this machine only. PORTAL_HOST is {settings.host}.")


def build(hashes: dict[str, str], step: Step) -> None:
    """Everything, in one transaction; nobody is mailed about it."""
    step("Sample: three organisations and seven people")
    cast = actions.make_people(hashes)
    step("Sample: four boards with twelve threads")
    actions.make_boards(cast)
    step("Sample: an application, with two partners and two texts")
    actions.make_application(cast)
    actions.forget_mail(cast.addresses)


def new_sign_ins() -> list[SignIn]:
    """A password for everybody in the file of people, with what they are in a few words."""
    people = content.read("people")
    names = {each["key"]: each["name"] for each in people["organisations"]}
    return [
        SignIn(
            person["email"],
            sign_ins.new_password(),
            "".join(
                (
                    f"{person['role']} of {names[person['organisation']]}" if "role" in person else "associate",
                    ", officer" if person.get("is_officer") else "",
                )
            ),
        )
        for person in people["people"]
    ]
