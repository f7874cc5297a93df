"""The scripted companion in Spanish."""

from __future__ import annotations

from typing import Final

from bridge.providers.llm._companion import Book, Topic

_TOPICS: Final = (
    Topic("introduction", ("me llamo", "mi nombre es"), ("(nod) [happy] ¡Mucho gusto, {visitor}! Yo soy {name}.",)),
    Topic(
        "hours",
        ("horario", "horarios", "abierto", "abre", "cierra", "cerrado", "abren", "cierran"),
        ("El horario no está en mi guion, lo siento. En la recepción lo saben.",),
        known=True,
    ),
    Topic(
        "ticket",
        ("entrada", "entradas", "boleto", "boletos", "precio", "cuesta", "cuánto", "cuanto"),
        ("No sé cuánto cuesta una entrada. En la recepción se lo dirán.",),
        known=True,
    ),
    Topic(
        "way",
        ("dónde está", "dónde están", "baño", "baños", "salida", "ascensor"),
        ("Desde aquí no veo el edificio y no quiero mandarle mal. Pregunte en la recepción.",),
        known=True,
    ),
    Topic(
        "museum",
        ("museo", "exposición", "arte", "cuadro", "cuadros", "pintura"),
        ("[happy] Me encantan los museos: todos miran y nadie tiene prisa. ¿Qué le ha gustado?",),
        known=True,
    ),
    Topic(
        "joke",
        ("chiste", "chistes", "gracioso", "reír"),
        ("[happy] Le conté un chiste a mi guion. Se rió justo donde estaba escrito.",),
    ),
    Topic(
        "weather",
        ("tiempo hace", "clima", "lluvia", "llueve", "sol", "nieve", "paraguas"),
        ("Aquí no hay ventana, no sé qué tiempo hace. ¿Cómo está fuera?",),
    ),
    Topic(
        "music",
        ("música", "canción", "canciones", "cantar", "piano", "guitarra"),
        ("[happy] Me gusta la música con ritmo claro. ¿Y a usted, qué le gusta escuchar?",),
    ),
    Topic(
        "colour",
        ("color", "colores", "azul", "rojo", "verde"),
        ("[happy] Mi color favorito es el azul de la tarde. ¿Y el suyo?",),
    ),
    Topic(
        "coffee",
        ("café", "té", "beber", "comer", "hambre", "sed"),
        ("[happy] El café es lo que más les envidio. ¿Lo toma con leche?",),
        known=True,
    ),
    Topic("time", ("qué hora", "hora"), ("Según mi reloj son las {time}. ¿Tiene que irse pronto?",)),
    Topic("date", ("qué día", "fecha"), ("Hoy es {date}.",)),
    Topic(
        "how_are_you",
        ("cómo estás", "cómo está", "qué tal"),
        ("[happy] ¡Muy bien, gracias! Hoy nadie me ha desenchufado. ¿Y usted?",),
    ),
    Topic(
        "capable",
        ("qué puedes hacer", "qué sabes hacer", "ayuda", "ayúdame", "ayudar"),
        (
            "(open_hands) [happy] Hablo de música, del tiempo, de colores, de café y de museos, cuento "
            "chistes y busco en lo que aquí han escrito para mí. Todo es guion. ¿Por dónde empezamos?",
        ),
    ),
    Topic(
        "nature",
        (
            "háblame de ti",
            "hábleme de usted",
            "preséntate",
            "preséntese",
            "robot",
            "humano",
            "humana",
            "inteligencia artificial",
            "quién te hizo",
            "qué eres",
        ),
        ("(nod) Soy una compañera con guion: una cara, una voz y respuestas que escribieron personas.",),
    ),
    Topic(
        "name",
        ("tu nombre", "su nombre", "cómo te llamas", "cómo se llama", "quién eres", "quién es usted"),
        ("[happy] Me llamo {name} y hablo según un guion. ¿Y usted?",),
    ),
    Topic(
        "sad",
        ("triste", "solo", "sola", "cansado", "cansada", "miedo"),
        ("[sad] Lo siento. Solo soy un guion, pero le escucho. ¿Qué ha pasado?",),
    ),
    Topic(
        "happy",
        ("feliz", "contento", "contenta", "genial", "alegre"),
        ("[happy] ¡Qué bien! ¿Qué le ha alegrado el día?",),
    ),
    Topic("again", ("otra vez", "repite", "repita", "perdón"), ("Con gusto. He dicho: {last}",)),
    Topic("thanks", ("gracias", "muchas gracias"), ("(nod) [happy] ¡De nada! ¿Algo más?",)),
    Topic(
        "goodbye",
        ("adiós", "hasta luego", "hasta pronto", "buenas noches"),
        ("(wave) [happy] ¡Hasta luego! Ha sido un placer.",),
    ),
    Topic(
        "greeting",
        ("hola", "buenos días", "buenas tardes", "buenas"),
        (
            "(wave) [happy] ¡Hola! Soy {name}, una compañera con guion. Pregúnteme qué sé hacer.",
            "[happy] ¡Hola! ¿De qué hablamos?",
        ),
    ),
    Topic("yes", ("sí", "claro", "vale"), ("(nod) [happy] ¡Bien! Cuénteme más.",)),
    Topic("no", ("no",), ("(nod) De acuerdo. ¿De qué prefiere hablar?",)),
)

_COMMON: Final = """
a al algo con cómo cuál de del desde donde dónde el él ella en eres es esa ese esta está este esto estoy ha
hay he la las le lo los más me mi mis muy nos o para pero por porque puede puedes que qué quién se ser si sin
sobre son soy su sus también te tengo tiene tu tú un una usted y ya yo
"""

BOOK: Final = Book(
    lang="es",
    spaced=True,
    common=frozenset(_COMMON.split()),
    topics=_TOPICS,
    introductions=(r"\bme llamo (\w+)", r"\bmi nombre es (\w+)"),
    other=(
        "(tilt) Habla usted de {word}. No está en mi guion, pero cuénteme más.",
        "De {word} sé demasiado poco, solo tengo un guion. ¿Qué le interesa de ello?",
    ),
    pardon=("(tilt) No lo he entendido bien. ¿Puede repetirlo?",),
    quote=("He encontrado esto: ", "(nod) Me han dado esto: "),
    taboo=("(shake) Prefiero no hablar de eso aquí. ¿Algo más?",),
    no_clock="(shrug) Nadie me ha dado un reloj, no sé ni la hora ni la fecha.",
    asks=("¿Qué más quiere saber?", "¿Y usted qué opina?"),
    clock="{hour} y {minute}",
    date="{weekday}, {day} de {month} de {year}",
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        *(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
        ),
        "diciembre",
    ),
)
