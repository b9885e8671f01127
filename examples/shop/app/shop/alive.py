"""`python -m shop.alive PORT`: whether the server on this port says that it is well. For healthchecks: it is run again and again while the
server comes up, so it imports next to nothing."""

import socket
import sys

if __name__ == "__main__":
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as server:
        server.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        sys.exit(server.recv(64).split()[1:2] != [b"200"])
