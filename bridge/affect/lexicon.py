"""Words, emoji and emoticons that show a feeling, written for this project. `text` reads them.

By emotion and strength (mild 0.35, plain 0.65, strong 1.0), entries between commas. An entry in a spaced script is
whole words, with `*` at its end the beginning of a word; in Chinese and Japanese it counts wherever it stands.
All languages are read at once: visitors mix them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MILD: Final = 0.35
PLAIN: Final = 0.65
STRONG: Final = 1.0

_Words = dict[str, dict[float, str]]

_ENGLISH: Final[_Words] = {
    "happy": {
        STRONG: """overjoyed, thrilled, ecstatic, over the moon, best day, fantastic, amazing, wonderful, hooray, yay,
            woohoo, yippee, i love it, love this, adore*, delighted, brilliant, marvellous, marvelous, awesome,
            hilarious, congratulations, congrats, excited, can't wait, elated, jubilant""",
        PLAIN: """happy, happily, happier, happiness, glad, joy, joyful, joyous, cheer*, great, excellent, lovely,
            fun, funny, enjoy*, laugh*, haha*, hehe*, lol, lmao, love, loved, loves, proud, delight*, pleased, excit*,
            cool, superb, well done, good news, glorious, terrific, celebrat*, splendid, magnificent, playful""",
        MILD: "good, nice, like it, smil*, pretty, sweet, win, won, beautiful, enthusias*, charming, hope you like",
    },
    "content": {
        STRONG: "at peace, so peaceful, deeply grateful, blissful",
        PLAIN: """content, contented, calm, calmly, relax*, peaceful, satisfied, grateful, thankful, comfortable,
            relieved, relief, at ease, serene, cosy, cozy, soothing, thank you, thanks, appreciate*""",
        MILD: """fine, okay, all right, alright, welcome, hello, hi, good morning, good evening, my pleasure,
            of course, no problem, no worries, don't worry, gladly, sure, gentle, not bad, cheers, take your time""",
    },
    "sad": {
        STRONG: """heartbroken, heartbreaking, devastat*, miserable, hopeless, depress*, grief, griev*, despair*,
            sobbing, worst day, passed away, died, funeral, want to cry, suicid*, in tears, mourn*""",
        PLAIN: """sad, sadly, sadder, sadness, unhappy, cry, crying, cried, tears, lonely, alone, gloomy, upset,
            sorrow*, disappoint*, hurt, hurts, miss her, miss him, miss you, miss them, heartache, tragic, tragedy,
            lost my, hopelessly, down today, feeling down, feel down, feeling low, bad day, rough day, let down,
            ashamed, guilty""",
        MILD: """sorry, unfortunately, regret*, alas, pity, a shame, tired, bored, boring, sigh*, exhausted, gave up,
            give up, too bad, failed, fail, weary, bad news, not so good, melanchol*""",
    },
    "angry": {
        STRONG: """furious, fury, enraged, outrag*, livid, i hate, hate this, hate you, hate it, rage, infuriat*,
            shut up, how dare, fuck*, bullshit, son of a bitch, pissed off, seething""",
        PLAIN: """angry, angrily, angrier, anger, mad at, hate, hates, hated, annoy*, irritat*, fed up, sick of,
            unacceptable, ridiculous, stupid, idiot*, useless, damn, dammit, shit, hell no, nonsense, outraged,
            unfair, resent*, hostile, offend*, offensive, insult*, drives me crazy, driving me crazy, what the hell,
            scam, rude""",
        MILD: """frustrat*, complain*, wrong again, stop it, enough already, terrible service, again and again,
            not fair, impatient, bother*, waste of time, doesn't work, won't work, broken again, come on""",
    },
    "surprised": {
        STRONG: """astonish*, astound*, flabbergasted, stunned, oh my god, omg, no way, unbelievable, mind blown,
            mind-blowing, jaw drop*, speechless, what a surprise""",
        PLAIN: """surpris*, wow, whoa, unexpected*, incredible, incredibly, shocked, shocking, gosh, amazed, startl*,
            good heavens, holy cow, are you serious, can't believe, cannot believe, you're kidding, never expected""",
        MILD: """really?, suddenly, oh!, huh, strange, odd, curious*, imagine that, who knew, is that so,
            believe it or not, oh my, goodness""",
    },
    "fearful": {
        STRONG: """terrif*, petrified, horrified, panic*, scared to death, help me, nightmare*, dread, dreaded,
            in danger, frightened to death, life in danger""",
        PLAIN: """afraid, scared, scare, scares, scary, fear, fears, fearful, frighten*, anxious*, anxiety, worried,
            nervous*, threat*, dangerous, horror, creepy, alarmed, alarming, spooky, phobia, terror, trembl*""",
        MILD: """worry, worries, worrying, concern*, uneasy, risky, unsafe, stress*, careful, insecure, hesitant,
            what if, unsure, danger""",
    },
    "disgusted": {
        STRONG: "disgust*, revolting, repuls*, nauseat*, vomit*, vile, makes me sick, sickening, abhorrent",
        PLAIN: """gross, yuck, yucky, eww, ew, ugh, nasty, filthy, stinks, stinky, rotten, foul, putrid, loathsome,
            hideous, repugnant, puke, icky""",
        MILD: "smelly, dirty, unpleasant, distaste*, awful, slimy, mouldy, moldy, cringe",
    },
}

