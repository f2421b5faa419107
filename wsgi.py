"""The application object, for gunicorn (`bin/run`, `deploy/`) and the flask command."""

import sys

from portal import create_app
from portal.config import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"The settings do not fit: {error}")
