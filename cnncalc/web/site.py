"""The live page as a folder of files that any file server hands out: Python runs in the browser, with Pyodide.

The runtime is the npm package `pyodide`, given as its archive, whose checksum is compared, or as an unpacked folder.
cnncalc and the two pure-Python packages that the page needs are taken from this installation.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Iterator, Set
from importlib.metadata import distribution

from cnncalc.bundled import bundled, specs_folder
from cnncalc.core.atomic_write import atomic_write
from cnncalc.core.problem import fail
from cnncalc.web.live import reply
from cnncalc.web.page import SCRIPTS, STYLES, page
from cnncalc.web.report import asset

VERSION = "314.0.7"
SHA512 = (
    "d18bd7c4485f11da4b7dbfd790cd8114078c44eab488c517d9bcf31fda4eb6dc"
    "8c716930abe1db139bb2b860fcd8b37bcb6abe48dbe2ffa579244b0e943d91d4"
)
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
BACKEND = "ask_browser.js"
LARGEST = 64 * 2**20  # bytes of an archive or of one of its files
# What the page never imports, as tests/test_imports.py compares: commands, pages of problems, code for other libraries.
APART = ("cli", "export", "problems", "schema", "vendor")
PACKAGES = {"yaml": "PyYAML", "latex2mathml": "latex2mathml"}
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval'; "
    "connect-src 'self'; worker-src 'self'; img-src data:"
)
GET = f"npm pack pyodide@{VERSION} writes pyodide-{VERSION}.tgz; then --pyodide pyodide-{VERSION}.tgz"


def site(pyodide: str, title: str, text: str) -> dict[str, bytes]:
    """Every file of the site by its path. `pyodide` is the archive of npm or a folder with what is in it."""
    files = {f"pyodide/{name}": data for name, data in _runtime(pyodide).items()}
    lock = json.loads(files["pyodide/pyodide-lock.json"])
    files["pyodide/pyodide-lock.json"] = json.dumps({**lock, "packages": {}}).encode()  # none of them is loaded
    files["cnncalc.zip"] = _packages()
    names = (*STYLES, *SCRIPTS, "vendor/codemirror.LICENSE.txt", BACKEND, "worker.js")
    files |= {name: asset(name).encode() for name in names}
    files["index.html"] = page(title, BACKEND, bundled(), text, reply({"text": text}), POLICY).encode()
    whole = hashlib.sha256(b"".join(files[name] for name in sorted(files))).hexdigest()
    kept = json.dumps(["./", *sorted(files)])
    script = asset("offline.js").replace("@VERSION@", f"cnncalc-{whole[:16]}").replace('["@FILES@"]', kept)
    files["offline.js"] = script.encode()
    return files


def write(folder: str, files: dict[str, bytes]) -> None:
    """Put the files into a folder, which is made where there is none."""
    try:
        for name in files:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
    except OSError as error:
        fail("cannot-save", f'the folder "{folder}" cannot be made: {error.strerror}')
    for name, data in files.items():
        with atomic_write(os.path.join(folder, name)) as out:
            out.write(data)


def _runtime(place: str) -> dict[str, bytes]:
    """The runtime's files."""
    try:
        return _unpacked(place) if os.path.isdir(place) else _archive(place)
    except OSError as error:
        fail("file-unreadable", f'"{place}" cannot be read: {error.strerror}', help=GET)


def _unpacked(place: str) -> dict[str, bytes]:
    folder = os.path.join(place, "package") if os.path.isdir(os.path.join(place, "package")) else place
    absent = [name for name in RUNTIME if not os.path.isfile(os.path.join(folder, name))]
    if absent:
        fail("file-unreadable", f'"{place}" has no {", ".join(absent)}: it is no package of Pyodide', help=GET)
    found = {}
    for name in RUNTIME:
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = file.read(LARGEST)
    return found


def _archive(place: str) -> dict[str, bytes]:
    with open(place, "rb") as file:
        data = file.read(LARGEST)
    if hashlib.sha512(data).hexdigest() != SHA512:
        fail("file-unreadable", f'"{place}" is not the archive of Pyodide {VERSION}: its checksum differs', help=GET)
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for name in RUNTIME:
            member = archive.extractfile(f"package/{name}")
            assert member is not None
            found[name] = member.read(LARGEST)
    return found


def _packages() -> bytes:
    """cnncalc, its specs, and what it imports in the page: modules as text, with licences."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, path in sorted(_files()):
            with open(path, "rb") as file:
                out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), file.read(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _files() -> Iterator[tuple[str, str]]:
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield from _below(here, "cnncalc", {"specs", *APART})
    yield from _below(specs_folder(), "cnncalc/specs")
    for module, package in PACKAGES.items():
        home = distribution(package)
        for file in home.files or ():
            kind = ".dist-info/" in str(file) and file.name in ("METADATA", "LICENSE", "LICENSE.txt")
            if kind or (file.parts[0] == module and file.suffix in (".py", ".txt")):
                yield "/".join(file.parts), str(file.locate())


def _below(folder: str, name: str, without: Set[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for above, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one not in ("__pycache__", *without)]
        for file in files:
            if not file.endswith((".pyc", ".so", ".pyd", ".js", ".css")):
                path = os.path.join(above, file)
                yield f"{name}/{os.path.relpath(path, folder)}".replace(os.sep, "/"), path
