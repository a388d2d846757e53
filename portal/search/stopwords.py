"""The words too common to search by, for each language, written as they look after folding."""

from __future__ import annotations

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being below
between both but by can could d did do does doing down during each few for from further had has have
having he her here hers herself him himself his how i if in into is it its itself just ll m may me might
more most must my myself no nor not now of off on once only or other our ours ourselves out over own
s same shall she should so some such t than that the their theirs them themselves then there these they
this those through to too under until up upon ve very was we were what when where which while who whom
whose why will with would you your yours yourself yourselves
"""

_SPANISH = """
a al algo algunas algunos ante antes aquel aquella aquellas aquello aquellos asi aun aunque cada como con
contra cual cuales cuando de del desde donde dos e el ella ellas ellos en entre era eran es esa esas ese
eso esos esta estaba estan estar estas este esto estos fue fueron ha haber habia han has hasta hay he la
las le les lo los mas me mi mis mucho muchos muy nada ni no nos nosotros nuestra nuestras nuestro nuestros
o os otra otras otro otros para pero poco por porque pues que quien quienes se sea sean ser si sido sin
sobre son su sus suya suyo tal tambien tan tanto te tiene tienen toda todas todo todos tu tus u un una
unas uno unos usted ustedes y ya yo
"""

# The short ones at the end are what elision leaves before the apostrophe: l'ecole, qu'elle, jusqu'a.
_FRENCH = """
a afin ai aie aient ainsi alors apres as au aucun aucune aussi autre autres aux avaient avait avant avec
avoir ayant car ce ceci cela celle celles celui ces cet cette ceux chaque ci comme comment dans de deja
des deux donc dont du elle elles en encore entre es est et etaient etait etant ete etre eu eux fait font
furent fut il ils je la le les leur leurs lors lui ma mais me meme memes mes moi moins mon ne ni non nos
notre nous on ont ou par parce pas peu peut peuvent plus pour pourquoi puis quand que quel quelle quelles
quels qui quoi sa sans se sera seront ses si soi soient soit son sont sous sur ta te tes toi ton tous tout
toute toutes tres tu un une vers vos votre vous y
c d j l m n s t qu jusqu lorsqu puisqu quoiqu
"""

STOP_WORDS = {
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
    "fr": frozenset(_FRENCH.split()),
}
