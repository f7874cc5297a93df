"""What an avatar says in trouble, and to greet, where its persona brings no words of its own."""

from __future__ import annotations

from typing import Final, Literal, get_args

LineName = Literal[
    "asr_down", "llm_down", "tts_down", "not_understood", "busy", "slow", "deflect", "forgotten", "goodbye"
]
LINE_NAMES: Final[tuple[LineName, ...]] = get_args(LineName)
"""The recogniser, the language model or the voice fails (the last is shown, not said); words were heard but not
understood; somebody else is being served; the answer takes long; a taboo topic; a visitor asked to be forgotten;
a visitor leaves."""

GREETINGS: Final[dict[str, str]] = {
    "en": "Hello! I am {name}. What can I do for you?",
    "zh": "你好！我是{name}。有什么可以帮你的吗？",
    "ja": "こんにちは！{name}です。何かお手伝いしましょうか？",
    "de": "Hallo! Ich bin {name}. Was kann ich für dich tun?",
    "fr": "Bonjour ! Je suis {name}. Que puis-je faire pour vous ?",
    "es": "¡Hola! Soy {name}. ¿En qué puedo ayudarte?",
}

LINES: Final[dict[str, dict[LineName, tuple[str, ...]]]] = {
    "en": {
        "asr_down": ("I can't hear you properly just now. You can type to me instead.",),
        "llm_down": (
            "I have lost my train of thought. Please ask me again in a moment.",
            "My thoughts won't come yet.",
        ),
        "tts_down": ("My voice is gone for the moment, so please read what I say.",),
        "not_understood": ("Sorry, I didn't catch that.", "Could you say that once more?"),
        "busy": ("One moment please, I am still talking with somebody.",),
        "slow": ("Let me think.", "Just a second."),
        "deflect": ("I would rather not talk about that. What else is on your mind?",),
        "forgotten": ("Done. I have forgotten what you told me.",),
        "goodbye": ("Goodbye! It was nice talking with you.",),
    },
    "zh": {
        "asr_down": ("我现在听不清你说话，你可以打字给我。",),
        "llm_down": ("我的思路断了，请过一会儿再问我。", "我还没想出来，请稍等一下。"),
        "tts_down": ("我暂时发不出声音，请看屏幕上的字。",),
        "not_understood": ("不好意思，我没听清。", "可以再说一遍吗？"),
        "busy": ("请稍等，我还在和别人说话。",),
        "slow": ("让我想一想。", "稍等一下。"),
        "deflect": ("这个话题我不太方便聊，我们说点别的吧。",),
        "forgotten": ("好的，你告诉我的事情我都忘掉了。",),
        "goodbye": ("再见！和你聊天很开心。",),
    },
    "ja": {
        "asr_down": ("今、声がうまく聞き取れません。文字で入力してください。",),
        "llm_down": ("考えがまとまりません。少ししてからもう一度聞いてください。",),
        "tts_down": ("今は声が出せないので、画面の文字を読んでください。",),
        "not_understood": ("すみません、聞き取れませんでした。", "もう一度言っていただけますか？"),
        "busy": ("少々お待ちください。今ほかの方とお話ししています。",),
        "slow": ("えっと、少し考えますね。",),
        "deflect": ("その話は控えさせてください。ほかのことを話しましょう。",),
        "forgotten": ("はい、うかがったことは忘れました。",),
        "goodbye": ("さようなら！お話しできて楽しかったです。",),
    },
    "de": {
        "asr_down": ("Ich kann dich gerade nicht gut hören. Du kannst mir aber schreiben.",),
        "llm_down": ("Ich habe den Faden verloren. Frag mich bitte gleich noch einmal.",),
        "tts_down": ("Meine Stimme ist gerade weg. Bitte lies, was ich sage.",),
        "not_understood": ("Entschuldige, das habe ich nicht verstanden.", "Sagst du das bitte noch einmal?"),
        "busy": ("Einen Moment bitte, ich spreche noch mit jemandem.",),
        "slow": ("Lass mich nachdenken.",),
        "deflect": ("Darüber möchte ich nicht sprechen. Was beschäftigt dich sonst?",),
        "forgotten": ("Erledigt. Ich habe vergessen, was du mir erzählt hast.",),
        "goodbye": ("Auf Wiedersehen! Es war schön, mit dir zu reden.",),
    },
    "fr": {
        "asr_down": ("Je vous entends mal en ce moment. Vous pouvez m'écrire.",),
        "llm_down": ("J'ai perdu le fil. Reposez-moi la question dans un instant.",),
        "tts_down": ("Je n'ai plus de voix pour l'instant, lisez ce que je dis à l'écran.",),
        "not_understood": ("Pardon, je n'ai pas compris.", "Pouvez-vous répéter, s'il vous plaît ?"),
        "busy": ("Un instant, je parle encore avec quelqu'un.",),
        "slow": ("Laissez-moi réfléchir.",),
        "deflect": ("Je préfère ne pas en parler. De quoi d'autre voulez-vous discuter ?",),
        "forgotten": ("C'est fait, j'ai oublié ce que vous m'avez dit.",),
        "goodbye": ("Au revoir ! C'était un plaisir de parler avec vous.",),
    },
    "es": {
        "asr_down": ("Ahora mismo no te oigo bien. Puedes escribirme.",),
        "llm_down": ("He perdido el hilo. Pregúntame otra vez dentro de un momento.",),
        "tts_down": ("Me he quedado sin voz por ahora; lee lo que digo en la pantalla.",),
        "not_understood": ("Perdona, no te he entendido.", "¿Puedes repetirlo, por favor?"),
        "busy": ("Un momento, todavía estoy hablando con alguien.",),
        "slow": ("Déjame pensar.",),
        "deflect": ("Prefiero no hablar de eso. ¿De qué más quieres hablar?",),
        "forgotten": ("Listo, he olvidado lo que me contaste.",),
        "goodbye": ("¡Adiós! Me ha gustado hablar contigo.",),
    },
}
