"""What the enquiries' own forms say, in French; the words of the public pages that send them stand there."""

from __future__ import annotations

SENTENCES = {
    "Sign-up or message": "Inscription ou message",
    "Your name": "Votre nom",
    "Your e-mail": "Votre adresse e-mail",
    "Hospital or clinic": "Hôpital ou clinique",
    "How large it is": "Sa taille",
    "Message": "Message",
    "Website (leave this empty)": "Site web (laissez vide)",
    "say the name of your hospital or clinic": "indiquez le nom de votre hôpital ou clinique",
    "write what you would like to say": "écrivez ce que vous souhaitez nous dire",
    "write an e-mail address such as amina@clinic.example": "écrivez une adresse e-mail, comme amina@clinic.example",
    "leave this empty; it is here for programs that fill in everything": (
        "laissez ce champ vide ; il est là pour les programmes qui remplissent tout"
    ),
}
"""The French sentence for each English one of `schemas`."""
