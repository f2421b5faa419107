"""The blueprint, and what all of its templates may ask."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.boards import policy

bp = Blueprint("boards", __name__)


@bp.context_processor
def _policy_questions() -> dict[str, Any]:
    """Templates hide a button by asking what the view asks."""
    return {
        "audience_of": policy.audience_of,
        "can_create_board": policy.can_create_board,
        "can_lock": policy.can_lock,
        "can_reply": policy.can_reply,
        "can_start_thread": policy.can_start_thread,
    }
