"""The demo world as a collection of judged queries: its texts written beside the queries and judgements.

    python -m benchmarks.relevance_demo FOLDER

Groups are the names of the files of the world. All editions are in, whatever their state: what is
measured is how texts are found, and hidden ones are texts too.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from portal.core.text import to_plain
from portal.demo.stories import Story, StoryEdition, read_stories

JUDGED = Path(__file__).parent / "collections" / "demo"


def write(folder: Path) -> Path:
    """Put the demo collection into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("queries.tsv", "qrels.txt"):
        shutil.copyfile(JUDGED / name, folder / name)
    with (folder / "docs.jsonl").open("w", encoding="utf-8") as file:
        for story in read_stories():
            for edition in (story.original_edition, *story.translations):
                file.write(json.dumps(_told(story, edition), ensure_ascii=False) + "\n")
    return folder


def _told(story: Story, edition: StoryEdition) -> dict[str, str]:
    parts = (edition.text.summary, *edition.text.parts.values())
    return {
        "id": f"{story.name}.{edition.language}",
        "group": story.name,
        "language": edition.language,
        "title": edition.text.title,
        "text": "\n\n".join(to_plain(part) for part in parts if part),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(write(Path(sys.argv[1])))
