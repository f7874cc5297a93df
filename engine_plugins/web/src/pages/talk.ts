import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import {
  after,
  captionAt,
  type CaptionPart,
  type Dialogue,
  EMPTY,
  type Happening,
  isHearing,
  type Row,
  rows,
  type Timed,
} from "../core/dialogue";
import type { FromMic, Turn } from "../core/mic";
import { type EventMessage, SAMPLE_RATE_HZ } from "../core/wire";
import * as api from "../io/api";
import { askForCamera } from "../io/camera";
import { Conversation } from "../io/conversation";
import { DeviceError } from "../io/device";

/** A turn of which nothing has come for this long, though the avatar listens, was no turn. */
const FADED_MS = 5000;
const DEAF =
  "Nobody can listen here yet: put a faster-whisper model into the models folder, or run the bridge on Python 3.11 or " +
  "3.13, for which pocketsphinx has wheels.";

/** What a page knows of a conversation, and what its buttons do. */
export interface Talk {
  readonly pair: api.Pair;
  readonly rows: ComputedRef<Row[]>;
  /** The sentence of the avatar that is being said. */
  readonly caption: ComputedRef<CaptionPart[]>;
  /** The avatar's name. */
  readonly name: ComputedRef<string>;
  readonly isScripted: ComputedRef<boolean>;
  readonly mode: ComputedRef<string>;
  /** Whether the microphone is on, or the browser is asking for it. */
  readonly microphone: Ref<"off" | "asking" | "on">;
  /** How loud it is now, 0..1. */
  readonly loudness: Ref<number>;
  readonly isHeld: Ref<boolean>;
  /** Consent to be seen: for as long as the page lives. */
  readonly mayLook: Ref<boolean>;
  /** Null while no microphone is connected to the bridge. */
  readonly turn: Ref<Turn | null>;
  readonly isHearing: ComputedRef<boolean>;
  toggle(): Promise<void>;
  hold(isHeld: boolean): void;
  /** Ask this. It stands in the dialogue once the bridge has taken it. Raises ApiError. */
  type(text: string, lang: string): Promise<void>;
  forget(): Promise<void>;
  /** The stream has come, and the bridge is in this state, null where it did not tell. */
  connected(state: api.State | null): Promise<void>;
  /** The stream is gone. */
  lost(): void;
  happened(event: EventMessage): void;
  /** `shownS` is heard now. */
  shown(shownS: number): void;
}

const timed = (start: unknown, end: unknown, text: unknown): Timed => ({
  text: String(text),
  startS: Number(start) / SAMPLE_RATE_HZ,
  endS: Number(end) / SAMPLE_RATE_HZ,
});

/** The words of a caption's `text`, unless they are not told or are not what it says. */
function wordsOf(rows: unknown, text: string): Timed[] | null {
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) return null;
  const words = rows.map(([start, end, word]) => timed(start, end, word));
  return words.map((word) => word.text).join("") === text ? words : null;
}

