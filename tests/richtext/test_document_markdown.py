"""A document as a Markdown file: what is read back from it is what stood in the document."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.richtext.document import KINDS, Block, Cell, Part, Run, Table, plain_text
from portal.richtext.document_markdown import escaped, markdown
from portal.richtext.markdown import render

BOLD, ITALIC, BOTH = frozenset({"strong"}), frozenset({"em"}), frozenset({"strong", "em"})


class ReadBack(HTMLParser):
    """Every character of the page with the marks around it, white space as one blank."""

    BLOCKS = frozenset({"p", "br", "li", "td", "th", "h5", "h6", "blockquote", "ul", "ol", "table", "tr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, frozenset[str]]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self.found.append((" ", frozenset()))
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag in self.BLOCKS:
            self.found.append((" ", frozenset()))

    def handle_data(self, data: str) -> None:
        marks = frozenset({"strong", "em"} & set(self.open))
        self.found += [(character, marks) for character in data]

    @property
    def text(self) -> str:
        return " ".join("".join(character for character, _marks in self.found).split())

    @property
    def marked(self) -> list[tuple[str, frozenset[str]]]:
        return [pair for pair in self.found if not pair[0].isspace()]


def read_back(parts: list[Part]) -> ReadBack:
    return ReadBack(render(markdown(parts)).html)


def marked(parts: list[Part]) -> list[tuple[str, frozenset[str]]]:
    """What `ReadBack.marked` must be. A table's header is bold by itself only in a browser."""
    found = []
    for part in parts:
        rows = part.rows if isinstance(part, Table) else [(Cell((part,)),)]
        for block in (block for row in rows for cell in row for block in cell.blocks):
            found += [(character, run.marks & BOTH) for run in block.runs for character in run.text]
    return [pair for pair in found if not pair[0].isspace()]


SIGNS = r"* _ ** ` ``` \ # ## - + 1. 2) > | || ~~ ![ [ ]( ) ]: < <b> </b> <!-- & &amp; &#35; &lt ; ! = === --- :- [ ]"
ADDRESSES = "https://a.org/x_y http://a.org/%D8%B3 www.a.org a@b.org //a.org mailto:a@b.org ftp://a.org <https://a.org>"
WORDS = "a word 1 سلام مهربانی\u200cها ọ̀rọ̀ àánú 「愛」 日本 ² € “ ” …"
SPACED = ("## ", "- ", "1. ", "[x] ", "[x]: ", "    ", "\t", "\n", "\n\n", " ", "\u00a0", "\u2003", "\u3000", "\u2028")
LIKE_MARKDOWN = st.sampled_from([*SIGNS.split(" "), *ADDRESSES.split(" "), *WORDS.split(" "), *SPACED])
ANYTHING = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=4)
TEXT = st.lists(st.one_of(LIKE_MARKDOWN, ANYTHING), max_size=5).map("".join)
LINK = st.sampled_from(["", "", "", "https://a.org/(x)?a=1&amp;b=_2_*", "mailto:a@b.org", "https://a.org/<|>'\""])
RUN = st.builds(Run, TEXT, st.frozensets(st.sampled_from(["strong", "em", "sup"])), LINK)
BLOCK = st.builds(Block, st.sampled_from(KINDS), st.integers(0, 3), st.lists(RUN, max_size=5).map(tuple))
CELL = st.builds(Cell, st.lists(BLOCK, max_size=2).map(tuple), st.booleans(), st.integers(1, 3), st.integers(1, 3))
TABLE = st.builds(Table, st.lists(st.lists(CELL, max_size=3).map(tuple), max_size=3))
PARTS = st.lists(st.one_of(BLOCK, BLOCK, TABLE), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PARTS)
@example([Block(runs=(Run("a | b\n:-: | ---\n1 | 2"),))])
@example([Block(runs=(Run("foo"), Run("(bar)", BOLD), Run("baz"), Run("em", ITALIC), Run("x")))])
@example([Block(runs=(Run("a", BOLD), Run("b", BOTH), Run("c", ITALIC), Run("d", BOTH), Run("e", BOLD)))])
@example([Block(runs=(Run("* \n", BOLD), Run(" a", ITALIC), Run(" "), Run(" ", BOTH), Run("b ", ITALIC)))])
@example([Block("bullet"), Block("bullet", 1), Block("bullet", 1, (Run("-"),)), Block("ordered", 2, (Run("x\ny"),))])
def test_a_file_read_back_says_what_the_document_says_in_bold_and_italic(parts: list[Part]) -> None:
    page = read_back(parts)
    assert page.text.split() == plain_text(parts).split()
    assert page.marked == marked(parts)


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_a_line_of_plain_text_is_read_back_as_it_is(text: str) -> None:
    for before in ("", "# ", "- ", "a "):
        read = ReadBack(render(before + escaped(text)).html).text
        assert read.split() == (before.strip("# -") + " " + text).split()


def test_headings_stand_below_the_sections_and_quotations_and_breaks_keep_their_lines() -> None:
    parts = [
        Block("h2", runs=(Run("Aim #"),)),
        Block("h3", runs=(Run("1. Why"),)),
        Block(runs=(Run("One\n2. two"),)),
        Block(),
        Block("quote", runs=(Run("said\n- he"),)),
    ]
    assert markdown(parts) == "### Aim \\#\n\n#### 1. Why\n\nOne\\\n2\\. two\n\n> said\\\n> \\- he"


def test_lists_nest_as_on_the_page_and_count_on() -> None:
    items = [("ordered", 0, "a"), ("bullet", 3, "b\nc"), ("ordered", 0, "d"), ("ordered", 1, "e"), ("bullet", 0, "f")]
    parts = [Block(kind, indent, (Run(text),)) for kind, indent, text in items]
    assert markdown(parts) == "1. a\n   - b\\\n     c\n2. d\n   1. e\n\n- f"


def test_marks_open_and_close_beside_letters_and_indices_become_text() -> None:
    runs = (Run("CO"), Run("2", frozenset({"sub"})), Run(" is "), Run("not ", BOLD), Run("so", BOTH), Run(", says a"))
    link = Run("page", ITALIC, "https://a.org/(b)")
    assert markdown([Block(runs=(*runs, link))]) == "CO2 is **not _so_**, says a[_page_](<https://a.org/(b)>)"
    assert markdown([Block(runs=(Run("un"), Run("fair", ITALIC), Run("ly")))]) == "u&#x6E;_fair_&#x6C;y"
    assert (
        markdown([Block(runs=(Run("see https://a.org/x_y. R&D, a@b.org"),))])
        == "see <https://a.org/x_y>. R&D, <a@b.org>"
    )


def test_a_table_has_a_header_and_its_columns_stay_columns() -> None:
    def cell(text: str, **spans: int) -> Cell:
        return Cell((Block(runs=(Run(text),)), Block(runs=(Run("|"),))), **spans)

    rows = [(cell("a", colspan=2), cell("b", rowspan=2)), (cell("c"),), (cell("d"), cell("e"), cell("f"))]
    assert markdown([Table(rows)]).split("\n") == [
        r"| a \| |  | b \| |",
        "| --- | --- | --- |",
        r"| c \| |",
        r"| d \| | e \| | f \| |",
    ]


def test_links_lead_where_they_led() -> None:
    addresses = ["https://a.org/(x)?a=1&amp;b=_2_*", "mailto:a@b.org", "https://a.org/|x"]
    page = read_back([Block(runs=tuple(Run("!", link=address) for address in addresses))])
    assert page.links == [*addresses[:2], "https://a.org/%7Cx"]
