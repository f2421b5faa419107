"""What somebody reads without JavaScript: the blocks of a shared document as text and as safe HTML."""

from __future__ import annotations

import math

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.richtext import document

LINK = "https://example.org/?a=1&b=2"
SCRIPT = "<script>alert(1)</script>\x00\x1b"


def body_of(*children):
    doc = Doc()
    fragment = doc.get("body", type=XmlFragment)
    for child in children:
        build(fragment, child)
    return doc, fragment


def build(parent, child):
    """`child` is (tag, attributes, children) or a list of (text, marks)."""
    if isinstance(child, list):
        text = parent.children.append(XmlText())
        position = 0
        for piece, marks in child:
            text.insert(position, piece, marks)
            position += len(piece.encode())
        return
    tag, attributes, children = child
    element = parent.children.append(XmlElement(tag, attributes))
    for grandchild in children:
        build(element, grandchild)


def block(kind, text, indent=0, marks=None):
    return ("block", {"kind": kind, "indent": indent}, [[(text, marks or {})]])


def test_blocks_become_text_with_a_line_end_between_them():
    _doc, body = body_of(block("h2", "Vision"), block("p", "We care."), ("block", {"kind": "p", "indent": 0}, []))
    assert document.plain_text(document.read(body)) == "Vision\nWe care.\n"


def test_marks_links_and_breaks_become_html():
    _doc, body = body_of(
        (
            "block",
            {"kind": "p", "indent": 0},
            [
                [("Read ", {}), ("this", {"strong": {}, "em": {}}), (" page", {"link": {"href": LINK}})],
                ("hard_break", {}, []),
                [("Then ٫ 日本", {"sub": {}})],
            ],
        )
    )
    assert document.html(document.read(body)) == (
        '<p dir="auto">Read <em><strong>this</strong></em>'
        '<a href="https://example.org/?a=1&amp;b=2" rel="noopener nofollow"> page</a><br><sub>Then ٫ 日本</sub></p>'
    )


def test_flat_list_items_become_nested_lists():
    _doc, body = body_of(
        block("bullet", "a"), block("bullet", "b", 1), block("ordered", "c", 1), block("bullet", "d"), block("p", "e")
    )
    assert document.html(document.read(body)).replace(' dir="auto"', "") == (
        "<ul><li>a<ul><li>b</li></ul><ol><li>c</li></ol></li><li>d</li></ul><p>e</p>"
    )


def test_an_item_indented_too_far_goes_one_level_deeper_only():
    _doc, body = body_of(block("bullet", "a"), block("bullet", "b", 3))
    assert document.html(document.read(body)).count("<ul>") == 2


def test_a_table_keeps_headers_spans_and_its_words():
    cell = ("table_cell", {"colspan": 2, "rowspan": 1}, [block("p", "100")])
    header = ("table_header", {}, [block("p", "Cost")])
    _doc, body = body_of(("table", {}, [("table_row", {}, [header, cell])]), block("p", "after"))
    parts = document.read(body)
    assert document.plain_text(parts) == "Cost\n100\nafter"
    assert document.html(parts) == (
        '<table><tr><th scope="col"><p dir="auto">Cost</p></th>'
        '<td colspan="2"><p dir="auto">100</p></td></tr></table><p dir="auto">after</p>'
    )


def test_nothing_hostile_reaches_the_page():
    links = ["javascript:alert(1)", 'https://x.org" onclick="a()', " javascript:x", "data:text/html,x", "https:\\\\x"]
    links += [7, None]
    _doc, body = body_of(
        ("script", {"kind": "<b>", "indent": math.nan, "onclick": "x"}, [[(SCRIPT, {"evil": {}})]]),
        *[("block", {"kind": "p", "indent": 0}, [[("link", {"link": {"href": href}})]]) for href in links],
        ("block", {"kind": 5, "indent": 1e300}, [[("deep", {"link": "https://x.org"})]]),
        ("iframe", {"src": "x"}, [("block", {}, [[("inside", {})]])]),
        [("bare text", {})],
    )
    parts = document.read(body)
    page = document.html(parts)
    assert page.startswith('<p dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</p>')
    assert "<a" not in page
    assert "onclick" not in page.replace("&quot;", "")
    assert "\x00" not in page + document.plain_text(parts)
    assert document.plain_text(parts).endswith("deep\ninside\nbare text")


def test_zero_width_leftovers_are_gone_and_old_line_ends_are_one():
    _doc, body = body_of(block("p", "em\u200bpathy\r\nnow"))
    assert document.plain_text(document.read(body)) == "empathy\nnow"
