"""Texts for synthetic speech, our own: everyday sentences, and of their words new mixtures without end."""

from __future__ import annotations

from typing import Final

import numpy as np

SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "Good morning, and welcome to our museum.",
        "Please buy me a big bottle of apple juice before the shop closes.",
        "The moon moved slowly above the smooth blue pool.",
        "My father's favourite photograph shows five funny fishermen.",
        "Should she choose the cheap shoes or the huge orange jacket?",
        "We always walk to work when the weather is warm.",
        "Thirty-three thin thieves thought that they thrilled the throne.",
        "Bob popped up from behind the piano and bumped his head.",
        "Everybody remembers the summer when the river nearly reached the road.",
        "You could hear a pin drop in the empty concert hall.",
        "I owe you an apology, although I had no choice at all.",
        "Vivid violet flowers cover every valley in the village.",
        "How now, brown cow, why are you lying down outside our house?",
        "The boy enjoyed the noise of his new toy.",
        "Seven silver swans swam silently in the sea.",
        "Let me explain how this machine works, step by step.",
        "He asked whether anyone had read the whole book yet.",
        "Measure the garage twice, and put the treasure on the beige table.",
    ),
    "zh": (
        "早上好，欢迎来到我们的博物馆。",
        "妈妈买了八个苹果和一瓶牛奶。",
        "这本书比那本书贵得多，不过更有意思。",
        "请问，去火车站怎么走？",
        "我们明天下午去公园跑步，好吗？",
        "他会说普通话，也会说一点儿法语。",
        "月亮慢慢地从山后面升起来了。",
        "服务员，我要一杯热咖啡，不要糖。",
        "朋友们都觉得这部电影非常好看。",
        "外面下雨了，别忘了带雨伞。",
        "四十四只石狮子站在寺庙前面。",
        "爸爸不怕冷，冬天也去游泳。",
        "学校附近新开了一家水果店。",
        "如果你有时间，我们一起吃晚饭吧。",
        "北方的秋天天空很蓝，风也很大。",
        "女孩子在绿色的湖边唱歌。",
    ),
    "ja": (
        "おはようございます、びじゅつかんへようこそ。",
        "きょうはとてもいいてんきですね。",
        "でんしゃがとまるまえに、ばしょをかわりましょう。",
        "ともだちといっしょにふるいえいがをみました。",
        "すみません、えきまではどういけばいいですか。",
        "はるになると、さくらのはながさきます。",
        "このほんはむずかしいけれど、おもしろいです。",
        "ぼくはまいばんぎゅうにゅうをのみます。",
        "ゆきがふっているので、くるまはゆっくりはしります。",
        "あしたのごごに、またでんわしてください。",
        "ぱんやのとなりにちいさなこうえんがあります。",
        "わたしのいもうとはうたをうたうのがすきです。",
    ),
    "es": (
        "Buenos días y bienvenidos a nuestro museo.",
        "Mi hermano pequeño bebe agua con mucho hielo.",
        "El perro de San Roque no tiene rabo.",
        "¿Dónde puedo comprar un billete para el tren?",
        "La lluvia en Sevilla es una pura maravilla.",
        "Mañana por la tarde vamos a la playa con unos amigos.",
        "Quiero un vaso de leche y un bocadillo de jamón.",
        "La guitarra española suena muy bien en esta plaza.",
        "Hace mucho frío, así que ponte el abrigo.",
        "Los niños juegan al fútbol debajo del puente.",
        "Me gusta leer novelas de aventuras por la noche.",
        "El viejo zapatero vive en un pueblo de la montaña.",
    ),
    "de": (
        "Guten Morgen und herzlich willkommen in unserem Museum.",
        "Der kleine Junge möchte fünf grüne Äpfel kaufen.",
        "Fischers Fritze fischt frische Fische.",
        "Könnten Sie mir bitte den Weg zum Bahnhof zeigen?",
        "Über den Wolken ist der Himmel immer blau.",
        "Meine Mutter bäckt am Wochenende einen Pflaumenkuchen.",
        "Wir haben gestern Abend ein schönes Konzert gehört.",
        "Draußen regnet es, vergiss deinen Schirm nicht.",
        "Die Prüfung war schwieriger, als ich gedacht hatte.",
        "Zwei weiße Schwäne schwimmen auf dem See.",
        "Ich würde gern wissen, wie viel das kostet.",
        "Jedes Jahr im August fahren wir ans Meer.",
    ),
    "fr": (
        "Bonjour et bienvenue dans notre musée.",
        "Je voudrais un café et deux croissants, s'il vous plaît.",
        "Les chaussettes de l'archiduchesse sont-elles sèches ?",
        "Mon père a peint un beau tableau pour ma sœur.",
        "Où se trouve la gare la plus proche ?",
        "Nous avons vu une pièce de théâtre très amusante.",
        "Un petit bateau bleu passe sous le vieux pont.",
        "Il fait beau aujourd'hui, allons nous promener.",
        "La lune brille au-dessus de la rue.",
        "Cette femme parle plusieurs langues sans accent.",
        "Le boulanger prépare le pain pendant la nuit.",
        "J'ai oublié mon parapluie chez un ami.",
    ),
}
HELD_OUT: Final = 4
"""The last so many of each language are only for evaluation."""


def mixture(lang: str, rng: np.random.Generator) -> str:
    """A sentence of a language, or words of several in a new order, or a number."""
    kept = SENTENCES[lang][:-HELD_OUT]
    kind = rng.random()
    if kind < 0.15 and lang != "ja":
        return str(int(rng.integers(10 ** int(rng.integers(2, 7)))))
    if kind < 0.4:
        return str(kept[rng.integers(len(kept))])
    text = " ".join(kept).translate(str.maketrans("", "", ".?¿!。？"))
    spaced = lang not in ("zh", "ja")
    pieces = text.split() if spaced else list(text.replace(" ", "").replace("，", "").replace("、", ""))
    chosen = rng.choice(pieces, int(rng.integers(4, 12) * (1 if spaced else 1.5)))
    return (" " if spaced else "").join(str(c) for c in chosen) + "."
