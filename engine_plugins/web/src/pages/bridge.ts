import { type Ref, ref } from "vue";
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
  readonly error: Ref<string>;
  /** Null until the visitor has said something. */
  readonly feeling: Ref<Feeling | null>;
  readonly talk: Talk;
  mount(host: HTMLElement): void;
  /** After the first gesture: let sound out and speak the greeting. */
  greet(): Promise<void>;
  say(text: string, lang: string): Promise<void>;
  /** The visitor says something, and is answered. */
  ask(text: string, lang: string): Promise<void>;
  stop(): Promise<void>;
}

export function useBridge(): Bridge {
  const query = new URLSearchParams(location.search);
  const options = stageOptions(query);
  const { subject } = options;
  const status = ref<Status>("connecting");
  const isPrimary = ref(true);
  const error = ref("");
  const feeling = ref<Feeling | null>(null);
  const talk = useTalk({ subject, visitor: visitorId(query) }, (sentence) => (error.value = sentence));
  let stage: Stage | null = null;
  let isConnected = false;
  let session = "idle";

  /** Run a request; what the server says against it is shown as it is. */
  async function tried(request: () => Promise<unknown>): Promise<void> {
    error.value = "";
    try {
      await request();
    } catch (problem) {
      if (!(problem instanceof api.ApiError)) throw problem;
      error.value = problem.message;
    }
  }

  function happened(event: EventMessage): void {
    const { name, fields } = event;
    talk.happened(event);
    if (name === "visitor") feeling.value = feelingFrom(fields);
    if (name !== "state") return;
    session = String(fields["state"]);
    if (typeof fields["error"] === "string") error.value = fields["error"];
  }

  function refresh({ shownS, audible }: Probe): void {
    talk.shown(shownS);
    const [turn, isHearing] = [talk.turn.value, talk.isHearing.value];
    const isAwaited = talk.microphone.value === "on" && turn === null;
    status.value = statusOf({ isConnected: isConnected && !isAwaited, isAudible: audible, session, turn, isHearing });
  }

  return {
    status,
    isPrimary,
    error,
    feeling,
    talk,
    mount(host) {
      stage = new Stage(host, options, {
        connected(now) {
          isConnected = now;
          void talk.connected(now);
        },
        event: happened,
        failed: (sentence) => (error.value = sentence),
      });
      const { probe } = stage;
      window.avatarBridge = probe;
      setInterval(() => {
        isPrimary.value = probe.primary;
        refresh(probe);
      }, REFRESH_MS);
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
