"""Finding the browser, and saying so where there is none.

Preferred is Debian's `chromium-headless-shell`: the same engine without what draws a window, a third less to compute.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hmis.app import WEB

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW_LINE = {
    "offline": False,
    "latency": 300,  # ms
    "downloadThroughput": 1_600_000 / 8,  # bytes/s
    "uploadThroughput": 750_000 / 8,  # bytes/s
}
"""What `Network.emulateNetworkConditions` of the DevTools protocol is told: 3G, as Lighthouse has it."""
REQUIRED = os.environ.get("HMIS_REQUIRE_BROWSER") == "1"
"""As in CI: a missing browser is a failure, not a reason to skip."""


def chromium() -> Path | None:
    """The Chromium of this computer: the one named in `HMIS_CHROMIUM`, or Debian's, without windows if it is there."""
    named = os.environ.get("HMIS_CHROMIUM")
    for name in (named,) if named else ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def missing() -> str | None:
    """What is not there that the browser tests need, or None."""
    if chromium() is None:
        return "no Chromium was found (apt-get install chromium-headless-shell)"
    if not (WEB / "app.html").is_file():
        return "the pages are not built (make web)"
    if not AXE.is_file():
        return "axe-core is not there (make web fetches it)"
    return None


AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
