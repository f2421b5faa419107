"""The application object, for gunicorn (`bin/run`, `deploy/`) and the flask command."""

from portal import create_app
from portal.operations import serving

app = create_app()
serving.refuse_sample_in_production(app)
