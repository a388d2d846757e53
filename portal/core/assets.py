"""Styles, scripts, icons and fonts: gathered from our files and from packages, hashed, compressed, served.

`python -m portal.core.assets` builds them into `portal/static/build/`, which is not committed;
`install` builds what is missing, so that nothing has to be remembered.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import brotli
from flask import Flask
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from whitenoise import WhiteNoise

SOURCE = Path(__file__).parent.parent / "static"
BUILD = SOURCE / "build"
MANIFEST = "manifest.json"
YEAR = 31_536_000
COMPRESSED = {".css", ".js", ".svg", ".txt"}

LATIN = "U+0000-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212"
LATIN_EXT = "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1EFF,U+20A0-20AB,U+20AD-20C0"
# target name: (package, file, characters); the weights are cut to those that theme.css uses.
FONTS = {
    "source-sans-3-latin": ("fontpkg_source_sans_3", "SourceSans3[wght].ttf", LATIN),
    "source-sans-3-latin-ext": ("fontpkg_source_sans_3", "SourceSans3[wght].ttf", LATIN_EXT),
    "source-sans-3-latin-italic": ("fontpkg_source_sans_3", "SourceSans3-Italic[wght].ttf", LATIN),
    "source-serif-4-latin": ("fontpkg_source_serif_4", "SourceSerif4[opsz,wght].ttf", LATIN),
    "source-serif-4-latin-italic": ("fontpkg_source_serif_4", "SourceSerif4-Italic[opsz,wght].ttf", LATIN),
}
BOOTSTRAP = "static/bootstrap5/css/bootstrap.min.css"


def build(target: Path = BUILD) -> dict[str, str]:
    """Build everything into `target` and return the manifest: plain name -> hashed name.

    Fonts are cut only when they are not there yet: that takes a few seconds.
    """
    fonts = target / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font, (package, source, characters) in FONTS.items():
        made = fonts / f"{font}.woff2"
        if not made.exists():
            made.write_bytes(_cut(_package(package) / "files" / source, characters))
        shutil.copyfile(
            _package(package) / "LICENSE", fonts / f"{package.removeprefix('fontpkg_')}-licence.txt"
        )
    manifest: dict[str, str] = {}
    for name in FONTS:
        file = f"fonts/{name}.woff2"
        manifest[file] = _publish(target, file, (target / file).read_bytes())
    for name, content in _texts():
        for plain, hashed in manifest.items():
            content = content.replace(f'"{plain}"', f'"{hashed}"')
        manifest[name] = _publish(target, name, content.encode())
    _forget_former(target, set(manifest.values()))
    (target / MANIFEST).write_text(json.dumps({**manifest, "": _stamp()}, indent=1), encoding="utf-8")
    return manifest


def install(app: Flask) -> None:
    """Serve the built files at `/static/`, for a year where the name has its hash; give `static_url`."""
    manifest = _manifest()

    def static_url(path: str) -> str:
        return f"/static/{manifest[path]}"

    app.jinja_env.globals["static_url"] = static_url
    served = WhiteNoise(app.wsgi_app, max_age=3600, allow_all_origins=False, add_headers_function=_harden)
    served.immutable_file_test = lambda _path, url: re.search(r"\.[0-9a-f]{12}\.", url) is not None
    served.add_files(str(BUILD), prefix="static/")
    app.wsgi_app = served  # type: ignore[method-assign]


def _harden(headers: object, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]
    headers["Cross-Origin-Resource-Policy"] = "same-origin"  # type: ignore[index]


def _manifest() -> dict[str, str]:
    path = BUILD / MANIFEST
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        if found.pop("", "") == _stamp():
            return found
    return build()


def _texts() -> Iterator[tuple[str, str]]:
    bootstrap = (_package("flask_bootstrap") / BOOTSTRAP).read_text(encoding="utf-8")
    bootstrap = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", bootstrap)
    theme = (SOURCE / "theme.css").read_text(encoding="utf-8")
    yield "site.css", f"{bootstrap}\n{theme}"
    for picture in ("icons.svg", "icon.svg"):
        yield picture, (SOURCE / picture).read_text(encoding="utf-8")
    for script in sorted((SOURCE / "js").glob("*.js")):
        yield f"js/{script.name}", script.read_text(encoding="utf-8")


def _stamp() -> str:
    """Changes with any of our files and with this one."""
    files = [*SOURCE.glob("*.*"), *(SOURCE / "js").glob("*.js"), Path(__file__)]
    content = b"".join(path.read_bytes() for path in sorted(files) if path.is_file())
    return hashlib.sha256(content).hexdigest()[:16]


def _forget_former(target: Path, kept: set[str]) -> None:
    for path in target.rglob("*"):
        name = path.relative_to(target).as_posix().removesuffix(".gz").removesuffix(".br")
        if path.is_file() and re.search(r"\.[0-9a-f]{12}\.", name) and name not in kept:
            path.unlink()


def _publish(target: Path, name: str, content: bytes) -> str:
    """Write `content` under a name with its hash, with compressed twins; returns that name."""
    stem, _dot, ending = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    path = target / hashed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix in COMPRESSED:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        path.with_name(f"{path.name}.br").write_bytes(brotli.compress(content))
    return hashed


def _cut(path: Path, characters: str) -> bytes:
    """The font with these characters and the weights 400 to 700 alone, as woff2."""
    font = TTFont(path)
    options = subset.Options(layout_features=["kern", "liga", "lnum", "tnum", "ccmp", "locl", "mark"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(characters.replace("U+", "")))
    cutter.subset(font)
    whole = io.BytesIO()
    font.save(whole)
    font = TTFont(io.BytesIO(whole.getvalue()))
    limits: dict[str, object] = {"wght": (400, 700)}
    if any(axis.axisTag == "opsz" for axis in font["fvar"].axes):
        limits["opsz"] = 14
    font = instancer.instantiateVariableFont(font, limits)
    font.flavor = "woff2"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise RuntimeError(f"the package {name} is not installed; run make setup")
    return Path(found.origin).parent


if __name__ == "__main__":
    build()
