"""A server on this machine that can be made to fail in many ways."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves `files`, also under /moved/, behind a redirection.

    `cuts` are after how many bytes the next connections break; `asked`, the ranges asked for.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.files, self.cuts, self.asked = {}, [], []
        self.ranges, self.status, self.type = True, None, "application/octet-stream"
        self.before_answer = lambda: None

    def handle_error(self, *_):
        pass  # those who ask hang up in some tests


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, name, asked = self.server, self.path.rpartition("/")[2], self.headers["Range"]
        server.asked.append(asked)
        server.before_answer()
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", server.url + name)
            self.end_headers()
            return
        if server.status or name not in server.files:
            self.send_error(server.status or 404)
            return
        content, start = server.files[name], 0
        if asked and server.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", server.type)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else len(content)
        self.wfile.write(content[start : start + cut])

    def log_message(self, *_):
        pass