_CHINESE: Final[_Words] = {
    "happy": {
        STRONG: """太棒了, 太好了, 开心死, 高兴坏了, 激动, 兴奋, 欣喜若狂, 乐疯了, 好耶, 万岁, 恭喜, 祝贺, 爱死,
            棒极了, 超开心, 笑死""",
        PLAIN: """开心, 高兴, 快乐, 喜欢, 幸福, 哈哈, 嘻嘻, 嘿嘿, 愉快, 有趣, 好玩, 真棒, 真好, 厉害, 精彩, 完美,
            爱你, 喜悦, 欢乐, 期待, 自豪, 骄傲, 給力, 给力, 開心, 高興, 快樂, 喜歡, 好消息""",
        MILD: "不错, 不賴, 不赖, 挺好, 好看, 可爱, 美好, 有意思, 漂亮, 欢迎, 微笑, 好吃",
    },
    "content": {
        STRONG: "心满意足, 非常感谢, 太感谢",
        PLAIN: "满意, 满足, 放松, 安心, 舒服, 平静, 谢谢, 感谢, 感激, 放心, 踏实, 轻松, 多谢, 温馨, 謝謝, 感謝",
        MILD: "还好, 还行, 还不错, 没事, 没关系, 好的, 你好, 您好, 不客气, 当然, 早上好, 晚上好, 没问题",
    },
    "sad": {
        STRONG: "伤心, 心碎, 绝望, 痛苦, 悲痛, 崩溃, 想哭, 去世, 心如刀割, 生无可恋, 抑郁, 傷心, 大哭",
        PLAIN: """难过, 悲伤, 哭了, 在哭, 哭泣, 流泪, 眼泪, 孤独, 寂寞, 失望, 沮丧, 难受, 失落, 心疼, 委屈, 悲哀,
            郁闷, 心酸, 不开心, 不高兴, 不快乐, 難過, 悲傷, 呜呜, 内疚, 想念""",
        MILD: """可惜, 遗憾, 抱歉, 对不起, 不好意思, 唉, 好累, 很累, 太累, 无聊, 疲惫, 不幸, 倒霉, 很遗憾, 坏消息,
            失败""",
    },
    "angry": {
        STRONG: """气死, 愤怒, 火大, 可恶, 暴怒, 滚开, 滚蛋, 混蛋, 去死, 他妈的, 妈的, 岂有此理, 忍无可忍, 恨死, 憤怒,
            受够了""",
        PLAIN: """生气, 恼火, 讨厌, 烦死, 气人, 恨你, 好气, 发火, 过分, 混账, 垃圾, 废物, 骗子, 太差, 投诉, 胡说,
            闭嘴, 生氣, 討厭, 不讲理, 不公平""",
        MILD: "烦人, 好烦, 很烦, 真烦, 不满, 搞什么, 怎么又, 浪费时间, 不耐烦, 吵死, 有毛病, 什么鬼",
    },
    "surprised": {
        STRONG: "震惊, 惊呆, 不敢相信, 难以置信, 天哪, 天啊, 我的天, 不可思议, 大吃一惊, 不會吧, 不会吧, 万万没想到",
        PLAIN: "惊讶, 吃惊, 惊喜, 没想到, 意外, 居然, 竟然, 哇, 真的吗, 真的假的, 惊人, 驚訝, 想不到",
        MILD: "突然, 原来如此, 奇怪, 咦, 好奇, 原来是, 是吗",
    },
    "fearful": {
        STRONG: "吓死, 恐惧, 惊恐, 恐慌, 救命, 噩梦, 毛骨悚然, 吓坏",
        PLAIN: """害怕, 好怕, 很怕, 我怕, 可怕, 恐怖, 担心, 焦虑, 紧张, 吓人, 吓到, 不安, 慌张, 好慌, 危险, 擔心,
            緊張, 发抖""",
        MILD: "担忧, 忐忑, 压力, 小心, 犹豫, 怎么办, 不敢",
    },
    "disgusted": {
        STRONG: "恶心, 作呕, 想吐, 令人发指, 噁心, 反胃",
        PLAIN: "好臭, 太脏, 肮脏, 厌恶, 嫌弃, 难闻, 下流, 龌龊, 臭死",
        MILD: "难吃, 脏兮兮, 油腻, 反感, 难看",
    },
}

