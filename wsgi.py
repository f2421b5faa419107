"""The application object, for gunicorn (`bin/run`, `deploy/`) and the flask command."""

from portal import create_app

app = create_app()
