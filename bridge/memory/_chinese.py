"""What a Chinese sentence tells of its speaker, in simplified or traditional characters. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from bridge.memory import MAX_FACT, Claim, FactKind

_HAN: Final = r"[\u3400-\u9fff]"
_SPACED: Final = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
"""Some recognisers put blanks between words."""

_STOP: Final = r"，,。；;！!？?：:\s"
_REST: Final = rf"(?P<value>(?:[^{_STOP}]|(?<=[A-Za-z]) (?=[A-Za-z])){{1,30}})"
_CLAUSE: Final = re.compile(r"但|因为|因為|所以|可是|不过|不過|而且|然后|然後|(?<!^)我(?![的们們家])")
_PARTICLES: Final = re.compile(r"(?:的?[了啊哦呢吧呀啦哈嘛]|的)+$")
_OTHERS: Final = "你妳您他她它这這那谁誰什啥哪咱"
_MUCH: Final = (
    r"(?:也|很|最|真的|特别|特別|非常|比较|比較|挺|超级|超級|超|更|还|還|一直|平时|平時|最近|都|就|好|蛮|蠻|是"
    r"|从小|從小|现在|現在)*"
)
_NOT_SAID: Final = re.compile(r"(?:如果|要是|假如|以为|以為|是否|说|說|问|問|知道|听说|聽說)$")
"""Before a clause these make it a condition, or somebody else's."""
_DATE: Final = (
    r"(?P<value>(?:农历|農曆|阴历|陰曆|阳历|陽曆)?(?:[\d零〇一二三四五六七八九十]{2,4}年)?"
    r"[\d一二三四五六七八九十正腊臘]{1,3}月(?:初?[\d一二三四五六七八九十廿]{1,3}[日号號]?)?)"
)
_TRADE: Final = (
    r"老师|老師|师傅|师|師|员|員|学生|學生|医生|醫生|研究生|大学生|大學生|高中生|初中生|小学生|小學生|家|司机|司機|老板|老闆"
    r"|警察|护士|護士|农民|農民|工人|商人|诗人|詩人|军人|軍人|记者|記者|学者|學者|歌手|经理|經理|教授|厨子|主播|博主|总监|總監"
    r"|秘书|秘書|会计|會計|导演|導演|法官|翻译|翻譯|模特"
)
_NO_TRADES: Final = re.compile(r".*(?:大家|自家|一家|人家|亲人家|全家|会员|會員|成员|成員|球迷)$")
_NO_NAMES: Final = re.compile(
    rf"[{_OTHERS}了过過不别別一两兩几幾个個]|外卖|外賣|车|車|滴滴|起床|干|做|去|来|來|怎|吃|回|帮|幫|停|等|过|在|有"
)
_NO_PEOPLES: Final = re.compile(
    r"一|个|個|成年|普通|残疾|殘疾|年轻|年輕|主持|负责|負責|机器|機器|老年|外国|外國|本地|外地|单身|單身|候选|候選|联系|聯繫|发言|發言|第"
)


def claims(sentence: str) -> Iterator[Claim]:
    """The claims in one sentence."""
    said = _SPACED.sub("", sentence)
    for kind, pattern, value_of in _RULES:
        for match in pattern.finditer(said):
            value = value_of(match)
            if value and len(value) <= MAX_FACT and not _NOT_SAID.search(said[: match.start()]):
                yield Claim(kind, value)


def _plain(match: re.Match[str]) -> str:
    """The value up to where another clause begins, without particles."""
    return _PARTICLES.sub("", _CLAUSE.split(match["value"])[0]).strip()


def _name(match: re.Match[str]) -> str:
    return "" if _NO_NAMES.match(match["value"]) else match["value"].strip()


def _liked(match: re.Match[str]) -> str:
    value = _plain(match)
    return "" if value[:1] in _OTHERS or value in ("上", "过", "過", "的") else value


def _favourite(match: re.Match[str]) -> str:
    value, what = _plain(match), match["what"]
    return f"{value}（最喜欢的{what}）" if value and what else value


def _origin(match: re.Match[str]) -> str:
    value = _plain(match)
    return "" if value[:1] in _OTHERS else value


def _people(match: re.Match[str]) -> str:
    return "" if _NO_PEOPLES.match(match["value"]) or match["value"][0] in _OTHERS else match["value"]


