"""A log of files: what a validator serves under C2SP tlog-tiles, made from entries and served from memory."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, make_signer
from litopys.tlog.bundles import format_bundle
from litopys.tlog.hashing import leaf_hash
from litopys.tlog.tiles import TILE_WIDTH, TilePath, bundles_for_size, format_tile_path, tile_width
from litopys.tlog.tree import TreeEdge

Files = Mapping[str, bytes]


def make_files(entries: Sequence[bytes]) -> tuple[dict[str, bytes], bytes]:
    """All tiles and entry bundles of a tree by their paths, and the tree's root."""
    edge = TreeEdge()
    files = {
        format_tile_path(TilePath(tile.level, tile.index, _width(tile.level, tile.index, len(entries)))): tile.hashes
        for tile in edge.append([leaf_hash(entry) for entry in entries])
    }
    for path in bundles_for_size(len(entries)):
        start = path.index * TILE_WIDTH
        files[format_tile_path(path)] = format_bundle(entries[start : start + path.width])
    return files, edge.root()


def _width(level: int, index: int, size: int) -> int:
    return tile_width(level=level, index=index, size=size)


def make_checkpoint(checkpoint: Checkpoint, seeds: Mapping[str, bytes], *, timestamp_s: int) -> bytes:
    """A checkpoint signed by the log and cosigned by every validator whose seed is given, by name of key."""
    body = format_checkpoint(checkpoint)
    lines = [sign_text(make_signer(checkpoint.origin, ED25519, seeds[checkpoint.origin]), body)]
    for name, seed in seeds.items():
        if name.startswith(f"{checkpoint.origin}/validator/"):
            lines.append(cosign(make_signer(name, ED25519_COSIGNATURE, seed), body, timestamp_s))
    return format_note(Note(body, tuple(lines)))


def read_seeds(text: str) -> dict[str, bytes]:
    """The seeds in `keys.json` of the vectors, by name of key."""
    return {name: bytes.fromhex(key["seed"]) for name, key in json.loads(text).items()}


@contextmanager
def serve(files: Files) -> Iterator[str]:
    """Serve files on a free port of this machine, 404 for all else; yields the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one write, or each answer waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            content = files.get(self.path.removeprefix("/"))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
