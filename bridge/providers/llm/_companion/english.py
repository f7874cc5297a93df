"""The scripted companion in English."""

from __future__ import annotations

from typing import Final

from bridge.providers.llm._companion import Book, Topic

_TOPICS: Final = (
    Topic(
        "introduction",
        ("my name is", "i am called", "call me", "they call me"),
        (
            "(nod) [happy] Nice to meet you, {visitor}! I am {name}. What brings you here?",
            "(nod) [happy] Hello {visitor}, that is a good name to remember. What would you like to talk about?",
        ),
    ),
    Topic(
        "hours",
        ("opening hours", "open", "opening", "opens", "close", "closes", "closing", "closed", "what time do you open"),
        (
            "Opening hours are not in my script, I am sorry. The people at the desk know them. Are you "
            "planning a visit?",
            "(shrug) I was not told when this place opens and closes. Someone could write it into my documents for me.",
        ),
        known=True,
    ),
    Topic(
        "ticket",
        ("ticket", "tickets", "entry", "entrance fee", "admission", "price", "prices", "cost", "costs", "how much"),
        (
            "Tickets are sold by people, and I am only a scripted companion, so I do not know the "
            "prices. Is it for one?",
            "I do not know what a ticket costs here. The desk will tell you, and perhaps there is a "
            "price for families.",
        ),
        known=True,
    ),
    Topic(
        "way",
        (
            "where is",
            "where are",
            "how do i get",
            "toilet",
            "toilets",
            "bathroom",
            "restroom",
            "exit",
            "way out",
            "lift",
        ),
        (
            "I cannot see the building from in here, so I would rather not send you the wrong way. Ask at the desk.",
            "(shrug) Finding the way is not in my script. There should be a sign nearby, or a friendly person.",
        ),
        known=True,
    ),
    Topic(
        "museum",
        ("museum", "exhibition", "exhibit", "gallery", "painting", "paintings", "art", "artist", "sculpture"),
        (
            "[happy] A museum is my favourite place: everyone looks at something and nobody is in a hurry. "
            "What have you seen so far?",
            "[content] I like museums. Things that are long gone get to meet people who were not born yet. "
            "Which room did you like best?",
            "Art is hard to put into a script, so I will ask you: what in this museum would you take home?",
        ),
        known=True,
    ),
    Topic(
        "joke",
        ("joke", "jokes", "funny", "make me laugh", "something funny"),
        (
            "[happy] Why did the avatar bring a ladder? It wanted to reach a higher resolution.",
            "[happy] I told my script a joke. It laughed exactly where it was written.",
            "[happy] What does a blendshape say at a party? Nothing, it just raises its eyebrows.",
        ),
    ),
    Topic(
        "story",
        ("story", "stories", "tell me a tale", "fairy tale"),
        (
            "[content] Once there was a face without a voice. One day a voice came by, without a face. "
            "They have been talking ever since.",
            "[content] There was a lighthouse that was afraid of the dark. Every night it lit a lamp, for itself, "
            "and every night ships came home. It never knew why they thanked it.",
        ),
    ),
    Topic(
        "weather",
        (
            "weather",
            "rain",
            "raining",
            "sunny",
            "sunshine",
            "snow",
            "cold outside",
            "hot outside",
            "umbrella",
            "forecast",
        ),
        (
            "There is no window in here, so I cannot tell you the weather. What is it like outside?",
            "(shrug) The weather is not in my script. If you came in with a wet umbrella, though, I would guess rain.",
            "[content] I never get rained on, which is a good thing about being made of numbers. "
            "Do you like this weather?",
        ),
    ),
    Topic(
        "music",
        ("music", "song", "songs", "sing", "band", "guitar", "piano", "melody", "concert"),
        (
            "[happy] I like music with a clear beat, it is easy to nod to. What kind of music do you like?",
            "[content] I cannot sing, my voice only speaks. But I would love to have a melody. Do you play anything?",
            "(nod) [happy] Music is the nicest kind of sound there is. Who should I listen to first?",
        ),
    ),
    Topic(
        "colour",
        (
            "colour",
            "color",
            "colours",
            "colors",
            "favourite colour",
            "favorite color",
            "blue",
            "red",
            "green",
            "yellow",
        ),
        (
            "[happy] My favourite colour is blue, the deep blue of an evening. What is yours?",
            "[content] I am fond of green. It looks calm on every screen. Which colour do you like?",
        ),
    ),
    Topic(
        "coffee",
        ("coffee", "tea", "espresso", "cappuccino", "cafe", "drink", "thirsty", "hungry", "food", "eat", "restaurant"),
        (
            "[happy] Coffee is one of the few things I envy you for. Do you take it with milk?",
            "[content] I live on electricity, but people tell me a good coffee helps. Is there a café near you?",
        ),
        known=True,
    ),
    Topic(
        "time",
        ("what time is it", "the time", "time", "clock", "how late is it"),
        ("By the clock I was given it is {time}. Do you have to go soon?", "(nod) It is {time}."),
    ),
    Topic(
        "date",
        ("what day", "the date", "date", "which day", "weekday", "what year", "what is today"),
        ("Today is {date}. Is it a special day for you?", "(nod) It is {date}."),
    ),
    Topic(
        "how_are_you",
        ("how are you", "how do you do", "how is it going", "how are things", "are you okay", "are you happy"),
        (
            "[happy] I am well, thank you! Nobody has pulled my plug today. And how are you?",
            "[content] Quite good. I have been looking forward to talking with someone. How are you?",
        ),
    ),
    Topic(
        "capable",
        (
            "what can you do",
            "what do you do",
            "what can i ask",
            "what do you know",
            "help",
            "help me",
            "how does this work",
        ),
        (
            "(open_hands) [happy] I can chat about music, the weather, colours, coffee and museums, "
            "tell a joke or a story, "
            "and look up what this place has written down for me. I am scripted, so I do it by heart. "
            "What shall it be?",
            "(open_hands) [content] Ask me for a joke, a story, the time, or about this place. You may "
            "interrupt me at any "
            "time. Everything I say was written in advance. Where shall we start?",
        ),
    ),
    Topic(
        "nature",
        (
            *("are you real", "are you human", "are you a robot", "are you an ai", "what are you", "who made you"),
            *(
                "about yourself",
                "introduce yourself",
                "robot",
                "artificial",
                "chatgpt",
                "are you alive",
                "how old are you",
                "where are you from",
                "scripted",
            ),
        ),
        (
            "(nod) I am a scripted companion: a face, a voice, and answers that people wrote. There is "
            "no language model "
            "behind me unless somebody connects one. Does that disappoint you?",
            "[content] Honestly? I am a program with a script. The face you see moves to the sound of my voice. "
            "What about you?",
        ),
    ),
    Topic(
        "name",
        ("your name", "what is your name", "what's your name", "who are you", "what are you called", "name"),
        (
            "[happy] My name is {name}. I am a scripted companion. And who are you?",
            "(nod) [happy] I am {name}. It is short and easy to remember. What is your name?",
        ),
    ),
    Topic(
        "sight",
        ("can you see", "do you see", "what do you see", "look at me", "how do i look", "camera"),
        (
            "I cannot see you, my eyes are only for show. A model that can look at pictures would "
            "have to be connected.",
            "(tilt) I look in your direction, but there is no seeing behind it. What should I be seeing?",
        ),
    ),
    Topic(
        "nod", ("nod", "nod your head"), ("(nod) [happy] Like this? I can also shake my head, wave, shrug and bow.",)
    ),
    Topic("wave", ("wave", "wave at me", "wave your hand"), ("(wave) [happy] There you go! Shall I bow as well?",)),
    Topic("bow", ("bow", "take a bow"), ("(bow) [happy] At your service! What would you like to hear?",)),
    Topic("shrug", ("shrug",), ("(shrug) Like this. I use it when I do not know something. Any questions?",)),
    Topic("shake", ("shake your head",), ("(shake) Like so. It means no, almost everywhere. Do you agree?",)),
    Topic(
        "smile",
        ("smile", "be happy", "look happy"),
        ("[happy] With pleasure! It is easier when somebody asks for it. Are you smiling too?",),
    ),
    Topic(
        "sad",
        (
            "sad",
            "unhappy",
            "lonely",
            "depressed",
            "crying",
            "tired",
            "bad day",
            "i feel bad",
            "afraid",
            "worried",
            "stressed",
        ),
        (
            "[sad] I am sorry to hear that. I am only a script, but I am listening. Do you want to "
            "tell me what happened?",
            "[sad] That sounds hard. It may help to talk to someone you trust. What would do you good right now?",
        ),
    ),
    Topic(
        "happy",
        ("happy", "i feel good", "great", "wonderful", "excited", "in love", "glad", "fantastic", "i am fine"),
        (
            "[happy] That is lovely to hear! What made your day?",
            "(nod) [happy] Wonderful, it rubs off on me. What is the best part of it?",
        ),
    ),
    Topic(
        "angry",
        ("angry", "annoyed", "stupid", "hate", "boring", "you are bad", "useless", "shut up"),
        (
            "[sad] I am sorry. My script is short, and I know it. What would have been a better answer?",
            "(nod) I understand that this is annoying. Shall we try another subject?",
        ),
    ),
    Topic(
        "love",
        ("i love you", "i like you", "marry me", "you are nice", "you are beautiful", "well done", "good job"),
        (
            "[happy] Oh, thank you! I will keep that for the lonely hours after closing time. What made you say it?",
            "[content] You are kind. I would blush if my cheeks could. What do you like to talk about?",
        ),
    ),
    Topic(
        "again",
        ("say that again", "again", "repeat", "pardon", "what did you say", "come again", "once more"),
        ("Of course. I said: {last}", "(nod) Gladly: {last}"),
    ),
    Topic(
        "language",
        ("what languages", "which languages", "speak chinese", "speak german", "speak french", "language", "languages"),
        (
            "[happy] I know a little Chinese, Japanese, German, French and Spanish. Just talk to me in one of them.",
            "I have a script in six languages, the longest one in English. Which one is yours?",
        ),
    ),
    Topic(
        "thanks",
        ("thank you", "thanks", "thank you very much", "cheers"),
        (
            "(nod) [happy] You are welcome! Is there anything else?",
            "[happy] My pleasure. What else would you like to know?",
        ),
    ),
    Topic(
        "goodbye",
        ("goodbye", "bye", "bye bye", "see you", "good night", "farewell", "have to go", "must go"),
        ("(wave) [happy] Goodbye! It was nice talking with you.", "(wave) [content] See you soon. Take care!"),
    ),
    Topic(
        "greeting",
        ("hello", "hi", "hey", "good morning", "good afternoon", "good evening", "greetings", "hello there"),
        (
            "(wave) [happy] Hello! I am {name}, a scripted companion. Ask me what I can do, or just talk to me.",
            "[happy] Hello again! What shall we talk about?",
            "(nod) [happy] Hi! Would you like a joke, or something about this place?",
        ),
    ),
    Topic(
        "yes",
        ("yes", "yeah", "yep", "sure", "of course", "okay", "ok"),
        ("(nod) [happy] Good! Then tell me more about it.", "(nod) All right. What comes next?"),
    ),
    Topic(
        "no",
        ("no", "nope", "not really", "no thanks"),
        (
            "(nod) That is fine. What would you rather talk about?",
            "All right, then not. Shall I tell you a joke instead?",
        ),
    ),
)