def _trade(match: re.Match[str]) -> str:
    return "" if _NO_TRADES.match(match["value"]) or match["value"][0] in _OTHERS + "不" else match["value"]


def _workplace(match: re.Match[str]) -> str:
    place = match["place"]
    return "" if place[0] in _OTHERS + "想找家做忙努" else match["value"]


def _date(match: re.Match[str]) -> str:
    return match["value"]


def _note(match: re.Match[str]) -> str:
    value = match["value"].strip("。！!，, ")
    return value if len(value) >= 3 and value[0] not in "你妳您这這那" else ""


_NAME: Final = (
    rf"(?P<value>[A-Za-z][A-Za-z'-]*(?: [A-Z][A-Za-z'-]*)?|[\u3400-\u9fff·]{{1,6}}?)"
    rf"(?=$|[{_STOP}、]|吧|就|好了|今年|来自|來自|我|住|是|也|很|喜|哦|啦|呀|的)"
)

_PATTERNS: Final[tuple[tuple[FactKind, str, Callable[[re.Match[str]], str]], ...]] = (
    ("name", rf"我的?名字(?:现在|現在)?(?:是|叫做|叫){_NAME}", _name),
    ("name", rf"我(?:现在|現在)?(?:改名叫|名叫|叫做|叫作|叫){_NAME}", _name),
    ("name", rf"(?:^|[，, 请請就]|可以|以后|以後|大家都)叫我{_NAME}", _name),
    ("from", rf"我是?(?:来自|來自){_REST}", _origin),
    ("from", rf"我的?(?:家乡|家鄉|老家)(?:在|是){_REST}", _origin),
    ("from", rf"我是?[从從](?P<value>[^{_STOP}]{{1,12}}?)(?:过|過)?[来來]的?(?=$|[{_STOP}])", _origin),
    ("from", rf"我是(?P<value>[\u3400-\u9fff]{{2,8}}?)人(?=$|[{_STOP}、也]|在)", _people),
    ("lives", rf"我(?:现在|現在|目前|家|就|还|還|一直)*住(?:在)?(?![院的了过過宿校不]){_REST}", _origin),
    ("lives", rf"我家就?在{_REST}", _origin),
    ("job", rf"我的?(?:工作|职业|職業)是{_REST}", _origin),
    (
        "job",
        rf"我(?:现在|現在)?[是当當](?:一名|一个|一個|一位|名|个|個|位)?"
        rf"(?P<value>[\u3400-\u9fff]{{0,8}}?(?:{_TRADE}))(?=$|[{_STOP}、了在])",
        _trade,
    ),
    (
        "job",
        rf"我(?P<value>在(?P<place>[^{_STOP}]{{1,15}}?)(?:工作|上班|上学|上學|读书|讀書|教书|教書))",
        _workplace,
    ),
    ("birthday", rf"我的?生日就?[是在]?{_DATE}", _date),
    ("birthday", rf"我[是在]?{_DATE}(?:出生|生)", _date),
    ("likes", rf"我{_MUCH}(?:喜[欢歡]|热爱|熱愛|[爱愛](?![人情心好]))(?!的){_REST}", _liked),
    (
        "dislikes",
        rf"我(?:也|很|最|真的|特别|特別|非常|从来|從來|一直|都|就|其实|其實)*"
        rf"(?:不(?:太|怎么|怎麼|是很|大)?(?:喜[欢歡]|[爱愛])|讨厌|討厭|受不了|痛恨|恨)(?!的){_REST}",
        _liked,
    ),
    ("likes", rf"我最(?:喜[欢歡]|[爱愛])的(?P<what>[^{_STOP}是]{{0,8}})是{_REST}", _favourite),
    (
        "note",
        r"^(?:请|請|帮我|幫我|麻烦你?|麻煩你?|你要|要|一定要|那|好的?|，|,)*"
        r"(?:记住|記住|记得|記得|记一下|記一下|记下|記下|别忘了|別忘了|不要忘了|不要忘记|不要忘記)[，,：:\s]*(?P<value>.+)$",
        _note,
    ),
)
_RULES: Final = tuple((kind, re.compile(pattern), value_of) for kind, pattern, value_of in _PATTERNS)
