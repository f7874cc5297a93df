import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import { type Cause, dismissed, mended, type Problems, shown, told } from "../core/problems";
import { Session } from "../core/session";
import { type Status, statusOf } from "../core/status";
import type { EventMessage } from "../core/wire";
import * as api from "../io/api";
import { visitorId } from "../io/visitor";
import { stageOptions } from "../stage/options";
import type { Probe } from "../stage/probe";
import { Stage } from "../stage/stage";
import { type Talk, useTalk } from "./talk";

const REFRESH_MS = 100;

/** What the visitor seems to feel. */
export interface Feeling {
  readonly emotion: string;
  /** 0..1, both. */
  readonly intensity: number;
  readonly confidence: number;
  /** What it was read from: text, voice, face. */
  readonly sources: readonly string[];
}

/** The page's state and what its buttons do. */
export interface Bridge {
  readonly status: Ref<Status>;
  readonly isPrimary: Ref<boolean>;
  /** What is wrong, in one sentence, or nothing. */
  readonly error: ComputedRef<string>;
  /** Null until the visitor has said something. */
  readonly feeling: Ref<Feeling | null>;
  readonly talk: Talk;
  mount(host: HTMLElement): void;
  /** The error has been read. */
  dismiss(): void;
  /** Turn the microphone on, or off. */
  listen(): Promise<void>;
  /** After the first gesture: let sound out and speak the greeting. */
  greet(): Promise<unknown>;
  /** Resolves, as the next two do, to whether the bridge has taken it. */
  say(text: string, lang: string): Promise<boolean>;
  /** The visitor says something, and is answered. */
  ask(text: string, lang: string): Promise<boolean>;
  stop(): Promise<boolean>;
}

export function useBridge(): Bridge {
  const query = new URLSearchParams(location.search);
  const options = stageOptions(query);
  const { subject } = options;
  const status = ref<Status>("connecting");
  const isPrimary = ref(true);
  const problems = shallowRef<Problems>([]);
  const feeling = ref<Feeling | null>(null);
  const talk = useTalk({ subject, visitor: visitorId(query) }, (sentence) => tell("request", sentence));
  const session = new Session();
  let stage: Stage | null = null;
  let isConnected = false;

  /** `sentence` is what is wrong, or nothing. */
  function tell(cause: Cause, sentence: string): void {
    problems.value = told(problems.value, cause, sentence);
  }

  function mend(...causes: Cause[]): void {
    problems.value = mended(problems.value, ...causes);
  }

  /** Run a request; what the server says against it is shown as it is. Resolves to whether it said nothing. */
  async function tried(request: () => Promise<unknown>): Promise<boolean> {
    mend("request", "bridge");
    try {
      await request();
      return true;
    } catch (problem) {
      if (!(problem instanceof api.ApiError)) throw problem;
      tell(problem instanceof api.Unreachable ? "bridge" : "request", problem.message);
      return false;
    }
  }

  /** The stream has come, or is gone. A bridge that comes back may be another, which knows nothing of what was. */
  async function connected(now: boolean): Promise<void> {
    isConnected = now;
    if (!now) {
      talk.lost();
      return;
    }
    mend("bridge");
    const answered = session.connected();
    const state = await api.state(subject).catch(() => null);
    if (state !== null) answered(state.state);
    await talk.connected(state);
  }

  function happened(event: EventMessage): void {
    const { name, fields } = event;
    talk.happened(event);
    if (name === "visitor") feeling.value = feelingFrom(fields);
    if (name !== "state") return;
    session.told(String(fields["state"]));
    if (typeof fields["error"] === "string") tell("request", fields["error"]);
  }

  function refresh({ shownS, audible }: Probe): void {
    talk.shown(shownS);
    const [turn, isHearing] = [talk.turn.value, talk.isHearing.value];
    const isAwaited = talk.microphone.value === "on" && turn === null;
    status.value = statusOf({ isConnected: isConnected && !isAwaited, isAudible: audible, session: session.state, turn, isHearing });
  }

  return {
    status,
    isPrimary,
    error: computed(() => shown(problems.value)),
    feeling,
    talk,
    mount(host) {
      stage = new Stage(host, options, {
        connected: (now) => void connected(now),
        event: happened,
        trouble: tell,
      });
      const { probe } = stage;
      window.avatarBridge = probe;
      setInterval(() => {
        isPrimary.value = probe.primary;
        refresh(probe);
      }, REFRESH_MS);
    },
    dismiss: () => (problems.value = dismissed(problems.value)),
    listen() {
      mend("request", "bridge");
      return talk.toggle();
    },
    greet: () =>
      tried(async () => {
        await stage?.start();
        const { greeting } = await api.state(subject);
        if (greeting !== null) await api.say({ ...greeting, subject });
      }),
    say: (text, lang) => tried(() => api.say(lang === "" ? { text, subject } : { text, subject, lang })),
    ask: (text, lang) => tried(() => talk.type(text, lang)),
    stop: () => tried(() => api.stop(subject)),
  };
}

function feelingFrom({ emotion, intensity, confidence, sources }: EventMessage["fields"]): Feeling {
  return {
    emotion: String(emotion),
    intensity: Number(intensity),
    confidence: Number(confidence),
    sources: Array.isArray(sources) ? sources.map(String) : [],
  };
}
