"""The contrast of every pair of colours on the screens, computed from src/app.css by WCAG 2.2.

python web/scripts/contrast.py           exits with 1 where a pair falls below AA, or docs/web.md tells other numbers
python web/scripts/contrast.py --write   writes the table of docs/web.md
"""

import re
import sys
from pathlib import Path

STYLE = Path(__file__).parent.parent / "src/app.css"
PAGE = Path(__file__).parents[2] / "docs/web.md"
_TABLE = re.compile(r"(?<=<!-- contrast -->\n).*?(?=<!-- /contrast -->)", re.DOTALL)
TEXT, PART = 4.5, 3.0
"""WCAG 2.2 AA: 1.4.3 for text, 1.4.11 for borders of controls and the focus ring."""
GROUNDS = ("surface", "canvas", "sunken")
SAID = ("danger", "warn", "caution", "draft", "info", "done")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "brand") for ground in GROUNDS),
    ("on-brand", "brand", TEXT),
    ("brand", "brand-tint", TEXT),
    *(
        (risk, ground, TEXT)
        for risk in ("danger", "warn", "caution", "draft", "info", "done")
        for ground in GROUNDS[:2]
    ),
    *((risk, f"{risk}-tint", TEXT) for risk in ("danger", "warn", "caution", "draft", "info", "done")),
    *(("ink", f"{risk}-tint", TEXT) for risk in ("danger", "warn", "caution", "draft", "info", "done")),
    *((line, ground, PART) for line in ("border", "focus") for ground in GROUNDS[:2]),
]
NEWS = [("#0b2123", "news-0"), ("#0b2123", "news-1"), ("#0b2123", "news-2"), ("#ffffff", "news-3")]


def main() -> int:
    """Exit code: 1 where a pair is too faint, or the page is stale."""
    rows, faint = _measured(STYLE.read_text())
    for row in faint:
        print(f"too faint: {row}")
    page = PAGE.read_text()
    table = "\n".join(["", "| on | light | dark | at least |", "|---|--:|--:|--:|", *rows, "", ""])
    if "--write" in sys.argv[1:]:
        PAGE.write_text(_TABLE.sub(lambda _: table, page))
    elif table not in page:
        print("docs/web.md is stale: run `python web/scripts/contrast.py --write`")
        return 1
    return int(bool(faint))


def _measured(css: str) -> tuple[list[str], list[str]]:
    """The rows of the table, and those that are too faint."""
    themed = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    light = {name: colour for name, colour, _ in themed}
    dark = {name: colour for name, _, colour in themed}
    plain = dict(re.findall(r"--(news-\d): (#\w{6});", css))
    rows, faint = [], []
    for ink, ground, least in PAIRS:
        found = [ratio(theme[ink], theme[ground]) for theme in (light, dark)]
        rows.append(f"| {ink} on {ground} | {found[0]:.2f} | {found[1]:.2f} | {least} |")
        if min(found) < least:
            faint.append(rows[-1])
    for ink, ground in NEWS:
        on_paper = ratio(ink, plain[ground])
        rows.append(f"| {ink} on {ground} | {on_paper:.2f} | the same | {TEXT} |")
        if on_paper < TEXT:
            faint.append(rows[-1])
    return rows, faint


def ratio(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


if __name__ == "__main__":
    sys.exit(main())
