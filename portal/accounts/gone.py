"""Links that do not work: never made, used, run out or taken back. One answer, so that they cannot be told apart."""


class GoneError(Exception):
    """The edge rolls back and shows one page."""


class LinkGoneError(GoneError):
    """A sign-in link."""


class InvitationGoneError(GoneError):
    """An invitation."""
