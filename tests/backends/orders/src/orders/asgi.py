"""The application for a server that imports it: `uvicorn orders.asgi:app`."""

import os

from orders.app import create_app
from orders.logs import configure_logging
from orders.settings import Settings

configure_logging()
app = create_app(Settings.from_env(os.environ))
