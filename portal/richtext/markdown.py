"""Markdown as members type it, turned into HTML that is safe to show to everybody.

Rendered once, when it is written, and stored beside the source with `RENDERER`, so that a page never parses.
Two walls: the parser takes no raw HTML at all, and an allow-list cleans what it made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import nh3

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

# Raise it when the same source would give other HTML: what carries a lower one is rendered again when next written.
RENDERER = 1
MAX_CHARACTERS = 50_000
MAX_BARE_ADDRESSES = 500

# The page has the thread's title as h1 and each author as h2, so a post's own headings begin below them.
HEADING_SHIFT = 2

TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "span"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
CLASSES = {
    "span": {"task-box"},
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list"},
    "th": {"align-center", "align-right"},
    "td": {"align-center", "align-right"},
}
LINK_REL = "nofollow noopener ugc"

ALIGNMENT = re.compile(r"text-align:(center|right)")
WWW = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:/[^\s<>\"'\u201c\u201d]*)?", re.IGNORECASE)
TRAILING_PUNCTUATION = ".,;:!?)]*_~"


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML that may be shown unescaped, and the version of the renderer that made it."""

    html: str
    renderer: int


def render(source: str) -> Rendered:
    """Turn Markdown (CommonMark, tables, strikethrough, task lists, bare addresses) into safe HTML.

    Raises ValueError past `MAX_CHARACTERS`: forms say it in a sentence before it comes to that.
    """
    if len(source) > MAX_CHARACTERS:
        raise ValueError(f"Markdown of more than {MAX_CHARACTERS} characters")
    drawn = _parser(links_bare_addresses=_has_few_addresses(source)).render(source)
    clean = nh3.clean(
        drawn,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel=LINK_REL,
        strip_comments=True,
    )
    return Rendered(clean, RENDERER)


def _has_few_addresses(source: str) -> bool:
    """The search for bare addresses takes the square of their number: 16,000 times "://" would hold us for 11 s."""
    return source.count("://") + source.count("www.") + source.count("@") <= MAX_BARE_ADDRESSES


@cache
def _parser(*, links_bare_addresses: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  # 25 ms with its plugins, and pages only show what is stored
    from mdit_py_plugins.tasklists import tasklists_plugin  # noqa: PLC0415  # with the parser

    parser = MarkdownIt("commonmark", {"html": False, "linkify": links_bare_addresses})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.use(tasklists_plugin)
    _link_only_clear_addresses(parser)
    parser.core.ruler.push("page_structure", _fit_into_page)
    parser.add_render_rule("image", _image_as_link)
    parser.add_render_rule("html_inline", _task_box)
    return parser


def _link_only_clear_addresses(parser: MarkdownIt) -> None:
    """Bare words are no addresses ("word.It" after a missing space); https://, www. and mail addresses are."""
    linkify = parser.linkify
    if linkify is None:  # the package came without its optional part
        raise RuntimeError("linkify-it-py is not installed")
    linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    linkify.add("www.", {"validate": _www_length, "normalize": _www_address})


def _www_length(_linkify: Any, text: str, position: int) -> int:
    match = WWW.match(text, position)
    return len(match.group().rstrip(TRAILING_PUNCTUATION)) if match else 0


def _www_address(_linkify: Any, match: Any) -> None:
    match.url = "https://" + match.url


def _fit_into_page(state: StateCore) -> None:
    """Lower the headings, and say a column's alignment by a class: the policy forbids style attributes."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + HEADING_SHIFT, 6)}"
        elif token.type in ("th_open", "td_open"):
            aligned = ALIGNMENT.match(str(token.attrs.pop("style", "")))
            if aligned:
                token.attrSet("class", f"align-{aligned.group(1)}")


def _image_as_link(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """A picture elsewhere is named and linked, never loaded: loading tells its host who reads here, and when."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    return f'<a href="{html.escape(address)}">{html.escape(token.content or address)}</a>'


def _task_box(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """The box of a task as a character: only the task list plugin makes these tokens, raw HTML is off."""
    return f'<span class="task-box">{"☑" if "checked=" in tokens[index].content else "☐"}</span>'