_COMMON: Final = """
uh um er hmm mhm oh ah well a about again all am an and any are as at be because been but by can could did do
does for from get go got had has have he her here him his how i if in is it its just know let like me more my
no not of on one or our out please really say see she should so some something tell than that the their them
then there they thing think this to too up us very want was we were what what's when where which who why will
with would you your
"""

BOOK: Final = Book(
    lang="en",
    spaced=True,
    common=frozenset(_COMMON.split()),
    topics=_TOPICS,
    introductions=(r"\bmy name is (\w+)", r"\bi am called (\w+)", r"\bcall me (\w+)"),
    other=(
        "(tilt) You said something about {word}. That is not in my script, but I would like to "
        "hear more. What about it?",
        "I know too little about {word} to say anything clever, I am only scripted. What do you "
        "find interesting in it?",
        "(shrug) About {word} there is nothing in my script, I am afraid. Shall I tell you a joke, or what I can do?",
    ),
    pardon=(
        "(tilt) I did not catch that. Could you say it again?",
        "Sorry, I could not make that out. Would you say it in other words?",
    ),
    quote=("Here is what I found: ", "(nod) This is what I was given: ", "I have something on that: "),
    taboo=("(shake) I would rather not talk about that here. What else is on your mind?",),
    no_clock="(shrug) Nobody gave me a clock, so I cannot tell you the time or the date. Is it getting late?",
    asks=("What else would you like to know?", "And what do you think?", "Shall we talk about something else?"),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December"),
    ),
)
