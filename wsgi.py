"""The application object, for gunicorn (`bin/run`, `deploy/`) and the flask command."""

import sys

from portal import create_app
from portal.config import SettingsError
from portal.operations import serving

CANNOT_BOOT = 3  # gunicorn stops at this exit code of a worker; at another it would start one after the other

try:
    app = create_app()
    serving.refuse_sample_in_production(app)
except SettingsError as error:
    print(f"The settings do not fit: {error}", file=sys.stderr)  # noqa: T201  # there is no logging yet
    sys.exit(CANNOT_BOOT)
