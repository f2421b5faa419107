"""What arrives is made harmless before a view sees it: numbers in addresses, and characters that no text holds.

PostgreSQL keeps no NUL in a text and its integers end at 31 bits; SQLite takes both, so that without this one
database would fail at what the other stores.
"""

from __future__ import annotations

from typing import IO, Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter

MAX_ID = 2**31 - 1
MAX_FIELDS = 1_000  # of a form; 250,000 fit into a megabyte, and a refused form shows them all again
NUL = "\x00"


class RowId(IntegerConverter):
    """`<int:...>`: plain digits up to what an id can be. Anything else is an address that does not exist."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: Any, *args: Any, **kwargs: Any) -> None:  # noqa: A002  # werkzeug's name
        super().__init__(map, *args, **{"max": MAX_ID, **kwargs})


class CleanParser(FormDataParser):
    """Drops NUL from the fields of a form: nobody types one, and the rest of the text is worth keeping."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        fields = list(form.items(multi=True))
        if len(fields) > MAX_FIELDS:
            raise RequestEntityTooLarge
        if any(NUL in name or NUL in text for name, text in fields):
            form = self.cls((name.replace(NUL, ""), text.replace(NUL, "")) for name, text in fields)
        return rest, form, files


class CleanRequest(Request):
    """The request of every view."""

    form_data_parser_class = CleanParser


def init_app(app: Flask) -> None:
    """Use all this in `app`. Called before the first route is added: a rule keeps the converter it was made with."""
    app.request_class = CleanRequest
    app.url_map.converters["int"] = RowId

    @app.before_request
    def _judge_what_came() -> None:
        """An address is not text to keep: with a NUL it is none of ours. A form that is too large is said to be so.

        Here and not at the first look into the form: that one is a rate limit's, which takes an error for its
        storage being away and would count from nothing.
        """
        if NUL in request.path or any(NUL in name or NUL in text for name, text in request.args.items(multi=True)):
            abort(400)
        if request.is_json:
            abort(415)  # Flask-WTF would take it for a form, with lists and numbers where texts belong
        request.form  # noqa: B018  # reading it is the check
