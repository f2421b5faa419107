"""Texts in templates: filled in, escaped in pages, plain in mail, in the installation's language."""

from __future__ import annotations

from gettext import NullTranslations

from flask import render_template_string, request

from portal.web import templating

TEXT = '{{ _("Written by %(name)s, 100%% hers", name=name) }}'


class Shouting(NullTranslations):
    """A language in which every text is in capitals."""

    def ugettext(self, message):
        return message.upper().replace("%(NAME)S", "%(name)s")

    def ungettext(self, one, many, num):
        return (one if num == 1 else many).upper().replace("%(NUM)D", "%(num)d")


def test_a_value_in_a_text_is_escaped_in_a_page(app):
    with app.test_request_context():
        assert render_template_string(TEXT, name="<b>Ana</b>") == "Written by &lt;b&gt;Ana&lt;/b&gt;, 100% hers"


def test_mail_has_the_value_as_it_is(app):
    with app.test_request_context():
        drawn = render_template_string("{% autoescape false %}" + TEXT + "{% endautoescape %}", name="Ana & Bo")
    assert drawn == "Written by Ana & Bo, 100% hers"


def test_a_number_chooses_the_form_and_may_be_named_in_it(app):
    template = '{{ ngettext("%(num)d reply", "%(num)d replies", count) }}'
    with app.test_request_context():
        assert [render_template_string(template, count=each) for each in (1, 2)] == ["1 reply", "2 replies"]


def test_a_template_speaks_the_language_that_was_found_for_the_request(app, monkeypatch):
    asked = []

    def found():
        asked.append(1)
        return Shouting()

    monkeypatch.setattr(templating, "get_translations", found)
    template = '{{ _("Hello %(name)s", name="Ana") }} {{ gettext("you") }} {{ ngettext("%(num)d a", "%(num)d b", 2) }}'
    with app.test_request_context():
        assert render_template_string(template) == "HELLO Ana YOU 2 B"
    assert len(asked) == 1, "once in a request"


def test_the_sentences_of_forms_are_read_once_and_not_in_every_request(app):
    used = []
    for _ in range(2):
        with app.test_request_context("/sign-in", base_url=app.extensions["settings"].origin):
            app.preprocess_request()
            used.append(request.wtforms_translations)
    assert used[0] is used[1]
    assert used[0].ugettext("This field is required.") == "This field is required."
