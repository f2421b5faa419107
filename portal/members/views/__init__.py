"""The pages of the members domain; importing this registers them on the blueprint."""

from portal.members.views import directory, enquiries, invitations, join, organisations, people
from portal.members.views.blueprint import bp

__all__ = ["bp", "directory", "enquiries", "invitations", "join", "organisations", "people"]
