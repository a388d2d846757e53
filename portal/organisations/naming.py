"""What an administration is called where no name of its own is known, with the right articles."""

from __future__ import annotations

import re

# "Congo (Republic of the)", "Iran (République islamique d’)": the words in brackets come first in a sentence.
_INVERTED = re.compile(r"^(?P<name>.+) \((?P<style>.+?(?: of(?: the)?| del?| d’))\)$")

_ENGLISH = {"the": "AE BS CD CF CG CZ DO EU GB IR KM KR LA MV NL PH RU SB SY US"}
_SPANISH = {
    "del": "EC GB LB NE PE PY SD SN TD UY",
    "de la": "CD CF CG CZ DO EU IN IR KR LA RU SY",
    "de los": "AE NL US",
    "de las": "BM BS KM SB",
}
_FRENCH = {
    "du": (
        "BD BF BI BJ BN BR BT BW BZ CA CL CM CR DK GA GB GH GT GY HN JP KE KG KH KW KZ LB LR LS LU MA ME ML"
        " MM MW MX MZ NE NG NI NP PA PE PK PT PY QA RW SD SN SR SS SV TD TG TJ TL TM VE VN WS XK YE ZW"
    ),
    "de la": (
        "BA BB BE BG BO BY CD CF CG CH CN CO CZ DO FI FR GE GM GN GQ GR GW HR HU IR JM JO KR LA LT LV LY MD"
        " MK MN MR MY NA NO NZ PG PL RO RS RU SE SI SK SL SO SY TH TN TR TT TZ ZM"
    ),
    "de l’": "AF AL AM AO AR AT AU AZ DE DZ EC EE ER ES ET EU ID IE IN IQ IS IT SA SZ UA UG UY UZ ZA",
    "d’": "AD AG EG HT IL OM",
    "de": "BH CI CU CV CW CY DJ HK LC LK MG MO MT MU PS SG ST VU",
    "des": "AE BM BS FJ KM MV NL PH PW SB SC TO US",
}


def administration_names(iso2: str, name_en: str, name_es: str, name_fr: str) -> tuple[str, str, str]:
    """ "Customs administration of ..." in English, Spanish and French for the place `iso2` of these names."""
    return (
        f"Customs administration of {_with_article(_ENGLISH, iso2, _straight(name_en), '')}",
        f"Administración de aduanas {_with_article(_SPANISH, iso2, _straight(name_es), 'de')}",
        f"Administration des douanes {_with_article(_FRENCH, iso2, _straight(name_fr), 'de')}",
    )


def _straight(name: str) -> str:
    found = _INVERTED.match(name)
    if found is None:
        return name
    style = found["style"]
    return f"{style}{'' if style.endswith('’') else ' '}{found['name']}"


def _with_article(articles: dict[str, str], iso2: str, name: str, otherwise: str) -> str:
    article = next((words for words, codes in articles.items() if iso2 in codes.split()), otherwise)
    return f"{article}{name}" if article.endswith("’") else f"{article} {name}".lstrip()
