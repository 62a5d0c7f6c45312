"""A Debian of another release or for another processor, unpacked in a folder, and Debian's sources.

Programs run in such a folder with this checkout in sight. It needs root, `debootstrap`, and `unshare`, which is part of
every Debian. What is mounted for a program goes with it.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from collections.abc import Sequence

from tests.systems.target import HOME, ROOT

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Mounts are this process' own. The roots are the machine's: the registry that pip asks may be behind one of its own.
# A worktree's repository is elsewhere, and a test asks git; so is `.components`, where a worktree has a link to it.
_ENTER = """
set -e; root=$1; here=$2; shift 2
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
repository=$(git -C "$here" rev-parse --path-format=absolute --git-common-dir 2>/dev/null || echo "$here")
for seen in /etc/ssl/certs "$here" "$repository" "$(realpath "$here/.components")"; do
  mkdir -p "$root$seen"
  mount --bind "$seen" "$root$seen"
done
exec chroot "$root" "$@"
"""


def unpacked(suite: str, *packages: str) -> pathlib.Path:
    """Return the folder with this release and these packages, which are unpacked and set up first if need be."""
    root = HOME / suite
    if not _is_there(root, packages):
        _debootstrap(root, suite, *packages)
        _note(root, packages)
    return root


def unpacked_for(processor: str, suite: str, *packages: str) -> pathlib.Path:
    """Return the folder with these packages for another processor: unpacked, but without their own set-up."""
    root = HOME / processor
    if not _is_there(root, packages):
        _debootstrap(root, suite, *packages, options=("--foreign", f"--arch={processor}"))
        for package in sorted((root / "var/cache/apt/archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
            package.unlink()
        _note(root, packages)
    return root


def inside(root: pathlib.Path, *command: str, emulator: Sequence[str] = ()) -> list[str]:
    """Return the command that runs this one in the folder, and there in the checkout."""
    own_mounts = ("unshare", "--mount", "--propagation", "private")
    enter = (*own_mounts, "sh", "-c", _ENTER, "sh", str(root), str(ROOT))
    return [*enter, *emulator, "/usr/bin/env", f"--chdir={ROOT}", *emulator, *command]


def source(suite: str, package: str) -> pathlib.Path:
    """Return the folder with the sources of this package in Debian's release, without Debian's changes to them."""
    home = HOME / "sources" / suite
    folder = home / package
    if not folder.exists():
        _download(home, suite, package)
        (archive,) = (file for file in home.glob(f"{package}_*.orig.tar.*") if file.suffix != ".asc")
        shutil.rmtree(home / "new", ignore_errors=True)
        (home / "new").mkdir()
        subprocess.run(["tar", "-xf", archive, "-C", home / "new", "--strip-components=1"], check=True)
        (home / "new").rename(folder)
    return folder


def _download(home: pathlib.Path, suite: str, package: str) -> None:
    for part in "lists/partial", "archives/partial":
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "sources.list").write_text(f"deb-src [signed-by={KEYS}] {_mirror()} {suite} main\n", "utf-8")
    places = {
        "Dir::Etc::SourceList": home / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": home / "lists",
        "Dir::Cache::Archives": home / "archives",
        "APT::Sandbox::User": "root",  # it cannot write here as another
    }
    options = [word for place, value in places.items() for word in ("-o", f"{place}={value}")]
    subprocess.run(["apt-get", *options, "-qq", "update"], check=True)
    # Checked by apt, by the release's signed list; `tar` alone is needed for the rest, and not dpkg-dev.
    subprocess.run(["apt-get", *options, "-qq", "source", "--download-only", package], cwd=home, check=True)


def _debootstrap(root: pathlib.Path, suite: str, *packages: str, options: Sequence[str] = ()) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    chosen = [*options, "--variant=minbase", f"--include={','.join(packages)}"]
    subprocess.run(["debootstrap", *chosen, suite, root, _mirror()], check=True, stdout=subprocess.DEVNULL)


def _mirror() -> str:
    """Return where this machine gets Debian's packages from."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Created-By: Packages"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]


def _is_there(root: pathlib.Path, packages: Sequence[str]) -> bool:
    marker = root / "packages"
    return marker.exists() and marker.read_text("utf-8").split() == list(packages)


def _note(root: pathlib.Path, packages: Sequence[str]) -> None:
    (root / "packages").write_text("\n".join(packages), "utf-8")