_JAPANESE: Final[_Words] = {
    "happy": {
        STRONG: "最高, 大好き, やった, おめでとう, わくわく",
        PLAIN: "嬉しい, うれしい, 楽しい, たのしい, 幸せ, 好きです, 素晴らしい, すばらしい, 面白い, 笑った",
        MILD: "いいね, 素敵, かわいい, ようこそ",
    },
    "content": {STRONG: "満足", PLAIN: "ありがとう, 安心, 感謝, ほっと", MILD: "こんにちは, 大丈夫, もちろん"},
    "sad": {
        STRONG: "絶望, 泣きたい, 亡くな",
        PLAIN: "悲しい, かなしい, 寂しい, さびしい, 辛い, つらい, 泣い, がっかり, 落ち込",
        MILD: "残念, ごめん, すみません, 疲れ, 申し訳",
    },
    "angry": {
        STRONG: "許せない, ふざけるな, 激怒",
        PLAIN: "怒っ, むかつく, 腹が立, 腹立, 嫌い, いい加減に",
        MILD: "イライラ, 不満",
    },
    "surprised": {
        STRONG: "信じられない, まさか",
        PLAIN: "驚い, びっくり, 本当ですか, すごい, えっ",
        MILD: "意外, 不思議, 突然",
    },
    "fearful": {STRONG: "助けて, 恐ろしい", PLAIN: "怖い, こわい, 心配, 緊張, 危ない", MILD: "不安, どうしよう"},
    "disgusted": {STRONG: "吐き気", PLAIN: "気持ち悪い, きもい, 臭い", MILD: "まずい, 汚い"},
}

_GERMAN: Final[_Words] = {
    "happy": {
        STRONG: "begeister*, überglücklich, juhu, hurra, fantastisch, glückwunsch",
        PLAIN: "glücklich*, froh, freue, freut, freude, toll, super, lustig, großartig, wunderbar, liebe es",
        MILD: "schön, gut gemacht, nett",
    },
    "content": {
        STRONG: "",
        PLAIN: "zufrieden, entspannt, danke, dankbar, erleichtert",
        MILD: "hallo, guten tag, gern, gerne",
    },
    "sad": {
        STRONG: "verzweifelt, todtraurig, gestorben",
        PLAIN: "traurig*, weine, weinen, einsam, enttäuscht, unglücklich",
        MILD: "leider, schade, tut mir leid, müde",
    },
    "angry": {
        STRONG: "stinksauer, rasend, verdammt, scheiße",
        PLAIN: "wütend, sauer, ärger*, hasse, unverschämt",
        MILD: "nervt, genervt, blöd",
    },
    "surprised": {STRONG: "unglaublich", PLAIN: "überrasch*, erstaun*, wahnsinn", MILD: "plötzlich, seltsam, ach was"},
    "fearful": {STRONG: "panik, entsetzt", PLAIN: "angst, ängstlich, fürchte", MILD: "nervös, besorgt, sorge, sorgen"},
    "disgusted": {STRONG: "ekelhaft, widerlich", PLAIN: "eklig, igitt, pfui", MILD: "stinkt"},
}

_FRENCH: Final[_Words] = {
    "happy": {
        STRONG: "génial*, fantastique, ravi, ravie, youpi, félicitations, hourra",
        PLAIN: "heureux, heureuse, content de, super, drôle, j'adore, joie, magnifique, formidable",
        MILD: "chouette, sympa, joli",
    },
    "content": {
        STRONG: "",
        PLAIN: "merci, satisfait*, détendu*, soulagé*, tranquille",
        MILD: "bonjour, volontiers, bien sûr",
    },
    "sad": {
        STRONG: "désespér*, bouleversé*",
        PLAIN: "triste*, pleure*, malheureux, malheureuse, déçu*, seul au monde",
        MILD: "désolé*, dommage, malheureusement, fatigué*",
    },
    "angry": {
        STRONG: "furieux, furieuse, putain, je déteste",
        PLAIN: "en colère, fâché*, énervé*, inacceptable, merde",
        MILD: "agaçant*, ras le bol",
    },
    "surprised": {STRONG: "incroyable, c'est pas vrai", PLAIN: "surpris*, étonn*, oh là là", MILD: "soudain, bizarre"},
    "fearful": {
        STRONG: "terrifié*, au secours, panique",
        PLAIN: "peur, effray*, angoiss*",
        MILD: "inquiet, inquiète, nerveux",
    },
    "disgusted": {STRONG: "dégoût*, répugnant*", PLAIN: "beurk, dégueu*", MILD: "sale"},
}

