"""`python -m hmis.migrations MESSAGE`: write the next migration, from what the models have and the last one has not."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from hmis.core import migrate
from hmis.core.db import open_engine


def main() -> None:
    """Migrate an empty database as far as we are, and write the step to the models."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("message", help="what the step brings, in a few words")
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'hmis.sqlite3'}")
        migrate.upgrade(engine)
        migrate.revise(engine, arguments.parse_args().message)
        engine.dispose()


if __name__ == "__main__":
    main()
