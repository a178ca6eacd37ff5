"""The browser's reader against the server's, over lines that nobody wrote down: where Node and the web's tools are."""

from __future__ import annotations

import dataclasses
import json
import random
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hmis.prescriptions import grammar, signature
from hmis.prescriptions.frequencies import ALSO
from tests.prescriptions.test_signatures import WORDS

WEB = Path(__file__).parents[2] / "web"
BUNDLER = WEB / "node_modules/.bin/rolldown"
LINES = 2000
MADE = """
import {{ french }} from '{web}/scripts/french.mjs';
export default {{
    input: 'src/lib/clinic/signature.ts',
    plugins: [french], // a file for each page
    output: {{ format: 'esm', dir: '{folder}', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }}
}};
"""
READ_ALL = """
import { readFileSync, writeFileSync } from 'node:fs';
import { inWords, read } from './signature.mjs';
const lines = JSON.parse(readFileSync('lines.json', 'utf8'));
const said = lines.map(({ text, weight }) => {
    const found = read(text, { weightKg: weight });
    return { ...found, words: inWords(found) };
});
writeFileSync('said.json', JSON.stringify(said));
"""

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not BUNDLER.exists(), reason="needs Node and web/node_modules: run `make web`"
)


def numbers(rng: random.Random) -> str:
    whole = rng.choice(["0", "", str(rng.randint(1, 9)), str(rng.randint(1, 10**6)), f"{rng.randint(1, 10**7):,}"])
    return f"{whole}.{rng.randint(0, 9999)}" if rng.random() < 0.4 else whole


def line(rng: random.Random) -> str:
    """Parts of a line in any order, some of them twice, some of them nonsense."""
    made = {
        "word": lambda: rng.choice(WORDS),
        "dose": lambda: numbers(rng) + rng.choice(["", " "]) + rng.choice(units) + rng.choice(["", "", "/kg"]),
        "range": lambda: f"{numbers(rng)}-{numbers(rng)} {rng.choice(units)}",
        "max": lambda: f"max {numbers(rng)} {rng.choice([*units, 'doses', ''])}{rng.choice(['', ' in 24h', '/day'])}",
        "often": lambda: rng.choice(often),
        "days": lambda: f"{rng.randint(0, 40)}/{rng.choice([7, 52, 12, 9])}",
    }
    parts = [made[rng.choice(list(made))]() for _ in range(rng.randint(1, 9))]
    return rng.choice(["", "amoxicillin ", "Insulin "]) + rng.choice([" ", " ", " ", ""]).join(parts)


units = [*grammar.UNIT_SPELLINGS, *grammar.ERROR_PRONE["unit_error_prone"]]
often = [*ALSO, *grammar.ROUTE_SPELLINGS, "q4h", "every 6 hours", "8-hourly", "q7h"]


def as_json(said: signature.Signature) -> dict[str, Any]:
    found = dataclasses.asdict(said) | {"words": signature.directions(said)}
    loaded: dict[str, Any] = json.loads(json.dumps(found, default=float))
    return loaded


def test_the_browser_reads_every_line_as_the_server_does(tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    lines = [{"text": line(rng), "weight": rng.choice([None, rng.randint(500, 120_000) / 1000])} for _ in range(LINES)]
    (tmp_path / "lines.json").write_text(json.dumps(lines))
    (tmp_path / "all.mjs").write_text(READ_ALL)
    (tmp_path / "made.mjs").write_text(MADE.format(web=WEB, folder=tmp_path))
    subprocess.run([BUNDLER, "--config", tmp_path / "made.mjs"], check=True, capture_output=True, cwd=WEB)
    subprocess.run(["node", "all.mjs"], check=True, capture_output=True, cwd=tmp_path)
    browser = json.loads((tmp_path / "said.json").read_text())
    for each, found in zip(lines, browser, strict=True):
        weight = Decimal(str(each["weight"])) if each["weight"] else None
        assert found == as_json(signature.read(each["text"], weight_kg=weight)), (seed, each)
