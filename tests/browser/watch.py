"""What must not happen behind a screen while somebody works at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

_TOLD_BY_STATUS = "Failed to load resource: "
"""Chromium's own line about an answer of 400 or more, or none: those are judged by themselves here."""


@dataclass
class Watch:
    """Collects errors of the page and its console, refusals and lost requests; a test says which it means to cause."""

    faults: list[str] = field(default_factory=list)
    _expected: list[tuple[int, str]] = field(default_factory=list)
    _line_may_fail: bool = False
    _waited_for: set[Request] = field(default_factory=set)

    def expects(self, status: int, path: str = "/") -> None:
        """From now on an answer of that status to an address beginning so is what the test is about."""
        self._expected.append((status, path))

    def expects_a_bad_line(self) -> None:
        """From now on requests may find nobody."""
        self._line_may_fail = True

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of a browser's user."""
        # Playwright takes functions of Python's own alone, not a method of a set.
        context.on("request", lambda request: self._waited_for.add(request))
        context.on("requestfinished", lambda request: self._waited_for.discard(request))
        context.on("requestfailed", lambda request: self._waited_for.discard(request))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)

    def until_answered(self, page: Page) -> None:
        """Wait until nothing is asked of the server any more, and what it said is drawn."""
        quiet = 0
        while quiet < 2:
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            quiet = 0 if self._waited_for else quiet + 1

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_TOLD_BY_STATUS):
            if self._line_may_fail and "ERR_" in message.text:
                return
            self.faults.append(f"console {message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        path = urlsplit(response.url).path
        known = any(response.status == status and path.startswith(start) for status, start in self._expected)
        if response.status >= 400 and not known:
            self.faults.append(f"{response.request.method} {path} was answered {response.status}")

    def _failed(self, request: Request) -> None:
        why = request.failure or ""
        if "ERR_ABORTED" in why or self._line_may_fail:  # given up by the page itself, as when one types on
            return
        self.faults.append(f"{request.method} {urlsplit(request.url).path} failed: {why}")
