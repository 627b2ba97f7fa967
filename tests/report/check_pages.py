#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at report pages in headless Chromium: check_pages.py PAGE.html… [--made-by PROGRAM] [--shots DIR]

At 390 and 1280 px, light and dark: no request but the page itself, nothing on the console, no content wider than the
window, the ground as dark or light as asked, every picture decoded. One line per finding; exit code 1 where there is
one, 77 where there is no Chromium.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from browser import Browser, find_chromium

# Elements that scroll inside themselves may be wider than they look; the page may not.
TOO_WIDE = """(() => {
  const width = document.documentElement.clientWidth, scrolls = e => e.closest('.scroll, pre');
  const found = [...document.querySelectorAll('body *')].filter(e => !scrolls(e) && e.getBoundingClientRect().right > width + 0.5);
  const page = document.documentElement.scrollWidth;
  return page > width || found.length ? `${page} of ${width} px; ` + found.slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join(' | ') : '';
})()"""
# Text that overlaps other text of the same drawing.
OVERLAP = """(() => {
  for (const svg of document.querySelectorAll('svg.plot')) {
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    for (let i = 0; i < boxes.length; ++i) for (let j = i + 1; j < boxes.length; ++j) {
      const [a, p] = boxes[i], [b, q] = boxes[j];
      if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 2 && q.top < p.bottom - 2) return `'${a}' and '${b}'`;
    }
  }
  return '';
})()"""
BROKEN = "[...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).length"
CONTRAST = """(() => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const ratio = e => { const a = light(getComputedStyle(e).color) + 0.05, b = ground + 0.05; return Math.max(a, b) / Math.min(a, b); };
  return [ground, Math.min(...['h1', '.kind', 'footer', 'td', '.note'].map(s => document.querySelector(s)).filter(e => e).map(ratio))];
})()"""


def check(browser, page, width, height, scheme, shot):
    url = page.resolve().as_uri()
    for event in browser.show(url, width, height, scheme):
        method, parameters = event.get("method", ""), event.get("params", {})
        if method == "Network.requestWillBeSent":
            asked = parameters["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                yield f"asks for {asked[:120]}"
        elif method == "Log.entryAdded":
            yield f"log: {parameters['entry']['text']}"
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            yield f"console: {parameters}"
    for name, expression in (("wider than the window", TOO_WIDE), ("words over words", OVERLAP), ("broken pictures", BROKEN)):
        found = browser.value(expression)
        if found:
            yield f"{name}: {found}"
    ground, contrast = browser.value(CONTRAST)
    if (ground > 0.5) != (scheme == "light"):
        yield f"its ground does not follow the scheme (luminance {ground:.2f})"
    if contrast < 4.5:
        yield f"contrast {contrast:.1f} to 1, less than 4.5"
    if shot:
        browser.screenshot(shot)


def look(program, pages, shots=None):
    """Findings as (page, sentence), each page at two widths in two schemes."""
    browser = Browser(program)
    try:
        for page in pages:
            for width, height in ((390, 844), (1280, 900)):
                for scheme in ("light", "dark"):
                    shot = shots / f"{page.parent.name}-{page.stem}-{width}-{scheme}.png" if shots else None
                    for finding in check(browser, page, width, height, scheme, shot):
                        yield page, f"{page} at {width} px, {scheme}: {finding}"
    finally:
        browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--made-by", help="program that writes pages into the folder it is given")
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    args = parser.parse_args()
    program = find_chromium()
    if not program:
        print("SKIPPED: no Chromium; 'apt-get install chromium' brings it")
        return 77
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mien-pages-") as folder:
        if args.made_by:
            subprocess.run([args.made_by, folder], check=True)
            args.pages += sorted(Path(folder).glob("*.html"))
        findings = 0
        for _, sentence in look(program, args.pages, args.shots):
            findings += 1
            print(sentence)
    print(f"{len(args.pages)} pages, {findings} findings")
    return 1 if findings or not args.pages else 0


if __name__ == "__main__":
    sys.exit(main())
