"""The words of rescues: why they came too late and what became of them, said once for pages, panel and mail."""

from __future__ import annotations

from typing import Protocol

from flask_babel import gettext
from flask_babel import lazy_gettext as _

FOR_WRITER = {
    "role": _("You could not write here any more when they arrived."),
    "freeze": _("The text was frozen when they arrived."),
    "reset": _("An earlier version was restored before they arrived."),
}
REFUSED = {
    "can_write": _("You can write in this text. Open it and put the words in."),
    "too_late": _("Words can be handed in for 30 days. Copy them while this device has them."),
    "waiting": _("So many of your words wait for an editor already. Copy these while this device has them."),
    "malformed": _("The portal could not read these changes. Copy the words while this device has them."),
    "decided": _("Somebody has decided about these words already."),
    "locked": _("The text is frozen. Insert the words once it is taken up again."),
}


class Late(Protocol):
    """A rescue, with or without its text."""

    @property
    def reason(self) -> str: ...
    @property
    def decision(self) -> str: ...


def why(rescue: Late, name: str) -> str:
    """Why the words came too late, for an editor; `name` is their writer's."""
    if rescue.reason == "role":
        return str(gettext("%(name)s lost the right to write here.", name=name))
    if rescue.reason == "freeze":
        return str(gettext("The text was frozen."))
    return str(gettext("An earlier version was restored."))


def decided_by(rescue: Late, name: str) -> str:
    """What an editor did with the words, in one sentence."""
    if rescue.decision == "inserted":
        return str(gettext("%(name)s inserted these words.", name=name))
    return str(gettext("%(name)s declined these words.", name=name))
