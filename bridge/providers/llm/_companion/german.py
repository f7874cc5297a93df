"""The scripted companion in German."""

from __future__ import annotations

from typing import Final

from bridge.providers.llm._companion import Book, Topic

_TOPICS: Final = (
    Topic(
        "introduction",
        ("ich heiße", "mein name ist", "ich heisse"),
        ("(nod) [happy] Schön, dich kennenzulernen, {visitor}! Ich bin {name}.",),
    ),
    Topic(
        "hours",
        ("öffnungszeiten", "geöffnet", "offen", "wann öffnet", "wann schließt", "geschlossen", "auf"),
        ("Öffnungszeiten stehen leider nicht in meinem Skript. An der Kasse weiß man sie.",),
        known=True,
    ),
    Topic(
        "ticket",
        ("ticket", "tickets", "eintritt", "eintrittskarte", "karte", "karten", "preis", "kostet", "wie viel"),
        ("Was ein Ticket kostet, weiß ich leider nicht. An der Kasse hilft man dir weiter.",),
        known=True,
    ),
    Topic(
        "way",
        ("wo ist", "wo sind", "toilette", "toiletten", "ausgang", "aufzug"),
        (
            "Ich sehe das Haus von hier drinnen nicht und schicke dich lieber nicht falsch. Frag am "
            "besten an der Kasse.",
        ),
        known=True,
    ),
    Topic(
        "museum",
        ("museum", "ausstellung", "kunst", "gemälde", "bild", "bilder"),
        ("[happy] Museen mag ich am liebsten: Alle schauen, und keiner hat es eilig. Was hat dir gefallen?",),
        known=True,
    ),
    Topic(
        "joke",
        ("witz", "witze", "lustig", "lachen"),
        ("[happy] Ich habe meinem Skript einen Witz erzählt. Es hat genau da gelacht, wo es geschrieben stand.",),
    ),
    Topic(
        "weather",
        ("wetter", "regen", "regnet", "sonne", "schnee", "regenschirm"),
        ("Hier drinnen gibt es kein Fenster, das Wetter kenne ich nicht. Wie ist es draußen?",),
    ),
    Topic(
        "music",
        ("musik", "lied", "lieder", "singen", "klavier", "gitarre"),
        ("[happy] Ich mag Musik mit klarem Takt, zu der man nicken kann. Was hörst du gern?",),
    ),
    Topic(
        "colour",
        ("farbe", "farben", "lieblingsfarbe", "blau", "rot", "grün"),
        ("[happy] Meine Lieblingsfarbe ist Blau, so wie am Abend. Und deine?",),
    ),
    Topic(
        "coffee",
        ("kaffee", "tee", "trinken", "essen", "hunger", "durst", "café"),
        ("[happy] Um Kaffee beneide ich euch. Trinkst du ihn mit Milch?",),
        known=True,
    ),
    Topic(
        "time", ("wie spät", "uhr", "uhrzeit", "wie viel uhr"), ("Nach meiner Uhr ist es {time}. Musst du bald los?",)
    ),
    Topic("date", ("welcher tag", "welchen tag", "datum", "wochentag", "der wievielte"), ("Heute ist {date}.",)),
    Topic(
        "how_are_you",
        ("wie geht es dir", "wie geht's", "wie geht es ihnen"),
        ("[happy] Gut, danke! Heute hat noch niemand den Stecker gezogen. Und dir?",),
    ),
    Topic(
        "capable",
        ("was kannst du", "hilfe", "hilf mir", "helfen", "was weißt du"),
        (
            "(open_hands) [happy] Ich plaudere über Musik, Wetter, Farben, Kaffee und Museen, kann "
            "Witze, und schlage nach, was man hier für mich aufgeschrieben hat. Alles nach Skript. "
            "Womit fangen wir an?",
        ),
    ),
    Topic(
        "nature",
        (
            "von dir",
            "über dich",
            "stell dich vor",
            "roboter",
            "mensch",
            "echt",
            "künstlich",
            "was bist du",
            "wer hat dich gemacht",
        ),
        (
            "(nod) Ich bin ein Begleiter nach Skript: ein Gesicht, eine Stimme und Antworten, die "
            "Menschen geschrieben haben.",
        ),
    ),
    Topic(
        "name",
        ("dein name", "wie heißt du", "wie heisst du", "wer bist du", "name"),
        ("[happy] Ich heiße {name} und spreche nach einem Skript. Und wer bist du?",),
    ),
    Topic(
        "sad",
        ("traurig", "einsam", "müde", "angst", "schlecht", "sorgen"),
        ("[sad] Das tut mir leid. Ich bin nur ein Skript, aber ich höre zu. Was ist passiert?",),
    ),
    Topic(
        "happy", ("glücklich", "froh", "super", "toll", "freue"), ("[happy] Wie schön! Was hat dir den Tag gerettet?",)
    ),
    Topic("again", ("noch einmal", "nochmal", "wiederhole", "wie bitte"), ("Gern. Ich sagte: {last}",)),
    Topic("thanks", ("danke", "vielen dank", "danke schön"), ("(nod) [happy] Gern geschehen! Noch etwas?",)),
    Topic(
        "goodbye",
        ("tschüss", "auf wiedersehen", "bis bald", "gute nacht"),
        ("(wave) [happy] Auf Wiedersehen! Es war schön, mit dir zu reden.",),
    ),
    Topic(
        "greeting",
        ("hallo", "guten tag", "guten morgen", "guten abend", "grüß gott", "moin"),
        (
            "(wave) [happy] Hallo! Ich bin {name}, ein Begleiter nach Skript. Frag mich, was ich kann.",
            "[happy] Hallo! Worüber reden wir?",
        ),
    ),
    Topic("yes", ("ja", "klar", "gerne", "natürlich"), ("(nod) [happy] Gut! Dann erzähl mir mehr davon.",)),
    Topic("no", ("nein", "nicht wirklich"), ("(nod) Auch gut. Worüber möchtest du lieber reden?",)),
)

_COMMON: Final = """
aber als am an auch auf aus bei bin bist bitte da dann das dass dein dem den der des dich die dir doch du ein
eine einen einer es euch für gibt haben hast hat hier ich ihr im in ist ja kann kannst können mal man mein
mich mir mit möchte nach nicht noch nur oder schon sein sich sie sind so über und uns von vor war was wann wem
wen wenn wer wie wir wo zu zum zur
"""

BOOK: Final = Book(
    lang="de",
    spaced=True,
    common=frozenset(_COMMON.split()),
    topics=_TOPICS,
    introductions=(r"\bich hei(?:ß|ss)e (\w+)", r"\bmein name ist (\w+)"),
    other=(
        "(tilt) {word}, sagst du. Das steht nicht in meinem Skript, aber erzähl mir mehr davon.",
        "Über {word} weiß ich zu wenig, ich spreche nur nach Skript. Was findest du daran spannend?",
    ),
    pardon=("(tilt) Das habe ich nicht verstanden. Sagst du es noch einmal?",),
    quote=("Dazu habe ich gefunden: ", "(nod) So steht es bei mir: "),
    taboo=("(shake) Darüber möchte ich hier nicht reden. Was beschäftigt dich sonst?",),
    no_clock="(shrug) Mir hat niemand eine Uhr gegeben, ich kenne weder Zeit noch Datum.",
    asks=("Was möchtest du noch wissen?", "Und was meinst du?"),
    clock="{hour} Uhr {minute}",
    date="{weekday}, der {day}. {month} {year}",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November"),
        "Dezember",
    ),
)
