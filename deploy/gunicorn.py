"""gunicorn's settings, for `bin/run` and for production alike: one gevent worker a process.

Long-polling needs every request of a connection in the same process, so processes are multiplied behind a
proxy with cookie affinity (`deploy/Caddyfile`), never by `workers`.
"""

import signal

worker_class = "gevent"
workers = 1
worker_connections = 4000
# A worker that is silent for this long is killed; long-polling answers within the ping interval.
timeout = 60
# SIGTERM: no new requests, what is acknowledged is on disk; under the ten seconds that the supervisor gives.
graceful_timeout = 8
keepalive = 75
# Several instances under one user would fight for one control socket.
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker):
    """SIGTERM also sends the tabs of this process to another one."""
    from portal.live.draining import Draining  # noqa: PLC0415  # only now is the process patched by gevent

    draining = worker.wsgi = Draining(worker.wsgi)

    def end(number, frame):
        worker.handle_exit(number, frame)
        draining.begin()

    signal.signal(signal.SIGTERM, end)
