"""A shared document's blocks as Markdown, for whoever takes the text elsewhere.

Whatever looks like Markdown is escaped: read back (CommonMark with tables), the file says what the document says.
Markdown has no indices and no cells over several columns: the first become plain text, the second are filled up with
empty cells. White space at the edges of a line, empty paragraphs and line ends inside headings and cells are lost.
Source: https://spec.commonmark.org/0.31.2/ and, for tables, https://github.github.com/gfm/.
"""

from __future__ import annotations

from portal.richtext.document_markdown.blocks import escaped, markdown

__all__ = ["escaped", "markdown"]
