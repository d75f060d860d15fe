# SPDX-License-Identifier: GPL-2.0-or-later
"""serve.py FILE PORT-FILE: FILE as OpenMetrics by HTTP, on a port of 127.0.0.1 that is written to PORT-FILE."""
import http.server
import os
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "rb") as file:
            text = file.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[2] + ".new", "w") as file:
    print(server.server_port, file=file)
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
