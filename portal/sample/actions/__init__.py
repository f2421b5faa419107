"""Everything that makes the sample and takes it away."""

from portal.sample.actions.application import make_application
from portal.sample.actions.boards import make_boards
from portal.sample.actions.mail import forget_mail
from portal.sample.actions.people import Cast, make_people, renew_passwords
from portal.sample.actions.removal import remove

__all__ = ["Cast", "forget_mail", "make_application", "make_boards", "make_people", "remove", "renew_passwords"]
