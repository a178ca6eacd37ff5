"""Which page stands at which address, and what it may load. For ourselves (`site`), and for an nginx in front:

    python3 page_policy.py FOLDER > policies.conf

writes nginx's map from address to Content-Security-Policy. Standard library alone, so that the image of the web server
needs nothing of the product to be built.
"""

from __future__ import annotations

import base64
import re
import sys
from hashlib import sha256
from pathlib import Path

_INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
NOTHING = "default-src 'none'; frame-ancestors 'none'"
SCRIPT = "default-src 'self'; frame-ancestors 'none'"
"""What a service worker may ask for."""


def address(file: Path) -> str:
    """`index.html` is answered at its folder, `login.html` at /login. `file` counts from the folder of the pages."""
    if file.suffix != ".html" or file.name == "app.html":
        return f"/{file.as_posix()}"
    stem = file.with_suffix("")
    return "/" + (stem.parent if stem.name == "index" else stem).as_posix().removeprefix(".")


def of(file: Path) -> str:
    """The Content-Security-Policy that this file is answered with."""
    if file.suffix == ".html":
        return _of_page(file.read_text())
    return SCRIPT if file.suffix == ".js" else NOTHING


def _of_page(page: str) -> str:
    """What a page may load: our own files, and of scripts inside it those it was built with, by their hashes."""
    hashes = [base64.b64encode(sha256(script.encode()).digest()).decode() for script in _INLINE.findall(page)]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *(f"'sha256-{digest}'" for digest in hashes)]),
            "style-src 'self'",
            "style-src-attr 'unsafe-inline'",  # widths of bars and the like, set by our own scripts
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def for_nginx(folder: Path) -> str:
    """nginx's `map` from the file that it answers with to the policy of that file."""
    pages = sorted(folder.rglob("*.html"))
    lines = [f'    "/{page.relative_to(folder).as_posix()}" "{of(page)}";' for page in pages]
    return "\n".join(
        ["map $uri $page_policy {", f'    default "{NOTHING}";', f'    "~\\.js$" "{SCRIPT}";', *lines, "}", ""]
    )


if __name__ == "__main__":
    sys.stdout.write(for_nginx(Path(sys.argv[1])))
