"""Print, as shell exports, the uv settings that say what pip is configured to do: registry, certificates, proxy.

Many machines have only pip configured. What uv's own variables already say is left alone. Standard library only: this
runs before anything is installed, with the Python whose pip is asked.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys

# pip's option -> the variables that mean the same to uv (the first is set; any of them counts as set already),
# and what separates several values there.
UV_VARIABLES: dict[str, tuple[tuple[str, ...], str]] = {
    "index-url": (("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    "extra-index-url": (("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    "find-links": (("UV_FIND_LINKS",), ","),
    "no-index": (("UV_NO_INDEX",), " "),
    "trusted-host": (("UV_INSECURE_HOST",), " "),
    "cert": (("SSL_CERT_FILE",), " "),
    "timeout": (("UV_HTTP_TIMEOUT",), " "),
    "proxy": (("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy"), " "),
}

# A later one wins, as in pip.
SECTIONS = ("global", "install", ":env:")


def parse_pip_config(listing: str) -> dict[str, str]:
    """Return option -> value from the output of `pip config list`, the strongest section winning."""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listing.splitlines():
        key, separator, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if separator and section in found:
            found[section][option] = str(ast.literal_eval(value))
    merged: dict[str, str] = {}
    for section in SECTIONS:
        merged.update(found[section])
    return merged


def uv_settings(pip: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """Return the variables to set for uv, given pip's options and what the environment has already."""
    settings: dict[str, str] = {}
    for option, (names, separator) in UV_VARIABLES.items():
        value = separator.join(pip.get(option, "").split())
        if value and not any(environment.get(name) for name in names):
            settings[names[0]] = value
    if settings.get("UV_NO_INDEX", "").lower() in {"0", "no", "off", "false"}:
        del settings["UV_NO_INDEX"]
    # pip takes the best file from all its registries; uv by default stops at the first that knows the name.
    # What may be taken is fixed by the hashes either way.
    if "UV_INDEX" in settings and not environment.get("UV_INDEX_STRATEGY"):
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return settings


def main() -> None:
    """Ask this Python's pip for its configuration and print the exports."""
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    for name, value in uv_settings(parse_pip_config(answer.stdout), dict(os.environ)).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
