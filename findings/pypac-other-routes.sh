#!/bin/sh
# Guess: pypac chooses the proxy that a browser chooses.
# Behaviour: it takes SOCKS for SOCKS 5 (Chromium: 4), knows no alternatives in shExpMatch ("(*.a.test|*.b.test)"), does
#   not tell capitals apart in shExpMatch and dnsDomainIs, gives "" and not null for a name that does not exist, and
#   weekdayRange("SAT") with one day alone is never true, on a Saturday neither.
# Seen on 2026-11-28 with the version below; Chromium 150 beside it, with --proxy-pac-url.
# It means: a program that goes through the wrong proxy, or through none, although it reads the same PAC as the browser, may
#   have pypac in it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check pypac==0.19.0 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'EOF'
from pypac.parser import PACFile, parse_pac_value

def chooses(expression):
    script = f"function FindProxyForURL(url, host) {{ return {expression}; }}"
    return PACFile(script).find_proxy_for_url("https://x.b.test/", "x.b.test")

days = " || ".join(f'weekdayRange("{day}")' for day in "MON TUE WED THU FRI SAT SUN".split())
print("SOCKS s.test:1080:", *parse_pac_value(chooses('"SOCKS s.test:1080"')))
for name, condition in {
    "a pattern with alternatives": 'shExpMatch(host, "(*.a.test|*.b.test)")',
    "ABC fits abc": 'shExpMatch("ABC", "abc")',
    "A.TEST ends in .test": 'dnsDomainIs("A.TEST", ".test")',
    "no such name is null": 'dnsResolve("nobody.invalid") === null',
    "today is one of seven days": days,
}.items():
    print(f"{name}:", chooses(f'{condition} ? "yes" : "no"'))
EOF
timeout 60 venv/bin/python find.py >seen 2>/dev/null

echo "One would guess, from Chromium: socks4://s.test:1080, yes, no, no, yes, yes."
echo "What happens (pypac 0.19.0):"
cat seen
cat >expected <<'EOF'
SOCKS s.test:1080: socks5://s.test:1080
a pattern with alternatives: no
ABC fits abc: yes
A.TEST ends in .test: yes
no such name is null: no
today is one of seven days: no
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
