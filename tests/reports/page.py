"""What a browser would make of an HTML report."""

from __future__ import annotations

import html.parser


class Page(html.parser.HTMLParser):
    """What a browser would make of a page: its elements, its text, and the text of one kind of element."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._inside = [""]
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, text: str) -> None:
        self.texts.append((self._inside[-1], text))

    def text(self, *tags: str) -> str:
        return " ".join(" ".join(text for tag, text in self.texts if not tags or tag in tags).split())

    def kinds(self) -> set[tuple[str, ...]]:
        """Return which elements there are, and with which attributes."""
        return {(tag, *sorted(attributes)) for tag, attributes in self.elements}

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]
