"""A visitor's questions are understood by the recogniser that needs no download, and lead to their answers."""

from __future__ import annotations

import asyncio
import importlib.util

import pytest

from bridge.providers import asr
from bridge.providers.llm._companion import english
from bridge.providers.llm._understanding import topic
from tests.questions import QUESTIONS, spoken, voices

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.word)
def test_each_question_leads_to_its_own_answers(question):
    about = topic(question.text, english.BOOK)
    assert about and about.name == question.topic
    assert question.word in question.text.lower()


@pytest.mark.skipif(importlib.util.find_spec("pocketsphinx") is None, reason="no wheel for this Python")
@pytest.mark.parametrize("voice", voices())
def test_eight_of_ten_are_understood(voice):
    async def understood():
        recogniser = asr.build("pocketsphinx", {})
        right = []
        for question in QUESTIONS:

            async def sound(samples):
                for start in range(0, len(samples), 512):
                    yield samples[start : start + 512]

            *_, final = [t async for t in recogniser.stream(sound(spoken(question.text, voice)))]
            about = topic(final.text, english.BOOK)
            right.append(question.word in final.text.split() and about and about.name == question.topic)
        await recogniser.aclose()
        return right

    assert sum(map(bool, asyncio.run(understood()))) >= 8
