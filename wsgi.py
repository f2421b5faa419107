"""The application object, for gunicorn (`bin/run`, `deploy/`) and the flask command."""

import gc
import sys

# What is imported stays for good. Looking for garbage in it would cost 0.09 s here, and 0.05 s again in the middle of
# somebody's request at every full collection, so the collector waits, and then leaves all of it alone.
gc.disable()

from portal import create_app  # noqa: E402  # see above
from portal.config import SettingsError  # noqa: E402
from portal.operations import serving  # noqa: E402

CANNOT_BOOT = 3  # gunicorn stops at this exit code of a worker; at another it would start one after the other

try:
    app = create_app()
    serving.refuse_sample_in_production(app)
except SettingsError as error:
    print(f"The settings do not fit: {error}", file=sys.stderr)  # noqa: T201  # there is no logging yet
    sys.exit(CANNOT_BOOT if "gunicorn" in sys.modules else 1)

gc.freeze()
gc.enable()
