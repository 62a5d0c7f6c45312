"""A TLS 1.3 server whose records are written by hand: what no library would send, a hostile peer may.

OpenSSL does the handshake and tells the secrets, as it does for a key log; from then on the records are ours
(RFC 8446, sections 5.2, 7.2 and 7.3).
"""

from __future__ import annotations

import hashlib
import hmac
import pathlib
import socket
import ssl
import tempfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from wsconn.lab import Fault
from wsconn.lab._fault import Handshake, Serve
from wsconn.lab._identity import Identity

HANDSHAKE, DATA = 22, 23  # content types
# NewSessionTicket: lifetime, age_add, an empty nonce, a ticket of one byte, no extensions.
TICKET = b"\x04\x00\x00\x0e" + bytes([0, 0, 28, 32]) + bytes(4) + b"\x00" + b"\x00\x01t" + b"\x00\x00"
KEY_UPDATE, KEY_UPDATE_REQUESTED = b"\x18\x00\x00\x01\x00", b"\x18\x00\x00\x01\x01"


class Records:
    """What a server sends once the handshake is over, record by record."""

    def __init__(self, sock: socket.socket, identity: Identity) -> None:
        self._sock = sock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        identity._certificate(Handshake.RIGHT).configure_cert(context)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0  # so that the first record with these keys is ours
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory, "keys")
            context.keylog_filename = str(log)
            self._incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._ends = context.wrap_bio(self._incoming, outgoing, server_side=True)
            self._shake_hands(outgoing)
            (secret,) = [line.split()[2] for line in log.read_text().splitlines() if "SERVER_TRAFFIC_SECRET_0" in line]
            context.keylog_filename = None  # closes it: Windows removes no file that is open
        suite = self._ends.cipher()
        assert suite is not None
        self._suite = suite[0]
        self._hash = "sha384" if self._suite.endswith("SHA384") else "sha256"
        self._use(bytes.fromhex(secret))

    def _shake_hands(self, outgoing: ssl.MemoryBIO) -> None:
        done = False
        while not done:
            try:
                self._ends.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            self._sock.sendall(outgoing.read())
            if not done:
                self._incoming.write(self._sock.recv(65536) or self._left())

    def _left(self) -> bytes:
        raise ConnectionAbortedError("the peer left")

    def read(self) -> bytes:
        """Return what the client says next."""
        while True:
            try:
                return self._ends.read(65536)
            except ssl.SSLWantReadError:
                self._incoming.write(self._sock.recv(65536) or self._left())

    def send(self, kind: int, content: bytes) -> None:
        """Send a record of this content type."""
        inner = content + bytes([kind])
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
        nonce = (self._iv ^ self._number).to_bytes(12)
        self._number += 1
        self._sock.sendall(header + self._cipher.encrypt(nonce, inner, header))

    def update_keys(self, message: bytes = KEY_UPDATE) -> None:
        """Send a KeyUpdate and use the next keys from then on."""
        self.send(HANDSHAKE, message)
        self._use(self._expand(self._secret, b"traffic upd", hashlib.new(self._hash).digest_size))

    def _use(self, secret: bytes) -> None:
        self._secret = secret
        key = self._expand(secret, b"key", 16 if "AES_128" in self._suite else 32)
        self._cipher = ChaCha20Poly1305(key) if "CHACHA20" in self._suite else AESGCM(key)
        self._iv = int.from_bytes(self._expand(secret, b"iv", 12))
        self._number = 0

    def _expand(self, secret: bytes, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label; no length here needs more than one round."""
        info = length.to_bytes(2) + bytes([6 + len(label)]) + b"tls13 " + label + b"\x00"
        return hmac.new(secret, info + b"\x01", self._hash).digest()[:length]


def by_hand(serve: Serve) -> Fault:
    """Make a fault for `wss` whose function does all by itself, the TLS too."""
    return Fault(
        name="by-hand", summary="A TLS server whose records are made up.", serve=serve, handshake=Handshake.NONE
    )
