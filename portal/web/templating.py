"""Jinja at the pace of a page of sixty texts and twenty posts; what templates may say does not change.

Both classes were measured on a thread's page: finding the translations anew for every text took 12 % of it, finding
out anew at every import that a partial has no globals of its own took 6 %.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from babel.support import Translations
from flask import Flask, g, request
from flask_babel import get_locale, get_translations
from jinja2 import Template, pass_eval_context
from markupsafe import Markup
from wtforms.i18n import messages_path

if TYPE_CHECKING:
    from types import ModuleType

    from jinja2.nodes import EvalContext
    from jinja2.runtime import Context


class QuickTemplate(Template):
    """A template whose imports are made once: nobody here renders with globals other than the environment's."""

    def _get_default_module(self, ctx: Context | None = None) -> ModuleType:  # type: ignore[override]  # jinja2 has it untyped
        return super()._get_default_module()  # type: ignore[return-value]  # the same


def init_app(app: Flask) -> None:
    """Give every template `_`, `gettext` and `ngettext`: the reader's language, `%(name)s` filled in and escaped."""
    app.jinja_env.template_class = QuickTemplate
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)

    @app.before_request
    def _give_forms_their_sentences() -> None:
        request.wtforms_translations = sentences_of_forms(str(get_locale()))  # type: ignore[attr-defined]  # Flask-WTF's own name


@functools.cache
def sentences_of_forms(locale: str) -> Any:
    """WTForms' own: Flask-WTF looks for them on the request, and else reads their file in every one that has a form."""
    return Translations.load(messages_path(), [locale], domain="wtforms")


@pass_eval_context
def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    """`text` in the reader's language. A per cent sign is written twice, as in every text with values."""
    return _filled(context, translations().ugettext(text), values)


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """The form of the text that fits `num`, which the text may also name."""
    return _filled(context, translations().ungettext(one, many, num), {"num": num, **values})


def _filled(context: EvalContext, text: str, values: dict[str, Any]) -> str:
    return (Markup(text) if context.autoescape else text) % values  # noqa: S704  # values are escaped, texts are ours


def translations() -> Any:
    """Found once in a request: the language is a setting of the installation."""
    if (found := g.get("translations")) is None:
        found = g.translations = get_translations()
    return found
