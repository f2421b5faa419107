"""Characters that Markdown would read as more than themselves, and how each is written instead."""

from __future__ import annotations

import re

# What no character reference may name: C1 controls (some are line ends to some readers) and Unicode's noncharacters.
BLANKS = re.compile("[\t\x80-\x9f\u2028\u2029]")
NO_CHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
SPECIAL = re.compile(r"[\\`*_\[\]~|]|<(?=[A-Za-z/!?]|$)|&(?=#?[A-Za-z0-9]+;)")
# Beside those, what readers of Markdown turn into links by themselves, and then show in another spelling.
LINKING = re.compile(SPECIAL.pattern + r"|@|(?<=/)/|(?<=[Ww]{3})\.")
LINE_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+](?=[\s:-]|$)|=+$|>|:-)")
NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
LAST_HASHES = re.compile(r"(?:^|(?<=\s))#+$")
ADDRESS = re.compile(r"https?://[^\s<>]+|[\w.+-]{1,64}@[\w.-]{1,255}", re.IGNORECASE)
CLEAR_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{2,5})?(?:[/?#][A-Za-z0-9/._~=+?#,;-]*)?"
    r"|[a-z0-9][a-z0-9.+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
)
AFTER_ADDRESS = ".,;:!?)]}'\"*_~"
PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def behind_backslash(match: re.Match[str]) -> str:
    return "\\" + match[0]


def as_reference(character: str) -> str:
    is_clear = character in PUNCTUATION or (character.isspace() and character.isascii())
    return character if is_clear else f"&#x{ord(character):X};"


def escaped_text(text: str, *, in_link: bool) -> str:
    if in_link:
        return SPECIAL.sub(behind_backslash, text)
    out, position = "", 0
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(AFTER_ADDRESS)
        if CLEAR_ADDRESS.fullmatch(address) and "xn--" not in address:
            out += LINKING.sub(behind_backslash, text[position : match.start()]) + f"<{address}>"
            position = match.start() + len(address)
    return out + LINKING.sub(behind_backslash, text[position:])
