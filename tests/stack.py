"""The portal as production runs it: server processes behind Caddy, a worker, a reader, on real services."""

from __future__ import annotations

import email
import email.policy
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import requests

from launcher import valkey
from launcher.environment import ROOT
from tests.waiting import eventually

CADDYFILE = """
{{
	admin off
	auto_https off
	persist_config off
	log {{
		level ERROR
	}}
}}
http://localhost:{port}, http://127.0.0.1:{port} {{
	{refusal}
	reverse_proxy {servers} {{
		lb_policy cookie portal_server
		lb_try_duration 5s
		health_uri /healthz
		health_interval 1s
		health_timeout 1s
	}}
}}
"""
REFUSE_UPGRADE = """@upgrade header Connection *Upgrade*
	respond @upgrade 403"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Stack:
    """A running portal with the sample network. `refuse_upgrade` blocks WebSockets as a hospital's firewall does."""

    def __init__(self, folder: Path, *, database_url: str, servers: int = 1, refuse_upgrade: bool = False) -> None:
        self.folder, self.database_url = folder, database_url
        self.port = self.caddy_port = free_port()
        self.server_ports = [free_port() for _ in range(servers)]
        self.refuse_upgrade = refuse_upgrade
        self.origin = f"http://localhost:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "REDIS_", "DATABASE_"))},
            "PORTAL_ENV": "development",
            "PORTAL_INSTANCE": str(folder),
            "PORTAL_ORIGIN": self.origin,
            "PORTAL_TRUSTED_PROXIES": "1",
            "PORTAL_PORT": str(self.port),
            "DATABASE_URL": database_url,
            "REDIS_URL": f"unix://{folder / 'valkey.sock'}",
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }

    def start(self) -> None:
        """Bring everything up and wait until Caddy passes a ready portal on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.processes["valkey"] = valkey.start(self.folder)
        self.flask("prepare", "--sample")
        for number in range(len(self.server_ports)):
            self.start_server(number)
        self.start_process("worker", "-m", "flask", "--app", "wsgi", "worker")
        self.start_process("reader", "-m", "flask", "--app", "wsgi", "reader")
        self.start_caddy()
        eventually(self.is_ready, f"the portal behind {self.origin}: {self.log('server-0')}")

    def flask(self, *arguments: str) -> str:
        """Run a flask command on this portal and return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_server(self, number: int) -> None:
        bind = f"127.0.0.1:{self.server_ports[number]}"
        self.start_process(
            f"server-{number}", "-m", "gunicorn", "--config", "deploy/gunicorn.py", "--bind", bind, "wsgi:app"
        )

    def start_process(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    def start_caddy(self) -> None:
        caddy = shutil.which("caddyserver") or str(Path(sys.executable).with_name("caddyserver"))
        config = self.folder / "Caddyfile"
        servers = " ".join(f"127.0.0.1:{port}" for port in self.server_ports)
        refusal = REFUSE_UPGRADE if self.refuse_upgrade else ""
        config.write_text(CADDYFILE.format(port=self.caddy_port, servers=servers, refusal=refusal))
        with (self.folder / "caddy.log").open("ab") as output:
            self.processes["caddy"] = subprocess.Popen(
                [caddy, "run", "--config", str(config), "--adapter", "caddyfile"],
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def is_ready(self) -> bool:
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} stopped: {self.log(name)}"
        try:
            return requests.get(f"{self.origin}/readyz", timeout=5).json()["status"] in ("ok", "degraded")
        except (requests.RequestException, ValueError):
            return False

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def tracebacks(self) -> str:
        """Every line of a traceback that any process wrote; tests hold it to be empty."""
        logs = {path.name: path.read_text(errors="replace") for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}:\n{text}" for name, text in logs.items() if "Traceback" in text)

    def sign_ins(self) -> dict[str, tuple[str, str]]:
        """The part of the address before the @ -> (address, password) of each of the sample's people."""
        rows = [line.split()[:2] for line in self.flask("sample", "sign-ins").splitlines() if "@" in line]
        return {mail.partition("@")[0]: (mail, password) for mail, password in rows}

    def links_mailed_to(self, address: str, part: str) -> list[str]:
        """The addresses with `part` in their path from every mail to `address`, oldest first."""
        mails = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted((self.folder / "mailbox").glob("*.eml"))
        ]
        texts = [mail.get_content() for mail in mails if address in str(mail["To"])]
        return [link for text in texts for link in re.findall(rf"{self.origin}(/\S*{part}\S*)", text)]

    def restart_servers(self) -> None:
        """End every server process as a deploy does, then start them anew."""
        names = [name for name in self.processes if name.startswith("server-")]
        for name in names:
            self.processes[name].terminate()
        for name in names:
            assert self.processes[name].wait(timeout=15) is not None
        for name in names:
            self.start_server(int(name.removeprefix("server-")))

    def stop(self) -> None:
        """End everything, newest first; nothing is left running."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes.values()):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
