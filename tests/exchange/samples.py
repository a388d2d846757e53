"""IATI files of our own that show the shapes of real ones (shared/data/iati/README.md, "Traps")."""

from __future__ import annotations

import io

from portal.exchange.programmes import Into
from portal.exchange.reading import Activity, activities

INTO = Into(
    references=frozenset({"44000", "XM-DAC-44000"}),
    topics=frozenset({"TFA", "WCO-REV", "WCO-ORG", "WCO-HR", "WCO-TRANSIT"}),
    regions_of={"TH": "AP", "FJ": "AP", "PE": "AMS"},
    regions=frozenset({"AP", "AMS"}),
)

TITLES = """
   <title><narrative>Faster release of goods</narrative>
    <narrative xml:lang="fr">Une mainlevée plus rapide des marchandises</narrative>
    <narrative xml:lang="es">Un levante más rápido de las mercancías</narrative></title>
"""
DESCRIPTIONS = """
   <description type="1"><narrative>Support to the customs administration for the release of goods.</narrative>
    <narrative xml:lang="fr">Appui aux douanes pour la mainlevée des marchandises.</narrative>
    <narrative xml:lang="es">Apoyo a las aduanas para el levante de las mercancías.</narrative></description>
   <description type="2"><narrative>Release times are measured and published.</narrative></description>
"""
PLACE = '<recipient-country code="FJ" percentage="100"/>'
SECTOR = '<sector vocabulary="1" code="33120" percentage="100"/>'
STATUS = '<activity-status code="2"/>'


def activity(
    identifier: str = "44000-P1", *, titles: str = TITLES, descriptions: str = DESCRIPTIONS, place: str = PLACE,
    sector: str = SECTOR, status: str = STATUS, attributes: str = 'xml:lang="en" default-currency="USD"',
    reporter: str = '<reporting-org ref="44000" type="40"><narrative>World Bank</narrative></reporting-org>',
    more: str = "",
) -> str:  # fmt: skip
    """One activity of 2.03, each piece of which can be another."""
    return f"""
  <iati-activity {attributes}>
   <iati-identifier>{identifier}</iati-identifier>{reporter}{titles}{descriptions}{status}{place}{sector}{more}
  </iati-activity>"""


def file_of(*parts: str, version: str = "2.03", head: str = "") -> bytes:
    """A file of these activities."""
    whole = f'<?xml version="1.0" encoding="UTF-8"?>{head}<iati-activities version="{version}">'
    return (whole + "".join(parts) + "</iati-activities>").encode()


def read(data: bytes) -> list[Activity]:
    """All activities of a file."""
    return list(activities(io.BytesIO(data)))


ONE_POINT_OH = """
  <iati-activity xml:lang="en" default-currency="EUR" hierarchy="1">
   <reporting-org ref="XM-DAC-44000" type="40">World Bank</reporting-org>
   <iati-identifier>
     44000-P2
   </iati-identifier>
   <title>Modern customs offices</title>
   <title xml:lang="fr">Des bureaux de douane modernes</title>
   <description type="1">Equipment and training for the border posts of the two countries.</description>
   <activity-status code="2">Implementation</activity-status>
   <activity-date iso-date="2026-01-15" type="start-planned"/>
   <activity-date iso-date="2026-03-01" type="start-actual"/>
   <activity-date iso-date="2027-12-31" type="end-planned"/>
   <participating-org ref="" role="Funding" type="40">World Bank</participating-org>
   <participating-org role="Implementing">Customs of Fiji</participating-org>
   <contact-info><person-name>A. Person</person-name><email>a.person@bank.example</email></contact-info>
   <contact-info><email>trade-info@bank.example</email></contact-info>
   <activity-website>https://bank.example/p2</activity-website>
   <recipient-country code="fj" percentage="60">Fiji</recipient-country>
   <recipient-country code="TH" percentage="40">Thailand</recipient-country>
   <sector vocabulary="DAC" code="33120">Trade facilitation</sector>
   <policy-marker code="" vocabulary="DAC" significance=""/>
   <budget><period-start iso-date="2026-01-01"/><value currency="" value-date="2026-01-01">1,000</value></budget>
   <budget><period-start iso-date="2027-01-01"/><value>2000.50</value></budget>
   <document-link url="https://bank.example/doc.pdf" format="application/pdf"><title>Appraisal</title></document-link>
   <document-link url="http:www.bank.example/broken.pdf"><title>Broken</title></document-link>
  </iati-activity>"""
