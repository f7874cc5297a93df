"""Labels of any spelling become sounds whose targets respect the phonetics."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.face.phones import NEUTRAL, PAUSE, sounds

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("label", ["", "sil", "SIL", "_:"])
def test_pauses(label):
    assert sounds(label) == (PAUSE,)


CUTS = {
    1: "a ph pʰ i. t̪ kʷ",
    2: "ˈaɪ tʃ t͡ʃ ʧ tɕh ts.h ɑːɹ əl ɚ ɐ̃ʊ̃ pf ɔø",
    3: "iɑu uei onɡ aɪə",
    4: "aɪɚ",
}


@pytest.mark.parametrize(("label", "count"), [(label, n) for n, labels in CUTS.items() for label in labels.split()])
def test_a_label_is_cut_into_its_sounds(label, count):
    assert len(sounds(label)) == count


@pytest.mark.parametrize(
    ("arpabet", "ipa"),
    [("AA1", "ˈɑ"), ("IY0", "i"), ("OW2", "ˌoʊ"), ("CH", "tʃ"), ("HH", "h"), ("ER1", "ˈɝ"), ("B", "b"), ("NG", "ŋ")],
)
def test_arpabet_is_ipa_in_capitals(arpabet, ipa):
    assert [s.jaw for s in sounds(arpabet)] == pytest.approx([s.jaw for s in sounds(ipa)], abs=0.08)
    assert [s.lips for s in sounds(arpabet)] == [s.lips for s in sounds(ipa)]


@pytest.mark.parametrize("label", ["p", "b", "m", "ph", "bʰ", "mʲ", "pf", "P", "B", "M", "p͡f", "m̩", "bː"])
def test_bilabials_close_the_lips(label):
    assert sounds(label)[0].lips == 1


@pytest.mark.parametrize("label", ["f", "v", "F", "V", "fʲ"])
def test_labiodentals_bring_lip_to_teeth(label):
    assert sounds(label)[0].teeth == 1


def test_only_interdentals_show_the_tongue():
    shown = [label for label in "abcdefghijklmnopqrstuvwxyzθðʃʒŋɹɾɲʎ" if any(s.tongue for s in sounds(label))]
    assert shown == ["θ", "ð"]


def test_rounded_vowels_pucker_when_close_and_funnel_when_open():
    u, o, open_o, sh = (sounds(x)[0] for x in ("u", "o", "ɔ", "ʃ"))
    assert u.pucker > o.pucker > open_o.pucker
    assert open_o.funnel > u.funnel
    assert sh.funnel > sh.pucker
    assert all(max(sounds(x)[0].pucker, sounds(x)[0].funnel) == 0 for x in ("i", "e", "ɛ", "a", "s", "z"))


def test_the_jaw_follows_openness_and_stress():
    jaws = [sounds("ˈ" + x)[0].jaw for x in ("i", "e", "ɛ", "a")]
    assert jaws == sorted(jaws) and jaws[-1] > 2 * jaws[0]
    assert sounds("ˈa")[0].jaw > sounds("ˌa")[0].jaw > sounds("a")[0].jaw
    assert sounds("AA1")[0].jaw > sounds("AA2")[0].jaw > sounds("AA0")[0].jaw


def test_diacritics_move_the_lips():
    assert sounds("kʷ")[0].pucker > sounds("k")[0].pucker
    assert sounds("tʲ")[0].spread > sounds("t")[0].spread


def test_what_is_not_known_is_neutral():
    assert sounds("Ж") == (NEUTRAL,)
    assert sounds("()") == (NEUTRAL,)


@given(st.text(max_size=12) | st.text(string.ascii_uppercase + "012", max_size=4))
def test_no_label_is_too_strange(label):
    for sound in sounds(label):
        values = (
            sound.jaw,
            sound.pucker,
            sound.funnel,
            sound.spread,
            sound.part,
            sound.lips,
            sound.teeth,
            sound.tongue,
        )
        assert all(0 <= v <= 1 for v in values)
        assert sound.weight > 0 and min(sound.hold_jaw, sound.hold_round, sound.hold_spread) > 0
