"""Topics, countries and regions; their names and synonyms are data that may be edited here."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base


class Region(Base):
    """A WCO region, with the key used here (AMS, EUR, ESA, MENA, WCA, AP)."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_en: Mapped[str]
    name_es: Mapped[str]
    name_fr: Mapped[str]
    position: Mapped[int]


class Country(Base):
    """A country or customs territory with a WCO member administration."""

    __tablename__ = "country"

    iso2: Mapped[str] = mapped_column(primary_key=True)
    iso3: Mapped[str] = mapped_column(unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    name_en: Mapped[str]
    name_es: Mapped[str]
    name_fr: Mapped[str]
    source: Mapped[str]


class Topic(Base):
    """A TFA measure or WCO instrument, with its synonyms in three languages."""

    __tablename__ = "topic"

    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("topic.code"))
    name_en: Mapped[str]
    name_es: Mapped[str]
    name_fr: Mapped[str]
    synonyms_en: Mapped[list[str]] = mapped_column(JSON)
    synonyms_es: Mapped[list[str]] = mapped_column(JSON)
    synonyms_fr: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]
    source: Mapped[str]


class SynonymEdit(Base):
    """What moderators last decided about a phrase of a topic: that it is a synonym, or that it is none.

    `Topic.synonyms_*` holds the outcome; this says which of it holds against the data files.
    """

    __tablename__ = "synonym_edit"

    topic_code: Mapped[str] = mapped_column(ForeignKey("topic.code"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    phrase: Mapped[str] = mapped_column(primary_key=True)
    is_synonym: Mapped[bool]
