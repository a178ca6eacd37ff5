"""What a browser has to fetch for each screen, from the built files, against the budgets of docs/web.md.

python web/scripts/weight.py     prints a table, and exits with 1 where a budget is exceeded
"""

import gzip
import re
import sys
from pathlib import Path

BUILT = Path(__file__).parents[2] / "hmis/web"
IMMUTABLE = BUILT / "_app/immutable"
DOOR = "../door.js"
"""The script of the pages before sign-in, as seen from the folder of the others."""
KB = 1000
SIGN_IN, HOME, WHOLE, CHUNK, LANGUAGE, STYLE, FONT = 40, 90, 300, 30, 12, 12, 50
"""Budgets, kB gzipped: scripts of the sign-in page, of a role's home (cumulative), of the whole app, of one more
screen; the words of any one page in a language other than English; style of a role's home; the font that every screen
needs."""
HOMES = ("queue", "reception", "pharmacy", "admin")
FRENCH = "french"
"""The folder of the words, a file for each page and layout of the app (scripts/french.mjs)."""
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[\w./-]+\.js)["']""")
_NODE = re.compile(r"""import\(["'`]\.\./(nodes/(\d+)\.[\w-]+\.js)["'`]\)""")
_ROUTE = re.compile(r"""["'](/[^"']*)["']:(\[[\d,~[\]]*\])""")
_WORDS = re.compile(r"""["'](/app[^"']*)["']:(?:\(\)=>\w+\()?\(\)=>import\(["'`]\.\./(french/[\w-]+\.js)["'`]\)""")
_MADE = re.compile(r"_app/immutable/((?:entry|chunks|nodes)/[\w.-]+\.js)")


def main() -> int:
    """Exit code: 1 where a budget is exceeded."""
    manifest = _routes()
    rows = [("sign-in, scripts", _weight(_closure(_entries("login.html") | {DOOR})), SIGN_IN)]
    app = _closure(_entries("app.html"))
    for home in HOMES:
        route = manifest.get(f"/app/{home}")
        if route is not None:
            rows.append((f"/app/{home}, scripts", _weight(app | _closure(route)), HOME))
    scripts = {path.relative_to(IMMUTABLE).as_posix() for path in IMMUTABLE.rglob("*.js")}
    french = {path for path in scripts if path.startswith(f"{FRENCH}/")}
    rows.append(("whole app, scripts without French", _weight(scripts - french), WHOLE))
    rows.append(("largest file of scripts", max(_size(IMMUTABLE / path) for path in scripts - french), CHUNK))
    rows.append(("sign-in in French, the whole page", _size(BUILT / "fr/login.html"), LANGUAGE))
    words = {route: _weight(_words_of(route, french)) for route in manifest if route.startswith("/app")}
    heaviest = max(words, key=words.__getitem__)
    rows += [(f"{route}, French", words[route], LANGUAGE) for route in [f"/app/{home}" for home in HOMES] + [heaviest]]
    styles = {path.relative_to(IMMUTABLE).as_posix() for path in IMMUTABLE.rglob("*.css")}
    rows.append(("largest style", max(_size(IMMUTABLE / path) for path in styles), STYLE))
    rows.append(("font of every screen", (BUILT / "fonts/inter-latin.woff2").stat().st_size, FONT))
    failed = 0
    for name, size, budget in rows:
        failed |= size > budget * KB
        print(f"{name:34} {size / KB:6.1f} kB of {budget}{'   TOO HEAVY' if size > budget * KB else ''}")
    return int(failed)


def _words_of(route: str, french: set[str]) -> set[str]:
    """The words that a page fetches: its own, and those of the layouts around it, by the rule of lib/i18n."""
    table = {part: path for file in IMMUTABLE.glob("chunks/*.js") for part, path in _WORDS.findall(file.read_text())}
    assert set(table.values()) == french, "every file of words is fetched by a page"
    return {
        path for part, path in table.items() if part == route or (part.endswith("/") and f"{route}/".startswith(part))
    }


def _entries(page: str) -> set[str]:
    return set(_MADE.findall((BUILT / page).read_text()))


def _closure(paths: set[str]) -> set[str]:
    """The scripts and all they import at once; what is imported when it is needed does not count."""
    seen: set[str] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in seen or not (IMMUTABLE / path).is_file():
            continue
        seen.add(path)
        waiting += [_resolved(path, found) for found in _IMPORT.findall((IMMUTABLE / path).read_text())]
    return seen


def _resolved(path: str, target: str) -> str:
    return (IMMUTABLE / path).parent.joinpath(target).resolve().relative_to(IMMUTABLE.resolve()).as_posix()


def _routes() -> dict[str, set[str]]:
    """The scripts of each route, layouts included: the routes' own table stands in the app's entry."""
    text = next(IMMUTABLE.glob("entry/app*.js")).read_text()
    nodes = {int(number): path for path, number in _NODE.findall(text)}
    found: dict[str, set[str]] = {}
    for route, numbers in _ROUTE.findall(text):
        ids = {0, 1, *(int(number) for number in re.findall(r"\d+", numbers))}
        found[route] = {nodes[number] for number in ids if number in nodes}
    return found


def _weight(paths: set[str]) -> int:
    return sum(_size(IMMUTABLE / path) for path in paths)


def _size(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


if __name__ == "__main__":
    sys.exit(main())
