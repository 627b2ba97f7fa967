#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documentation that can be checked is: links lead somewhere, the README's first commands are those that CI runs."""
import json
import re
import sys
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")


def broken_links(root):
    pages = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md")) + sorted((root / "src").rglob("*.md"))
    for page in pages:
        for target, _ in LINK.findall(page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page.relative_to(root)}: link to {target}, which is not there"


def promises(root):
    readme = (root / "README.md").read_text()
    first_block = readme.split("```")[1] if "```" in readme else ""
    commands = [line.split("#")[0].strip() for line in first_block.strip().splitlines()]
    if commands != ["./mien predict --demo", "./mien test"]:
        yield f"README.md: its first commands are {commands}"
    if not re.search(r"^exec \./mien test$", (root / ".ci/run").read_text(), re.MULTILINE):
        yield ".ci/run: does not call './mien test' as the README has it"


def unnamed_parts(root):
    """Fetched files and packages that THIRD_PARTY.md does not name."""
    text = (root / "THIRD_PARTY.md").read_text()
    for entry in json.loads((root / "tools/assets.json").read_text())["files"]:
        if f"`{entry['path']}`" not in text or entry["sha256"] not in text:
            yield f"THIRD_PARTY.md: {entry['path']} is missing or has another hash than tools/assets.json"
    for line in (root / "tools/packages.txt").read_text().splitlines():
        words = line.split()
        if len(words) > 2 and words[1] == "pip" and words[2].split("==")[0].lower() not in text.lower().replace(" runtime", "runtime"):
            yield f"THIRD_PARTY.md: does not name {words[2]}"


def main():
    root = Path(sys.argv[1])
    findings = list(broken_links(root)) + list(promises(root)) + list(unnamed_parts(root))
    print("\n".join(findings + [f"{len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
