"""Small dictionaries in the form of dictd, as FreeDict's are installed."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

SMALL = {
    "eng-fra": {
        "warehouse": "warehouse /wɛəhaus/\nhangar\n",
        "waste": "waste /weist/\n1. gaspiller, dissiper\n2. déchet\n",
        "custom": "custom /kʌstəm/\ncoutume, habitude (ancienne)\n",
        "customs": "customs /kʌstəmz/\ndouane\n",
        "sauna": "sauna\nsauna\n",
    },
    "fra-eng": {
        "déchet": "déchet /de.ʃɛ/ <n, masc>\nwaste\n",
        "laboratoire": "laboratoire /labɔʀatwaʀ/ <n, masc>\nlaboratory\n",
        "en retard": "en retard /ɑ̃ʀətaʀ/\nlate\n",
    },
    "eng-spa": {"waste": "waste\ndesechos\n"},
    "spa-eng": {"mujer": "mujer /muxˈɛɾ/\nwoman, wife\n"},
    "fra-spa": {
        "déchet": "déchet /de.ʃɛ/ <n, masc>\nresiduo, desecho\nDébris devenu impropre à la consommation\n",
        "laboratoire": "laboratoire <n, masc>\nlaboratorio\n",
        "chaîne du froid": "chaîne du froid <n>\ncadena de frío\n",
        "une expression beaucoup trop longue": "une expression beaucoup trop longue\nlarga\n",
    },
}


def install(folder: Path, dictionaries: Mapping[str, Mapping[str, str]] = SMALL) -> Path:
    """Write the dictionaries into `folder` as Debian's packages do, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, entries in dictionaries.items():
        data, index = b"", []
        for headword, entry in {"00-database-info": "made for tests\n", **entries}.items():
            encoded = entry.encode()
            index.append(f"{headword}\t{_number(len(data))}\t{_number(len(encoded))}\n")
            data += encoded
        (folder / f"freedict-{name}.index").write_text("".join(index), encoding="utf-8")
        (folder / f"freedict-{name}.dict.dz").write_bytes(gzip.compress(data))
    return folder


def _number(value: int) -> str:
    digits = _DIGITS[value % 64]
    while value := value // 64:
        digits = _DIGITS[value % 64] + digits
    return digits