_SPANISH: Final[_Words] = {
    "happy": {
        STRONG: "fantástic*, encantad*, emocionad*, felicidades, enhorabuena, yupi",
        PLAIN: """feliz, felices, contento, contenta, alegr*, genial, divertid*, me encanta, estupend*, maravillos*,
            jaja*""",
        MILD: "bonit*, qué bien",
    },
    "content": {STRONG: "", PLAIN: "gracias, tranquil*, satisfech*, aliviad*", MILD: "hola, claro que sí, buenos días"},
    "sad": {
        STRONG: "desesperad*, destrozad*",
        PLAIN: "triste*, llorar, lloro, llorando, decepcionad*, desdichad*",
        MILD: "lo siento, lástima, desgraciadamente, cansad*",
    },
    "angry": {
        STRONG: "furios*, mierda, te odio",
        PLAIN: "enfadad*, enojad*, odio, inaceptable, rabia",
        MILD: "molest*, harto, harta",
    },
    "surprised": {
        STRONG: "increíble, dios mío",
        PLAIN: "sorprend*, sorpresa, asombr*, no me digas",
        MILD: "de repente, extrañ*",
    },
    "fearful": {STRONG: "aterrad*, pánico, socorro", PLAIN: "miedo, asustad*, temo", MILD: "nervios*, preocupad*"},
    "disgusted": {STRONG: "repugnante*, asqueros*", PLAIN: "asco, qué asco", MILD: "sucio"},
}

EMOJI: Final[dict[str, str]] = {
    "happy": "😀😃😄😁😆😂🤣😊🥰😍🤩😘🥳😺😸🎉👏💖❤💕😜😝🤗",
    "content": "🙂😌☺😇👍🙏😉🤝",
    "sad": "😢😭😞😔🙁☹😟😥🥺💔😿😩😫😓",
    "angry": "😠😡🤬👿💢😤🖕",
    "surprised": "😮😯😲🤯😳😱❗‼",
    "fearful": "😨😰😧😦🫣🫨",
    "disgusted": "🤢🤮😖🤧👎💩",
}
EMOTICONS: Final[dict[str, tuple[str, ...]]] = {
    "happy": (":)", ":-)", ":D", ":-D", "=)", "xD", "XD", "^_^", "^^", "(^o^)", ";D"),
    "content": (";)", ";-)"),
    "sad": (":(", ":-(", ":'(", "T_T", "T.T", "QAQ", ";_;", "=("),
    "angry": (">:(", ">:-("),
    "surprised": (":O", ":-O", ":o", "o_O", "O_o"),
    "disgusted": (":-&", "-_-"),
}

NEGATORS: Final = frozenset(
    {
        "not",
        "no",
        "never",
        "without",
        "hardly",
        "barely",
        "neither",
        "nor",
        "cannot",
        "nobody",
        "nothing",
        "isnt",
        "dont",
    }
    | {"nicht", "kein", "keine", "keinen", "nie", "ohne", "ne", "pas", "jamais", "sans", "sin", "nunca", "tampoco"}
)
"""Words; any that ends in n't counts too."""
NEGATORS_CJK: Final = ("不", "没", "沒", "别", "無", "无", "未", "并非", "从不", "從不")
NOT_NEGATORS_CJK: Final = ("特别", "特別", "别人", "別人", "不但", "不仅", "不只", "不过", "差不多", "无比", "無比")
"""Words that only contain a negator."""
STRONGER: Final = frozenset(
    {"very", "so", "really", "extremely", "absolutely", "totally", "incredibly", "too", "super", "such", "completely"}
    | {"truly", "deeply", "utterly", "terribly", "awfully", "most", "sehr", "total", "wirklich", "très", "trop", "muy"}
    | {"vraiment", "tan", "bloody", "fucking"}
)
WEAKER: Final = frozenset(
    {"slightly", "somewhat", "little", "bit", "kinda", "sorta", "fairly", "mildly", "rather", "etwas", "bisschen", "un"}
    | {"peu", "poco", "partly"}
)
STRONGER_CJK: Final = (
    "非常",
    "特别",
    "十分",
    "超级",
    "太",
    "很",
    "真",
    "超",
    "极其",
    "好",
    "最",
    "とても",
    "すごく",
    "本当に",
)
WEAKER_CJK: Final = ("有点", "有些", "稍微", "一点", "略", "ちょっと", "少し")
BUT: Final = ("but", "however", "aber", "mais", "pero", "但是", "但", "可是", "不过", "然而", "でも", "けど")


def entries() -> Iterator[tuple[str, str, float]]:
    """All words and phrases: the entry, its emotion, its strength."""
    for language in (_ENGLISH, _CHINESE, _JAPANESE, _GERMAN, _FRENCH, _SPANISH):
        for emotion, by_strength in language.items():
            for strength, listed in by_strength.items():
                for entry in listed.split(","):
                    if word := " ".join(entry.split()):
                        yield word, emotion, strength
