"""`penchant up`: everything in one process tree."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

import penchant
from penchant.adapters import embedded_postgres
from penchant.app import build
from penchant.catalog import repository as catalog
from penchant.cli.configuration import console, errors, plain_errors, read_settings
from penchant.cli.lan import LocalNetwork
from penchant.cli.proxy import behind_proxy
from penchant.core.database import make_engine
from penchant.core.errors import SettingWrong, Unavailable
from penchant.core.migrations import migrate
from penchant.core.settings import Settings, as_environment
from penchant.demo import service as demo
from penchant.feed.experiments import load_experiments
from penchant.feed.plans import Plans
from penchant.media.sandbox import try_sandbox
from penchant.operations.data_folder import hold_data_folder, refuse_half_restored, say_address
from penchant.operations.machine_checks import check_sandbox
from penchant.operations.processes import Child, Supervisor

_TICK_S = 0.1
_SERVER_AGAIN_S = 1.0
"""A database server that cannot start is not tried more often than this."""
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what an operator may ask for


def up(
    port: Annotated[int | None, typer.Option(help="port that the page is served on")] = None,
    data: Annotated[Path | None, typer.Option(help="folder that holds everything")] = None,
    host: Annotated[str | None, typer.Option(help="address that the page is served on")] = None,
    lan: Annotated[bool, typer.Option("--lan", help="HTTPS for phones on the same network, with a QR code")] = False,
    domain: Annotated[str | None, typer.Option(help="name of the site, behind a proxy on this machine")] = None,
) -> None:
    """Start everything: database, web, worker and taste, until Ctrl-C."""
    with plain_errors():
        settings = read_settings(port=port, data=data, host=host)
        if lan and domain:
            raise SettingWrong("--lan is for phones nearby, --domain for a site behind a proxy: choose one of them")
        if domain:
            settings = behind_proxy(settings, domain)
        # Before anything is started: a web process that cannot start would be started again and again.
        Plans(load_experiments(settings.experiments))
        local = LocalNetwork(settings) if lan else None
        Installation(local.settings if local else settings, local).run()


@dataclass(frozen=True)
class Front:
    """One way in: a listening socket, which outlives web processes that are started again, and what serves it."""

    name: str
    settings: Settings
    listener: socket.socket


class Installation:
    """One running installation: the database server, the processes around it, and their end."""

    def __init__(self, settings: Settings, local: LocalNetwork | None = None) -> None:
        self._settings = settings
        self._local = local
        self._home: embedded_postgres.PostgresHome | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._server_due_at = 0.0
        self._supervisor = Supervisor(say=lambda words: errors.print(f"[yellow]•[/] {words}", soft_wrap=True))
        self._ending = False

    def run(self) -> None:
        """Start, keep alive, end.

        Raises:
            SettingWrong: the folder is in use, or the port is taken.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        data = self._settings.data
        lock = hold_data_folder(data)
        refuse_half_restored(data)
        console.print(f"[bold]Penchant[/] {penchant.__version__}")
        try:
            fronts = [Front("web", self._settings, _listen(self._settings))]
            if self._local is not None:
                fronts.append(Front("web-plain", self._local.plain, _listen(self._local.plain)))
                self._local.prepare()
            url = self._start_database()
            with _step("bringing the database up to date"):
                engine = make_engine(url)
                migrate(engine)
                engine.dispose()
            self._start_processes(url, fronts)
            self._wait_for_page(fronts)
            say_address(lock, self._welcome(url))
            _warn_of_sandbox(self._settings)
            self._start_demo(url)
            while not self._ending:
                self._tick()
                time.sleep(_TICK_S)
        except _Ended:
            pass
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self._stop()
            lock.close()

    def _start_database(self) -> str:
        if self._settings.database_url:
            return self._settings.database_url
        with _step("starting the database"):
            self._home = embedded_postgres.locate(self._settings.data)
            embedded_postgres.prepare(self._home, _note)
            self._server = embedded_postgres.start(self._home)
            embedded_postgres.wait_until_ready(self._home, self._server, _note)
        return self._home.url

    def _start_demo(self, url: str) -> None:
        """Fill an empty installation, or go on with a demo that was interrupted; below everything else in priority."""
        if not self._settings.demo:
            return
        cell = build(self._settings, database_url=url)
        try:
            with cell.engine.connect() as connection:
                made, videos = catalog.count_demo(connection), catalog.count_videos(connection)
            wanted = not demo.is_declined(cell) and made < demo.WANTED and (made > 0 or videos == 0)
        finally:
            cell.close()
        if wanted:
            command = [sys.executable, "-m", "penchant", "demo", "--plain"]
            log = self._settings.data / "logs" / "demo.log"
            child = Child("demo", command, log, self._environment(url), keep_alive=False, on_line=_DemoLine())
            self._supervisor.add(child)

    def _environment(self, url: str) -> dict[str, str]:
        """What every process of this installation gets."""
        own = {**os.environ, **as_environment(self._settings), "PENCHANT_DATABASE_URL": url}
        # Several processes on few cores: one thread each for linear algebra.
        return own | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}

    def _start_processes(self, url: str, fronts: Sequence[Front]) -> None:
        environment = self._environment(url)
        logs = self._settings.data / "logs"
        program = [sys.executable, "-m", "penchant"]
        for front in fronts:
            descriptor = front.listener.fileno()
            own = environment | {"PENCHANT_LISTEN_FD": str(descriptor)}
            if front.settings.tls_certificate is None:
                own = {name: value for name, value in own.items() if not name.startswith("PENCHANT_TLS_")}
            for number in range(1, self._settings.web_workers + 1):
                name = front.name if self._settings.web_workers == 1 else f"{front.name}-{number}"
                log = logs / f"{name}.log"
                self._supervisor.add(Child(name, [*program, "web"], log, own, pass_fds=(descriptor,)))
        for name in ("worker", "taste"):
            self._supervisor.add(Child(name, [*program, name], logs / f"{name}.log", environment))

    def _wait_for_page(self, fronts: Sequence[Front]) -> None:
        with _step("starting the page"):
            for front in fronts:
                self._wait_for_front(front.settings)

    def _wait_for_front(self, settings: Settings) -> None:
        host = "127.0.0.1" if settings.host in _EVERYWHERE else settings.host
        where = f"{host}:{settings.port}/healthz"
        address = f"https://{where}" if settings.tls_certificate else f"http://{where}"
        deadline = time.monotonic() + 60
        while not self._ending:
            self._tick()
            try:
                with urllib.request.urlopen(address, timeout=1, context=_any_certificate()):  # noqa: S310 - our own
                    return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"the page does not answer after 60 s; see {self._settings.data / 'logs'}"
                    ) from None
            time.sleep(0.05)
        raise _Ended

    def _welcome(self, url: str) -> str:
        """Say where to go; returns the address for links."""
        cell = build(self._settings, database_url=url)
        admin = cell.accounts.make_account("admin", "Admin", "admin")
        token, _ = cell.accounts.make_link(admin, "sign_in")
        cell.close()
        settings = self._settings
        console.print()
        if self._local is not None:
            self._local.show(token)
            console.print("  Ctrl-C ends everything.")
            console.print()
            return self._local.here
        inside = f"{'https' if settings.tls_certificate else 'http'}://{settings.host}:{settings.port}"
        address = settings.public_url or inside
        console.print(f"  Open    [bold cyan]{address}[/]", soft_wrap=True)
        console.print(f"  Admin   [cyan]{address}/sign-in#token={token}[/]  (works once, for 24 hours)", soft_wrap=True)
        if address != inside:
            console.print(f"  Proxy   forwards to [cyan]{inside}[/]", soft_wrap=True)
        console.print(f"  Data    {settings.data}")
        console.print("  Ctrl-C ends everything.")
        console.print()
        return address

    def _tick(self) -> None:
        server, now = self._server, time.monotonic()
        if server is not None and self._home is not None and server.poll() is not None and now >= self._server_due_at:
            errors.print("[yellow]•[/] the database server ended; starting it again", soft_wrap=True)
            embedded_postgres.stop_left_behind(self._home, _note)
            self._server = embedded_postgres.start(self._home)
            # Nobody waits for it here: it may die again while it recovers, and so may the others meanwhile.
            self._server_due_at = now + _SERVER_AGAIN_S
        if self._local is not None and self._local.changed():
            errors.print("[yellow]•[/] the addresses of this computer changed, or its certificate was about to end")
            self._local.show_way_in()
            for child in self._supervisor.children:
                if child.process is not None and "PENCHANT_TLS_CERTIFICATE" in child.environment:
                    child.process.terminate()
        self._supervisor.tick()

    def _end(self, number: int, frame: FrameType | None) -> None:
        if self._ending:
            return
        self._ending = True
        raise _Ended

    def _stop(self) -> None:
        console.print("ending …")
        self._supervisor.stop()
        if self._server is not None:
            embedded_postgres.stop(self._server)
        console.print("everything has ended; nothing acknowledged is lost")


