#!/bin/sh
# Guess: SSLObject.read raises SSLZeroReturnError once the peer has closed TLS (close_notify): the exception is for that.
# Behaviour: after a close_notify it returns b"", and so at each call after that. Without a close_notify, at the end of the
#   bytes alone, it raises SSLEOFError.
# Seen on 2026-11-28 with the versions below, and CPython 3.11 with OpenSSL 3.0.
# It means: a loop over SSLObject.read that waits for the exception never ends; b"" is the clean end, SSLEOFError the other.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check trustme==1.2.1 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'EOF'
import ssl, trustme

def said(operation):
    try:
        return repr(operation())
    except ssl.SSLError as error:
        return type(error).__name__

def connected():
    authority, server, client = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("a.test").configure_cert(server)
    authority.configure_trust(client)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours, theirs = client.wrap_bio(down, up, server_hostname="a.test"), server.wrap_bio(up, down, server_side=True)
    done = set()
    while len(done) < 2:
        for end in (ours, theirs):
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                pass
    said(ours.read)  # session tickets
    return ours, theirs, down

ours, theirs, down = connected()
said(theirs.unwrap)  # sends close_notify
print("after close_notify: read", said(ours.read), "and again", said(ours.read))
ours, theirs, down = connected()
down.write_eof()
print("without it: read", said(ours.read))
EOF
venv/bin/python find.py >seen

echo "One would guess: SSLZeroReturnError after a close_notify."
echo "What happens (trustme 1.2.1 makes the certificates):"
cat seen
cat >expected <<'EOF'
after close_notify: read b'' and again b''
without it: read SSLEOFError
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
