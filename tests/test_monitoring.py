"""The files of deploy/monitoring fit the product: all that is watched is measured, and every alert has its help."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from hmis.core import backups, clock, jobs
from hmis.core.backups import Outcome
from hmis.core.jobs import Job
from hmis.core.store import Store
from hmis.core.watch import metrics

REPOSITORY = Path(__file__).parent.parent
FOLDER = REPOSITORY / "deploy" / "monitoring"
_METRIC = re.compile(r"\bhmis_[a-z_]+")


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    panels = json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return shown + [alert["expr"] for alert in alerts()]


def test_every_metric_that_is_watched_is_exported(app: Flask, store: Store, doctor: Any) -> None:
    job = Job("nightly", "something", None, lambda store: "done")
    jobs.perform(store, job, jobs.take_now(store, job))
    went_well = Outcome(at=clock.now(), ok=True, said="well", seconds=1.5, size_bytes=10)
    backups.note_made(store.settings, went_well)
    for counter in (metrics.REFUSALS, metrics.REPLAYS, metrics.SLOW_STATEMENTS, metrics.DATABASE_ERRORS):
        counter.labels("tested")
    text = app.test_client().get("/metrics").text
    exported = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    watched = {name for expression in expressions() for name in _METRIC.findall(expression)}
    assert len(watched) > 20
    assert watched - exported == set()
    [age] = re.findall(r"^hmis_backup_last_good_time_seconds (\S+)$", text, re.M)
    assert float(age) == went_well.at.timestamp()


def test_every_alert_has_a_runbook() -> None:
    anchors = {
        line.lstrip("# ").lower().replace(" ", "-")
        for line in (REPOSITORY / "docs" / "watch.md").read_text().splitlines()
        if line.startswith("#")
    }
    for alert in alerts():
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert page == "docs/watch.md"
        assert anchor in anchors, alert["alert"]


def test_every_alert_is_sent_to_somebody() -> None:
    """Prometheus has an Alertmanager, which has a receiver with an address for each severity that alerts have."""
    (sent,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["alerting"]["alertmanagers"]
    assert sent["static_configs"][0]["targets"]
    told = yaml.safe_load((FOLDER / "alertmanager.yml").read_text())
    mails = {one["name"]: [mail["to"] for mail in one["email_configs"]] for one in told["receivers"]}
    receivers = {route["matchers"][0]: route["receiver"] for route in told["route"]["routes"]}
    for severity in {alert["labels"]["severity"] for alert in alerts()}:
        assert mails[receivers.get(f"severity = {severity}", told["route"]["receiver"])], severity
    assert "severity = page" in receivers


def test_amtool_takes_it() -> None:
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("needs amtool: apt-get install prometheus-alertmanager")
    done = subprocess.run([amtool, "check-config", FOLDER / "alertmanager.yml"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("ask", [["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]])
def test_promtool_takes_them(ask: list[str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool: apt-get install prometheus")
    done = subprocess.run([promtool, *ask], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
