"""The command line: `python -m orders serve` and `python -m orders migrate`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from alembic import command
from alembic.config import Config

from orders.app import create_app
from orders.clock import utc_now
from orders.container import build
from orders.logs import configure_logging
from orders.services.samples import add_samples
from orders.settings import Settings, SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"orders: {error}\n")
        return 2
    if options.migrate:
        migrate(settings)
    if options.samples:
        fill(settings)
    if options.command == "serve":
        configure_logging()
        uvicorn.run(
            create_app(settings),
            host=options.host,
            port=options.port,
            access_log=False,
            log_config=None,
            server_header=False,
        )
    return 0


def fill(settings: Settings) -> None:
    """Put sample products on sale, unless they are."""
    container = build(settings, utc_now)
    add_samples(container.database, utc_now)
    container.database.close()


def migrate(settings: Settings, config: Path = Path("alembic.ini")) -> None:
    """Bring the database to the newest schema."""
    alembic = Config(config)
    alembic.attributes["database_url"] = settings.database_url
    command.upgrade(alembic, "head")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="orders", description="The order service.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer requests")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--migrate", action="store_true", help="bring the schema up to date first")
    migrating = commands.add_parser("migrate", help="bring the schema up to date")
    migrating.set_defaults(migrate=True)
    for each in (serve, migrating):
        each.add_argument("--samples", action="store_true", help="put sample products on sale")
    return parser


if __name__ == "__main__":
    sys.exit(main())
