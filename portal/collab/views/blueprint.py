"""The blueprint that the addresses of documents share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("collab", __name__)
