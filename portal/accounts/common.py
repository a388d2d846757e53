"""Words that the passwords of many people are made of, in our languages; longest first."""

from __future__ import annotations

_WORDS = """
password passwort passw0rd contrasena contrasenas contrasenia motdepasse motdepass clave claves secreto
secreta secret secrets welcome bienvenido bienvenida bienvenidos bienvenue bienvenu admin administrator
administrador administradora administrateur root superuser usuario utilisateur user users test tests
testing prueba pruebas essai demo guest invitado invite login logon signin letmein changeme change
cambiame cambiar temporal temporary default master qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop
asdf asdfgh asdfghjkl qsdfghjklm zxcvbn zxcvbnm wxcvbn poiuytrewq lkjhgfdsa qazwsx qazwsxedc abcd abcdef
abcdefgh iloveyou teamo tequiero jetaime love amor amour monkey dragon football futbol soccer baseball
superman batman princess princesa princesse sunshine shadow michael jordan charlie andrea jessica daniel
computer internet google facebook microsoft windows samsung android iphone hello hola bonjour salut
whatever trustno starwars pokemon freedom libertad liberte summer verano ete winter invierno hiver spring
primavera printemps autumn otono automne monday lunes lundi friday viernes vendredi january enero janvier
december diciembre decembre correcthorsebatterystaple correct horse battery staple customs aduana aduanas
douane douanes exchange portal portail office company empresa country united nations world worldcustoms
wcoomd trade comercio commerce
"""

COMMON: tuple[str, ...] = tuple(sorted(set(_WORDS.split()), key=lambda word: (-len(word), word)))
