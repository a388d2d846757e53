"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from portal.accounts import passwords
from portal.core.errors import Invalid, TooMany

ABOUT = ("Pimchanok Rattanakul", "p.rattanakul@customs.example")


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    "good",
    [
        "levante mainlevee release",
        "три слона на границе",
        "correct-mango-42-ferry",
        "x7#Qm!pL0vZt",
        " spaces at both ends ",
    ],
)
def test_a_long_password_of_any_characters_is_taken(good: str) -> None:
    passwords.check_new(good, ABOUT)
    assert passwords.verify(passwords.hash_password(good), good)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("short", "at least 12"),
        ("", "at least 12"),
        ("x" * 11, "at least 12"),
        ("correct-mango-42-ferry" * 6, "at most 128"),
        ("a" * 1_000_000, "at most 128"),
        ("aaaaaaaaaaaa", "first that others try"),
        ("abcabcabcabc", "first that others try"),
        ("ferry-mango-ferry-mango-", "first that others try"),
        ("123456789012", "first that others try"),
        ("abcdefghijklmn", "first that others try"),
        ("password1234", "first that others try"),
        ("P@ssw0rd2026!", "first that others try"),
        ("PasswordPassword9", "first that others try"),
        ("qwertyuiop12", "first that others try"),
        ("contraseña2026", "first that others try"),
        ("MotDePasse2026", "first that others try"),
        ("adminadmin123", "first that others try"),
        ("letmein-letmein", "first that others try"),
        ("Customs-Exchange-2026", "first that others try"),
        ("my-rattanakul-ferry", "Leave your name"),
        ("PIMCHANOK at the ferry", "Leave your name"),
        ("p.rattanakul and more", "Leave your name"),
        ("the customs exchange of mine", "Leave your name"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(bad: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_new(bad, ABOUT)
    assert why in refused.value.errors["password"][0]


def test_the_same_letters_in_another_encoding_are_the_same_password() -> None:
    hashed = passwords.hash_password("mañana en la aduana")
    assert passwords.verify(hashed, "man\u0303ana en la aduana")
    assert passwords.verify(passwords.hash_password("ｆｅｒｒｙ to the mainland"), "ferry to the mainland")


def test_no_part_of_a_long_password_is_cut_off() -> None:
    long = "".join(f"{n}-ferry " for n in range(15))
    assert 72 < len(long) <= 128
    assert not passwords.verify(passwords.hash_password(long), long[:-1])


@pytest.mark.parametrize("odd", ["", "\x00", "\ud800", "x" * 1_000_000, "🚢" * 2000])
def test_whatever_is_typed_at_sign_in_is_an_answer_and_not_a_crash(odd: str) -> None:
    assert not passwords.verify(passwords.hash_password("correct-mango-42-ferry"), odd)
    assert not passwords.verify(None, odd)


def test_nobodys_password_is_never_right() -> None:
    assert not passwords.verify(None, "nobody has this password")
    assert not passwords.verify("not a hash", "nobody has this password")


def test_hashes_are_salted_argon2id_with_the_costs_of_the_settings() -> None:
    one, other = (passwords.hash_password("correct-mango-42-ferry") for _time in range(2))
    assert one != other
    assert one.startswith("$argon2id$")
    assert not passwords.is_outdated(one)
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


def test_a_third_hash_at_the_same_time_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    inside, leave = threading.Barrier(passwords.AT_ONCE + 1), threading.Event()

    def hold() -> None:
        with passwords._turn():
            inside.wait(5)
            leave.wait(5)

    threads = [threading.Thread(target=hold) for _turn in range(passwords.AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait(5)
    with pytest.raises(TooMany):
        passwords.hash_password("correct-mango-42-ferry")
    leave.set()
    for thread in threads:
        thread.join()
    assert passwords.hash_password("correct-mango-42-ferry")
