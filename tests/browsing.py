"""Browsers of tests: the right host, and the form token that every page of ours carries."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

ORIGIN = "http://localhost:8450"
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class Browser(FlaskClient):
    """A client on the portal's own host. It sends the CSRF token as our script does; `without_token` does not."""

    sends_token = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", ORIGIN)
        if self.sends_token and kwargs.get("method", "GET") in CHANGING:
            headers = dict(kwargs.pop("headers", None) or {})
            headers.setdefault("X-CSRFToken", self.token())
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """The token that a page of this browser would carry."""
        with self.session_transaction(base_url=ORIGIN) as cookie:
            raw = cookie.setdefault("csrf_token", hashlib.sha1(os.urandom(64)).hexdigest())
        secret = self.application.secret_key
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))
