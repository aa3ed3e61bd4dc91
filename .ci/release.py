"""Whether a release can be cut, and the address of the repository in every file that names it.

    python .ci/release.py check [TAG]       fails and lists what is missing (make release-check)
    python .ci/release.py address URL       writes the address everywhere (make address URL=...)
    python .ci/release.py site URL          writes the address of the site (make address SITE=...)

It needs the standard library only. The address is a setting in pyproject.toml; other files repeat
it, because GitHub and readers need it there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PLACEHOLDER = "OWNER"
"""The account in the address, until the project has a repository."""

ADDRESS = re.compile(r"https://github\.com/([\w.-]+)/(unet-trace)\b")
ACTION = re.compile(r"(?<=uses: )([\w.-]+)/(unet-trace)(?=@)")
SITE = re.compile(r"https?://[\w.:-]+(/[\w.~/-]*)?")
SITE_SETTING = re.compile(r'^site = ".*"$', re.MULTILINE)
NAMING_FILES = (
    *("pyproject.toml", "README.md", "CITATION.cff", "SECURITY.md"),
    *(".github/ISSUE_TEMPLATE/config.yml", "docs/en/install.md", "docs/ko/install.md"),
    *("docs/en/guide/tests.md", "docs/ko/guide/tests.md"),
)
"""The files that name the address of the repository."""


def main(words: list[str], root: Path) -> int:
    """Run one of the commands."""
    match words:
        case ["address", url]:
            write_address(root, url)
            return 0
        case ["site", url]:
            write_site(root, url)
            return 0
        case ["check"] | ["check", _]:
            found = [*problems(root), *tag_problems(root, words[1:])]
            sys.stderr.writelines(f"Not ready for a release: {problem}\n" for problem in found)
            return 1 if found else 0
    sys.stderr.write(__doc__ or "")
    return 2


def problems(root: Path) -> Iterator[str]:
    """Yield what keeps the files of the project from being released, one sentence each."""
    repository, version = setting(root), version_of(root)
    if owner_of(repository) == PLACEHOLDER:
        yield (
            f"the address of the repository in pyproject.toml is the placeholder {repository}. "
            "Set it with `make address URL=https://github.com/<account>/unet-trace`."
        )
    for name in NAMING_FILES:
        text = read(root, name)
        owners = {match[1] for pattern in (ADDRESS, ACTION) for match in pattern.finditer(text)}
        for owner in sorted(owners - {owner_of(repository)}):
            yield f"{name} names the account {owner}, not that of pyproject.toml: `make address`."
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield f"{version} in pyproject.toml is no version of a release, such as 0.1.0."
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    if not re.search(heading, read(root, "CHANGELOG.md"), re.MULTILINE):
        yield f'CHANGELOG.md has no section "## [{version}] - YYYY-MM-DD".'
    if f"\nversion: {version}\n" not in read(root, "CITATION.cff"):
        yield f'CITATION.cff has no line "version: {version}".'


def tag_problems(root: Path, tags: list[str]) -> Iterator[str]:
    """Yield what is wrong with the tag, if one is given, and with files that are not committed."""
    for tag in tags:
        if tag != f"v{version_of(root)}":
            yield f"the tag {tag} is not v{version_of(root)}, the version of pyproject.toml."
    words = ["git", "-C", str(root), "status", "--porcelain"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        yield "files are not committed: `git status` lists them."


def write_address(root: Path, url: str) -> None:
    """Write the address of the repository into every file that names it."""
    match = ADDRESS.fullmatch(url.removesuffix(".git").rstrip("/"))
    if match is None:
        sys.exit(f"{url} is not an address such as https://github.com/account/unet-trace.")
    for name in NAMING_FILES:
        path = root / name
        text = path.read_text(encoding="utf-8")
        text = ADDRESS.sub(match[0], text)
        path.write_text(ACTION.sub(rf"{match[1]}/\2", text), encoding="utf-8")


def write_site(root: Path, url: str) -> None:
    """Write the address at which the site is published into pyproject.toml."""
    if not SITE.fullmatch(url):
        sys.exit(f"{url} is not an address such as https://example.org/unet-trace.")
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    line = f'site = "{url.rstrip("/")}"'
    path.write_text(SITE_SETTING.sub(lambda _: line, text), encoding="utf-8")


def setting(root: Path) -> str:
    """Return the address of the repository, the one setting."""
    config = tomllib.loads(read(root, "pyproject.toml"))
    return str(config["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"])


def owner_of(repository: str) -> str:
    """Return the account in an address."""
    match = ADDRESS.match(repository)
    return match[1] if match else ""


def version_of(root: Path) -> str:
    """Return the version of the distribution."""
    return str(tomllib.loads(read(root, "pyproject.toml"))["project"]["version"])


def read(root: Path, name: str) -> str:
    """Return the text of a file of the project."""
    return (root / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[1]))
