"""An HTML page as a browser reads it: tags, texts, attributes, and whether it is whole."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"meta", "br"})
"""Elements without an end."""

BLOCKS = frozenset({"br", "caption", "dd", "div", "dl", "dt", "h2", "li", "p", "pre", "td", "th"})
"""Elements that begin a line or a cell, so that a blank stands before their text."""


class Page(HTMLParser):
    """What a page holds.

    Attributes:
        tags: its start tags in order, each with the names of its attributes.
        attributes: each attribute with its value and its tag.
        text: all text but the style sheet.
        style: the style sheet.
        headings: the numbers of its headings in order.
        faults: what is not well-formed.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.style = ""
        self.headings: list[int] = []
        self.faults: list[str] = []
        self.stack: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> has no end" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag} {' '.join(name for name, _ in attrs)}".rstrip())
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        if tag not in VOID:
            self.stack.append(tag)
        self.text += " " * (tag in BLOCKS)

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data!r}")

    def values(self, attribute: str) -> list[str]:
        """The values of an attribute, whatever its tag."""
        return [value for _, name, value in self.attributes if name == attribute]

    @property
    def words(self) -> str:
        """The text with single blanks."""
        return " ".join(self.text.split())
