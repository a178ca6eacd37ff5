"""Letting another release serve without turning anybody away, and going back where it does not answer."""

from __future__ import annotations

import time

from host import Failed, Host
from layout import ANSWERS, BESIDE, COMES, CURRENT, READY, SOCKET, answers

PATIENCE = 40
"""Seconds a release has to be ready: people who wait at the socket are not turned away before 75."""


def switch(host: Host, release: str, before: str) -> None:
    """Let a release serve. Raises `Failed` where it is not ready; then the one before serves.

    It is started beside the serving one first, where nobody is sent: what goes wrong there, nobody notices. Then it
    answers from there while the application itself is exchanged, so that nobody waits.
    """
    relief = f"hmis-meanwhile@{release.rpartition('/')[2]}.service"
    relieved = host.holds("systemctl is-active hmis.service")
    if relieved:
        if host.ask(f"cat {ANSWERS}") != answers(SOCKET).strip():  # a deployment was cut off
            _send_requests(host, SOCKET)
        others = "'hmis-meanwhile@*'"
        host.do(f"systemctl stop {others}", says="nobody beside it", unless=f"! systemctl is-active -q {others}")
        try:
            host.do(f"systemctl start {relief}", says="start it beside the serving release, where nobody is sent yet")
            _until_ready(host, BESIDE)
        except Failed as why:
            words = _last_words(host, relief)
            host.do(f"systemctl stop {relief}", says="end it again: nothing was switched")
            raise Failed(f"{why}; the last words of the new release:\n{words}") from why
    try:
        _exchange(host, release, relieved)
    except Failed as why:
        words = _last_words(host, "hmis.service")
        if not before:
            raise Failed(f"{why}; its last words:\n{words}\nthere is no release before it to go back to") from why
        host.say(f"going back to {before}")
        try:
            _exchange(host, before, relieved)
        except Failed as worse:
            raise Failed(f'{why}; and back: {worse}; docs/operations.md, "It does not open"') from worse
        _send_home(host, relief)
        raise Failed(f"{why}; its last words:\n{words}") from why
    if relieved:
        _send_home(host, relief)


def _exchange(host: Host, release: str, relieved: bool) -> None:
    """Exchange the application; where another one stands beside it, requests go there meanwhile."""
    host.do(f"ln -sfn {release} {CURRENT}.new && mv -T {CURRENT}.new {CURRENT}", says=f"switch to {release}")
    host.do("ln -sfn /opt/hmis/current/nginx /etc/nginx/hmis", says="nginx: the pages of this release")
    host.do("ln -sf ../sites-available/hmis /etc/nginx/sites-enabled/hmis", says="nginx: our site")
    if relieved:
        _send_requests(host, BESIDE)
        host.do("systemctl restart hmis.service", says="the application; the one beside it answers meanwhile")
    else:
        host.do("systemctl enable --now hmis.socket && systemctl restart hmis.service", says="the application")
    _until_ready(host, SOCKET)
    host.do("systemctl enable --now hmis.socket hmis.service hmis-worker.service nginx", says="start what is not there")
    _send_requests(host, SOCKET)
    host.do("systemctl restart hmis-worker.service", says="the worker")
    host.do(COMES, says="does it come as people will see it?")


def _send_requests(host: Host, where: str) -> None:
    host.write(ANSWERS, answers(where))
    host.do("nginx -t && systemctl reload nginx && sleep 1", says=f"nginx: requests go to {where}")


def _until_ready(host: Host, where: str) -> None:
    host.say("is it ready?")
    until = time.monotonic() + PATIENCE
    while not host.dry and '"ready"' not in host.ask(READY[where]):
        if time.monotonic() > until:
            raise Failed(f"it was not ready within {PATIENCE} s")
        time.sleep(0.5)


def _send_home(host: Host, relief: str) -> None:
    host.do(f"sleep 1; systemctl stop {relief}", says="end the one beside it, when it has answered")


def _last_words(host: Host, unit: str) -> str:
    return host.ask(f"journalctl -u {unit} -n 20 --no-pager -o cat")
