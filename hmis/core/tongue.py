"""The languages in which the server itself speaks to a visitor: its plain pages have no script that could translate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Tongue:
    """One language, by its sentences for the English ones. `{n}` stands for a number in both."""

    tag: str
    home: str
    """Where the first page of this language stands."""
    sentences: Mapping[str, str] = field(default_factory=dict)

    def say(self, sentence: str) -> str:
        """The sentence in this language; as it is where nobody has put it into this language."""
        said = self.sentences.get(_NUMBER.sub("{n}", sentence), sentence)
        for number in _NUMBER.findall(sentence) if said is not sentence else ():
            said = said.replace("{n}", number, 1)
        return said

    def knowing(self, more: Mapping[str, str]) -> Tongue:
        """The same language with the sentences of a domain."""
        return Tongue(self.tag, self.home, {**self.sentences, **more})


ENGLISH = Tongue("en", "/")
FRENCH = Tongue(
    "fr",
    "/fr",
    {
        # The page
        "Not sent:": "Non envoyé :",
        "What you typed is kept below. Nothing was sent yet.": (
            "Ce que vous avez saisi est gardé ci-dessous. Rien n’a encore été envoyé."
        ),
        "Send again": "Envoyer de nouveau",
        "Back to the first page": "Retour à la première page",
        # Refusals
        "Refused": "Refusé",
        "Not allowed": "Non autorisé",
        "Please check what was entered": "Veuillez vérifier ce qui est saisi",
        "Too many attempts": "Trop de tentatives",
        "Not available now": "Indisponible pour le moment",
        "In conflict with what is there": "En conflit avec ce qui existe",
        "this form did not come from a page of ours; go back to our page and send it from there": (
            "ce formulaire ne vient pas d’une de nos pages ; revenez à notre page et envoyez-le de là"
        ),
        "send a form, with Content-Type: application/x-www-form-urlencoded": (
            "envoyez un formulaire, avec Content-Type: application/x-www-form-urlencoded"
        ),
        "this is no form that can be read": "ce formulaire est illisible",
        "a field stands twice in the form": "un champ figure deux fois dans le formulaire",
        "too large: at most {n} MB": "trop grand : {n} Mo au plus",
        "too many attempts; try again in {n} seconds": "trop de tentatives ; réessayez dans {n} secondes",
        "too many attempts; try again in {n} minutes": "trop de tentatives ; réessayez dans {n} minutes",
        "too many are writing here at once; try again": "trop de personnes écrivent à la fois ; réessayez",
        "this clashes with something stored already; look again": (
            "cela contredit ce qui est déjà enregistré ; regardez encore une fois"
        ),
        "the database does not answer; it may not be stored: send it again in a moment": (
            "la base de données ne répond pas ; l’envoi n’est peut-être pas enregistré : réessayez dans un moment"
        ),
        "something went wrong here; it was written down under the request id": (
            "une erreur s’est produite ici ; elle a été notée avec le numéro de la requête"
        ),
        # What is wrong with a field
        "please fill this in": "veuillez remplir ce champ",
        "too long: at most {n} characters": "trop long : {n} caractères au plus",
        "there is no such field here": "ce champ n’existe pas ici",
        "choose one of those offered": "choisissez parmi ce qui est proposé",
        "contains an invisible control character; type it again": (
            "contient un caractère de commande invisible ; saisissez-le de nouveau"
        ),
        "contains an invisible character that turns the order of reading; type it again": (
            "contient un caractère invisible qui inverse le sens de lecture ; saisissez-le de nouveau"
        ),
    },
)