export function useTalk(pair: api.Pair, problem: (sentence: string) => void): Talk {
  const dialogue = shallowRef<Dialogue>(EMPTY);
  const shownS = ref(-Infinity);
  const about = shallowRef<api.State | null>(null);
  const microphone = ref<"off" | "asking" | "on">("off");
  const loudness = ref(0);
  const isHeld = ref(false);
  const mayLook = ref(false);
  const turn = ref<Turn | null>(null);
  let loudest = 0;
  let heardAtMs = 0;
  let isRemembered = false;
  /** Why the bridge did not let the microphone in, until it does. */
  let refusal = "";

  const name = computed(() => about.value?.mind.persona || "Avatar");

  function happens(happening: Happening): void {
    dialogue.value = after(dialogue.value, happening);
  }

  function told(message: FromMic): void {
    if (refusal !== "") problem("");
    refusal = "";
    if (message.type === "turn") turn.value = message.state;
    else if (message.type === "problem") problem(message.text);
    else if (message.type === "look") {
      if (mayLook.value) happens({ type: "note", text: `${name.value} looked through your camera.` });
    } else {
      heardAtMs = performance.now();
      happens(message);
    }
  }

  const conversation = new Conversation(pair, {
    message: told,
    loudness: (value) => (loudest = Math.max(loudest, value)),
    problem,
    lost(reason) {
      turn.value = null;
      isHeld.value = false;
      refusal = reason;
      if (reason !== "") problem(reason);
    },
    ended: off,
  });
  onScopeDispose(() => conversation.close());

  function off(): void {
    conversation.close();
    microphone.value = "off";
    turn.value = null;
    isHeld.value = false;
    loudest = 0;
    happens({ type: "faded" });
  }

  async function on(): Promise<void> {
    const asked = await api.state(pair.subject).catch(() => about.value);
    about.value = asked;
    if (asked?.hearing.provider === "") {
      problem(DEAF);
      return;
    }
    microphone.value = "asking";
    try {
      await conversation.open();
      if (microphone.value === "asking") microphone.value = "on";
    } catch (error) {
      microphone.value = "off";
      if (!(error instanceof DeviceError)) throw error;
      problem(error.message);
    }
  }

  watch(mayLook, async (wanted) => {
    conversation.mayLook = wanted;
    if (!wanted) return;
    try {
      await askForCamera();
    } catch (error) {
      mayLook.value = false;
      problem(error instanceof DeviceError ? error.message : "The browser could not open the camera.");
    }
  });

  return {
    pair,
    rows: computed(() => rows(dialogue.value, shownS.value)),
    caption: computed((before?: CaptionPart[]) => captionAt(dialogue.value, shownS.value, before)),
    name,
    isScripted: computed(() => about.value?.mind.provider === "scripted"),
    mode: computed(() => about.value?.hearing.mode ?? ""),
    microphone,
    loudness,
    isHeld,
    mayLook,
    turn,
    isHearing: computed(() => isHearing(dialogue.value)),
    toggle: async () => (microphone.value === "off" ? on() : off()),
    hold(wanted) {
      if (wanted === isHeld.value || turn.value === null) return;
      isHeld.value = wanted;
      conversation.send({ type: wanted ? "press" : "release" });
    },
    async type(text, lang) {
      const since = dialogue.value.lastId;
      await api.chat(pair, text, lang);
      happens({ type: "typed", text, since });
    },
    async forget() {
      await api.forget(pair);
      happens({ type: "forgotten" });
    },
    lost: () => happens({ type: "lost", shownS: shownS.value }),
    async connected(state) {
      about.value = state ?? about.value;
      if (isRemembered) return;
      isRemembered = true;
      // Without its past a conversation can go on.
      const { turns } = await api.memory(pair).catch(() => ({ turns: [] }));
      happens({ type: "past", turns });
    },
    happened({ name, fields, epoch }) {
      if (name === "cited" && Array.isArray(fields["sources"])) {
        happens({ type: "cited", sources: fields["sources"].map(String) });
      } else if (name === "stopped" && typeof fields["utterance"] === "number") {
        happens({ type: "ended", utterance: fields["utterance"] });
      } else if (name === "stopped") {
        happens({ type: "cut", shownS: shownS.value });
      } else if (name === "caption") {
        const caption = timed(fields["start_sample"], fields["end_sample"], fields["text"]);
        const words = wordsOf(fields["words"], caption.text);
        happens({ type: "caption", epoch, utterance: Number(fields["utterance"]), ...caption, ...(words && { words }) });
      }
    },
    shown(nowS) {
      shownS.value = Number.isNaN(nowS) ? -Infinity : nowS;
      loudness.value = loudest;
      loudest = 0;
      const isStill = turn.value !== "thinking" && performance.now() - heardAtMs > FADED_MS;
      if (isStill && !isHeld.value && isHearing(dialogue.value)) happens({ type: "faded" });
    },
  };
}
