"""The names of what packs are made of."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from portal.core.access import Actor
from portal.core.i18n import localised
from portal.organisations.queries import organisations_with
from portal.packs.models import Subject
from portal.publishing.queries import listed
from portal.publishing.records import records
from portal.taxonomy.queries import topic_name


def subject_names(actor: Actor, subjects: Sequence[tuple[Subject, str]]) -> list[str]:
    """The names of subjects in the current language, in at most three statements.

    What is out of the actor's sight is said to be so.
    """
    keys = {kind: [key for subject, key in subjects if subject == kind] for kind in Subject}
    names: dict[tuple[Subject, str], str] = {}
    for row in records(actor, listed(actor, keys[Subject.CONTRIBUTION])):
        names[Subject.CONTRIBUTION, row.id] = row.title
    for organisation in organisations_with(keys[Subject.ORGANISATION]):
        names[Subject.ORGANISATION, organisation.id] = localised(organisation, "name")
    names |= {(Subject.TOPIC, code): topic_name(code) for code in keys[Subject.TOPIC]}
    unseen = str(_("a post that cannot be seen at present"))
    return [names.get(subject, unseen) for subject in subjects]
