"""What tests of pictures share: a server of pictures, and pictures made to order."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from PIL import Image, ImageDraw


def poster(seed: int = 1, *, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A picture with large shapes, another one for each seed."""
    drawn = Image.new("RGB", size, (250, 250, 245))
    pen = ImageDraw.Draw(drawn)
    for number in range(9):
        place = (seed * 7919 + number * 104729) % 997
        x, y = place * 13 % size[0], place * 29 % size[1]
        shade = (place * 37 % 230, place * 53 % 230, place * 71 % 230)
        pen.rectangle((x, y, x + 30 + place % 90, y + 20 + place * 3 % 80), fill=shade)
    return drawn


def written(picture: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


class Shelf:
    """Serves what lies under each path: bytes, a status, or where it leads to; and remembers what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | int | str] = {}
        self.asked: list[str] = []
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shelf.asked.append(self.path)
                found = shelf.files.get(self.path, 404)
                self.send_response(200 if isinstance(found, bytes) else 302 if isinstance(found, str) else found)
                if isinstance(found, str):
                    self.send_header("Location", found)
                body = found if isinstance(found, bytes) else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def __enter__(self) -> Shelf:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
