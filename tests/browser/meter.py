"""Counting what a hand does: keys pressed and pointers put down, as the browser itself saw them.

A chord (Ctrl+Enter) is one key, a key held down is one. Counted in the capture phase, so that no page can hide one.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

COUNTING = """
(() => {
    const read = () => JSON.parse(sessionStorage.getItem('meter') ?? '{"keys":0,"clicks":0}');
    const count = (what) => {
        const now = read();
        now[what] += 1;
        sessionStorage.setItem('meter', JSON.stringify(now));
    };
    const held = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph']);
    addEventListener('keydown', (e) => e.isTrusted && !e.repeat && !held.has(e.key) && count('keys'), true);
    addEventListener('pointerdown', (e) => e.isTrusted && count('clicks'), true);
})();
"""


@dataclass(frozen=True)
class Effort:
    """What something took."""

    clicks: int
    keys: int


class Meter:
    """The count of one page; begins at nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.restart()

    def restart(self) -> None:
        """Count anew from here."""
        self.page.evaluate("sessionStorage.removeItem('meter')")

    def effort(self) -> Effort:
        """What was counted so far."""
        counted = self.page.evaluate("JSON.parse(sessionStorage.getItem('meter') ?? '{\"keys\":0,\"clicks\":0}')")
        return Effort(**counted)
