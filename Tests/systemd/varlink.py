"""A Varlink client as small as the protocol: JSON objects, each ended by a NUL byte, over a Unix socket."""
import json
import socket


class Client:
    """One connection. Replies come in the order of the calls."""

    def __init__(self, path, timeout=15):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.received = b""

    def send(self, method, more=False, **parameters):
        call = {"method": method, "parameters": parameters}
        if more:
            call["more"] = True
        self.socket.sendall(json.dumps(call).encode() + b"\0")

    def receive(self):
        """The next reply; None when the daemon has closed the connection."""
        while b"\0" not in self.received:
            chunk = self.socket.recv(65536)
            if not chunk:
                return None
            self.received += chunk
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.send(method, **parameters)
        return self.receive()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
