"""Checks a built site: each link and picture inside leads to a file and, if named, to a place.

Usage: python docs/check_links.py FOLDER

Sphinx warns of links between pages. This also sees those that it makes itself, and raw HTML.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the places in it that have a name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name in ("id", "name") and value:
                self.places.add(value)


def broken_links(folder):
    """(page, link) of each link inside `folder` that leads nowhere."""
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html")}
    for path, page in sorted(pages.items()):
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue  # leads outside, or holds its data itself
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file() or (
                place and target in pages and place not in pages[target].places
            ):
                yield path.relative_to(folder.resolve()), link


if __name__ == "__main__":
    broken = list(broken_links(Path(sys.argv[1])))
    for page, link in broken:
        print(f"{page}: {link} leads nowhere")
    sys.exit(bool(broken))
