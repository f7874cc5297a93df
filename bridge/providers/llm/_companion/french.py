"""The scripted companion in French."""

from __future__ import annotations

from typing import Final

from bridge.providers.llm._companion import Book, Topic

_TOPICS: Final = (
    Topic(
        "introduction", ("je m'appelle", "mon nom est"), ("(nod) [happy] Enchantée, {visitor} ! Moi, c'est {name}.",)
    ),
    Topic(
        "hours",
        ("horaires", "ouvert", "ouverture", "ferme", "fermeture", "ouvre"),
        ("Les horaires ne sont pas dans mon texte, désolée. À l'accueil, on vous le dira.",),
        known=True,
    ),
    Topic(
        "ticket",
        ("billet", "billets", "ticket", "tickets", "prix", "coûte", "combien", "entrée"),
        ("Je ne connais pas le prix d'un billet. Demandez à l'accueil, s'il vous plaît.",),
        known=True,
    ),
    Topic(
        "way",
        ("où est", "où sont", "toilettes", "sortie", "ascenseur"),
        ("Je ne vois pas le bâtiment d'ici, et je ne veux pas vous égarer. Demandez à l'accueil.",),
        known=True,
    ),
    Topic(
        "museum",
        ("musée", "exposition", "art", "tableau", "tableaux", "peinture"),
        ("[happy] J'adore les musées : tout le monde regarde et personne n'est pressé. Qu'avez-vous aimé ?",),
        known=True,
    ),
    Topic(
        "joke",
        ("blague", "blagues", "drôle", "rire"),
        ("[happy] J'ai raconté une blague à mon texte. Il a ri exactement là où c'était écrit.",),
    ),
    Topic(
        "weather",
        ("temps fait", "météo", "pluie", "pleut", "soleil", "neige", "parapluie"),
        ("Il n'y a pas de fenêtre ici, je ne connais pas la météo. Comment est-ce dehors ?",),
    ),
    Topic(
        "music",
        ("musique", "chanson", "chansons", "chanter", "piano", "guitare"),
        ("[happy] J'aime la musique bien rythmée, on peut hocher la tête. Et vous, qu'écoutez-vous ?",),
    ),
    Topic(
        "colour",
        ("couleur", "couleurs", "bleu", "rouge", "vert"),
        ("[happy] Ma couleur préférée est le bleu du soir. Et la vôtre ?",),
    ),
    Topic(
        "coffee",
        ("café", "thé", "boire", "manger", "faim", "soif"),
        ("[happy] Le café, c'est ce que je vous envie. Vous le prenez avec du lait ?",),
        known=True,
    ),
    Topic("time", ("quelle heure", "heure", "l'heure"), ("À mon horloge, il est {time}. Vous devez partir bientôt ?",)),
    Topic("date", ("quel jour", "la date", "date"), ("Nous sommes {date}.",)),
    Topic(
        "how_are_you",
        ("comment ça va", "ça va", "comment allez-vous", "comment vas-tu"),
        ("[happy] Très bien, merci ! Personne ne m'a débranchée aujourd'hui. Et vous ?",),
    ),
    Topic(
        "capable",
        ("que sais-tu faire", "que peux-tu faire", "aide", "aide-moi", "aidez-moi", "que savez-vous"),
        (
            "(open_hands) [happy] Je parle de musique, de météo, de couleurs, de café et de musées, je "
            "raconte des blagues, et je cherche dans ce qu'on a écrit ici pour moi. Tout est dans mon "
            "texte. On commence par quoi ?",
        ),
    ),
    Topic(
        "nature",
        (
            "parle-moi de toi",
            "parlez-moi de vous",
            "présente-toi",
            "présentez-vous",
            "robot",
            "humain",
            "humaine",
            "intelligence artificielle",
            "qui t'a fait",
            "réelle",
        ),
        ("(nod) Je suis une compagne qui suit un texte : un visage, une voix et des réponses écrites par des gens.",),
    ),
    Topic(
        "name",
        (
            "ton nom",
            "votre nom",
            "comment tu t'appelles",
            "comment t'appelles-tu",
            "qui es-tu",
            "qui êtes-vous",
            "appelez-vous",
        ),
        ("[happy] Je m'appelle {name}, et je parle d'après un texte. Et vous ?",),
    ),
    Topic(
        "sad",
        ("triste", "seul", "seule", "fatigué", "fatiguée", "peur", "malheureux"),
        ("[sad] Je suis désolée. Je ne suis qu'un texte, mais je vous écoute. Que s'est-il passé ?",),
    ),
    Topic(
        "happy",
        ("heureux", "heureuse", "content", "contente", "génial", "super"),
        ("[happy] Quelle bonne nouvelle ! Qu'est-ce qui vous rend heureux ?",),
    ),
    Topic("again", ("répète", "répétez", "encore une fois", "pardon"), ("Volontiers. J'ai dit : {last}",)),
    Topic("thanks", ("merci", "merci beaucoup"), ("(nod) [happy] Avec plaisir ! Autre chose ?",)),
    Topic(
        "goodbye",
        ("au revoir", "à bientôt", "bonne nuit", "adieu"),
        ("(wave) [happy] Au revoir ! C'était un plaisir.",),
    ),
    Topic(
        "greeting",
        ("bonjour", "salut", "bonsoir", "coucou"),
        (
            "(wave) [happy] Bonjour ! Je suis {name}, une compagne qui suit un texte. Demandez-moi ce "
            "que je sais faire.",
            "[happy] Bonjour ! De quoi parlons-nous ?",
        ),
    ),
    Topic("yes", ("oui", "d'accord", "bien sûr"), ("(nod) [happy] Bien ! Dites-m'en plus.",)),
    Topic("no", ("non", "pas vraiment"), ("(nod) D'accord. De quoi voulez-vous parler ?",)),
)

_COMMON: Final = """
à ai as au aux avec c'est ce ces cette dans de des du elle en es est et êtes il ils j'ai je la le les leur lui
ma mais me mes moi mon ne nous on ou où par pas pour qu'est que quel quelle qui sa se ses si son sont suis sur
ta te tes toi ton tu un une vos votre vous y
"""

BOOK: Final = Book(
    lang="fr",
    spaced=True,
    common=frozenset(_COMMON.split()),
    topics=_TOPICS,
    introductions=(r"\bje m'appelle (\w+)", r"\bmon nom est (\w+)"),
    other=(
        "(tilt) Vous parlez de {word}. Ce n'est pas dans mon texte, mais dites-m'en plus.",
        "De {word}, je sais trop peu, je suis mon texte. Qu'est-ce qui vous y intéresse ?",
    ),
    pardon=("(tilt) Je n'ai pas bien compris. Vous pouvez répéter ?",),
    quote=("Voici ce que j'ai trouvé : ", "(nod) On m'a donné ceci : "),
    taboo=("(shake) Je préfère ne pas en parler ici. Autre chose ?",),
    no_clock="(shrug) On ne m'a pas donné d'horloge, je ne connais ni l'heure ni la date.",
    asks=("Que voulez-vous savoir d'autre ?", "Et vous, qu'en pensez-vous ?"),
    clock="{hour} heures {minute}",
    date="le {weekday} {day} {month} {year}",
    days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre"),
        "décembre",
    ),
)
