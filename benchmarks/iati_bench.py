"""Importing a large IATI file: peak memory, and activities a second of worker time.

One figure a line. `BENCH_IATI_BYTES` changes the size of the file. One activity in fifty is about
trade facilitation, which is more than real files have; each of the others is refused with its reason.
A second file, of a tenth of the size, has programmes of trade facilitation alone, in three languages:
each of them goes through the workflow.
Each figure is of a process of its own: its time is processor time, its peak is the kernel's. The
same file with a hundredth of the activities is the baseline of the memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.demo import demo_world

ROOT = Path(__file__).parents[1]
SIZE = int(os.environ.get("BENCH_IATI_BYTES", "200000000"))
EVERY = 50
FASTEST, SMALLEST = 300, 200

IMPORT = """
import json, re, sys, time
from portal.app import create_app
from portal.config import Settings
from portal.core.db import Database
from portal.exchange.houses import writer_for
from portal.exchange.running import Order, run
from portal.organisations.queries import organisation_with_code
from pathlib import Path
folder, name = Path(sys.argv[1]), sys.argv[2]
settings = Settings(data=folder, database_url=f"sqlite:///{folder / 'bench.sqlite3'}", secret_key="bench",
                    base_url="http://127.0.0.1", mail_url="memory:", argon2_memory_kib=64)
database = Database(settings.database_url)
app = create_app(settings, database)
counts = {}
with app.app_context():
    with database.unit_of_work(write=False):
        house = organisation_with_code("WB")
        order = Order(writer_for(house.id), house, name, is_dry=sys.argv[3] == "dry")
    began = time.process_time()
    with (folder / name).open("rb") as source:
        run(database, source, order, lambda told: None, counts)
taken = time.process_time() - began
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"counts": counts, "seconds": taken, "megabytes": peak}))
"""

_TRANSACTION = """
  <transaction ref="{n}"><transaction-type code="3"/><transaction-date iso-date="2026-02-03"/>
   <value currency="USD" value-date="2026-02-03">{n}</value>
   <description><narrative>Disbursement {n} to the implementing agency</narrative></description>
   <receiver-org ref="XM-DAC-41112"><narrative>The implementing agency</narrative></receiver-org>
  </transaction>"""
_ENGLISH = "Support to the administrations for the measures of the plan. " * 8
_SPANISH = "Apoyo a las administraciones para las medidas del plan. " * 8
_FRENCH = "Appui aux administrations pour les mesures du plan. " * 8


def main() -> None:
    """Make the files, import them in processes of their own, and print what it took."""
    with demo_world() as (_app, _database, folder):
        _write(folder / "small.xml", SIZE // 100, "S")
        size = _write(folder / "large.xml", SIZE, "L")
        customs = _write(folder / "customs.xml", SIZE // 10, "C", every=1)
        small = _imported(folder, "small.xml", "dry")
        for label, kind in (("dry run", "dry"), ("first import", "wet"), ("the same again", "wet")):
            _tell(size, label, _imported(folder, "large.xml", kind), small)
        for label, kind in (("customs alone", "wet"), ("customs alone, again", "wet")):
            _tell(customs, label, _imported(folder, "customs.xml", kind), small)


def _tell(size: int, label: str, found: dict[str, Any], small: dict[str, Any]) -> None:
    count = sum(found["counts"].values())
    print(
        f"iati: {size // 1_000_000} MB, {label}: {count} activities, {found['counts']['created']} created, "
        f"{count / found['seconds']:.0f} a second of worker time (bar {FASTEST}), "
        f"peak {found['megabytes']:.0f} MB (bar {SMALLEST}; {small['megabytes']:.0f} for a hundredth)"
    )


def _write(path: Path, size: int, series: str, every: int = EVERY) -> int:
    """A file of about that many bytes: activities of some 4 kB, as those of the real samples are.

    One in `every` is about trade facilitation; where all are, they speak Spanish as well.
    """
    with path.open("w", encoding="utf-8") as target:
        target.write('<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">')
        number = 0
        while target.tell() < size:
            target.write(_activity(f"44000-{series}{number}", number % every == 0, number, every == 1))
            number += 1
        target.write("</iati-activities>")
    return path.stat().st_size


def _activity(identifier: str, is_ours: bool, number: int, is_in_three: bool) -> str:
    sector = "33120" if is_ours else "12220"
    title = f'<narrative xml:lang="es">Programa {number} para el levante de las mercancías</narrative>'
    spanish = f'<narrative xml:lang="es">{_SPANISH}</narrative>'
    transactions = "".join(_TRANSACTION.format(n=number + n) for n in range(6))
    return f"""
 <iati-activity xml:lang="en" default-currency="USD" hierarchy="1">
  <iati-identifier>{identifier}</iati-identifier>
  <reporting-org ref="44000" type="40"><narrative>World Bank</narrative></reporting-org>
  <title><narrative>Programme {number} for the release of goods</narrative>
   <narrative xml:lang="fr">Programme {number} pour la mainlevée des marchandises</narrative>
   {title if is_in_three else ""}</title>
  <description type="1"><narrative>{_ENGLISH}</narrative>
   <narrative xml:lang="fr">{_FRENCH}</narrative>{spanish if is_in_three else ""}</description>
  <participating-org role="1" type="40"><narrative>World Bank</narrative></participating-org>
  <activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/>
  <activity-date type="3" iso-date="2028-12-31"/>
  <recipient-country code="FJ" percentage="100"/>
  <sector vocabulary="1" code="{sector}" percentage="100"/>
  <budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/>
   <value>{number + 1}</value></budget>
  {transactions}
 </iati-activity>"""


def _imported(folder: Path, name: str, kind: str) -> dict[str, Any]:
    words = [sys.executable, "-W", "ignore", "-c", IMPORT, str(folder), name, kind]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
