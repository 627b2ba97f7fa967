#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Filters and orders of a page, clicked in headless Chromium: check_browsing.py SAMPLE_PAGES

The page of sample_pages has twelve items: 0 to 4 neutral, the others surprise; every third one is blurred; the second order is the first one
reversed. Exit code 1 where an item is shown that should not be, or in another place; 77 where there is no Chromium.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from browser import Browser, find_chromium

# Numbers of the shown items in reading order.
SHOWN = """(selector => [...document.querySelectorAll(selector)].filter(e => getComputedStyle(e).display != 'none')
  .map(e => [e.getBoundingClientRect(), Number(e.querySelector('.file').textContent.match(/\\d+/)[0])])
  .sort(([a], [b]) => a.top - b.top || a.left - b.left).map(([, number]) => number))"""
ALL = list(range(12))
CASES = [
    ([], ALL),
    (["f0-0"], ALL[:5]),
    (["f0-1", "f1-0"], [6, 9]),
    (["o1"], ALL[::-1]),
    (["o1", "f0-1", "f1-1"], [11, 10, 8, 7, 5]),
    (["f1-0", "f1-all"], ALL),
]


def main():
    program = find_chromium()
    if not program:
        print("SKIPPED: no Chromium; 'apt-get install chromium' brings it")
        return 77
    failures = []
    with tempfile.TemporaryDirectory(prefix="mien-browsing-") as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        browser = Browser(program)
        try:
            for width in (390, 1280):
                for clicks, expected in CASES:
                    browser.show((Path(folder) / "browsing.html").resolve().as_uri(), width, 900, "light")
                    for click in clicks:
                        browser.value(f"document.getElementById('{click}').click()")
                    for kind in (".gallery .item", "tr.item"):
                        shown = browser.value(f"{SHOWN}('{kind}')")
                        if shown != expected:
                            failures.append(f"{kind} at {width} px behind {clicks}: {shown}, expected {expected}")
        finally:
            browser.close()
    print("\n".join(failures) or f"{len(CASES)} combinations are right")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