class _DemoLine:
    """The line "demo: N of 240": rewritten in place on a terminal, now and then elsewhere."""

    def __call__(self, line: str) -> None:
        made = line.removeprefix("demo: ").partition(" ")[0]
        if console.is_terminal:
            console.file.write(f"\r  {line} ")
            console.file.flush()
        elif made.isdigit() and int(made) % 24 == 0:
            console.print(f"  {line}")


class _Ended(Exception):
    """Ctrl-C or SIGTERM arrived while something was under way."""


class _step:
    """Say what is going on while it takes more than a moment, and how long it took."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._status = console.status(f"{self._words} …")
        self._status.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._status.__exit__(None, None, None)
        if kind is None:
            console.print(f"  [green]✓[/] {self._words} [dim]({time.monotonic() - self._began:.1f} s)[/]")


def _warn_of_sandbox(settings: Settings) -> None:
    """Say it now, not at the first upload, where this machine does not give the media program its whole sandbox."""
    found = check_sandbox(*try_sandbox(), strict=settings.media_sandbox == "strict")
    if found.state != "good":
        errors.print(f"[yellow]![/] {found.text}\n  [cyan]→ {found.mend}[/]")


def _note(words: str) -> None:
    console.print(f"  [dim]{words}[/]")


def _any_certificate() -> ssl.SSLContext:
    """We only ask ourselves whether we answer; whose certificate it is does not matter to that."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _listen(settings: Settings) -> socket.socket:
    """The listening socket, which outlives web processes that are started again."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise SettingWrong(
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}); "
            f"end what holds it, or choose another: penchant up --port {settings.port + 1}"
        ) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener
