#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_pages.py sees what it is there to see: each faulty page is found faulty for its own reason, a good one is not."""
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from browser import find_chromium
from check_pages import look

SHELL = "<!doctype html><html><head><meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title><style>:root{{color-scheme:light dark}}{style}</style></head><body><h1>t</h1>{body}</body></html>"
SCHEMES = "body{background:#fff;color:#111}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}"
CASES = [
    ("good", SCHEMES, "<p>x</p>", None),
    ("request", SCHEMES, "<img src='http://example.invalid/x.png'>", "asks for http://example.invalid"),
    ("wide", SCHEMES, "<div style='width:2000px'>x</div>", "wider than the window"),
    ("console", SCHEMES, "<script>console.error('no')</script>", "console:"),
    ("one scheme", "body{background:#fff;color:#111}", "<p>x</p>", "does not follow the scheme"),
    ("faint", SCHEMES, "<p class=note style='color:#888'>x</p>", "contrast"),
    ("broken picture", SCHEMES, "<img src='data:image/png;base64,AAAA'>", "broken pictures"),
    ("overlap", SCHEMES, "<svg class=plot width=200 height=50><text x=10 y=20>one</text><text x=12 y=20>two</text></svg>", "words over words"),
]


def main():
    program = find_chromium()
    if not program:
        print("SKIPPED: no Chromium")
        return 77
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        pages = {Path(folder) / f"{name.replace(' ', '-')}.html": expected for name, _, _, expected in CASES}
        for page, (_, style, body, _) in zip(pages, CASES):
            page.write_text(SHELL.format(style=style, body=body))
        found = list(look(program, list(pages)))
        for page, expected in pages.items():
            sentences = [sentence for where, sentence in found if where == page]
            right = not sentences if expected is None else any(expected in sentence for sentence in sentences)
            if not right:
                failures.append(f"{page.stem}: expected {expected!r}, found {sentences}")
    print("\n".join(failures) or f"{len(CASES)} pages judged rightly")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
