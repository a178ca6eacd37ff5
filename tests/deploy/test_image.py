"""What is in the image of the application."""

from __future__ import annotations

from pathlib import Path

from hmis.upkeep.tools import PACKAGES

IMAGE = (Path(__file__).parents[2] / "deploy" / "docker" / "app.Dockerfile").read_text()


def test_the_image_has_all_that_a_dump_and_its_drill_need() -> None:
    """Not mariabackup: it copies the files of a server on the same machine, and here that is another container."""
    (_, _, running) = IMAGE.partition("# --- what runs")
    (installed,) = (line for line in running.splitlines() if "apt-get install" in line)
    needed = {package for tool, package in PACKAGES.items() if tool != "mariabackup"}
    assert needed == {"mariadb-client", "mariadb-server-core"}
    assert needed <= set(installed.split())
