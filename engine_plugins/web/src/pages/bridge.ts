import { type Ref, ref } from "vue";
import { type EventMessage, SAMPLE_RATE_HZ } from "../core/wire";
import * as api from "../io/api";
import { stageOptions } from "../stage/options";
import type { Probe } from "../stage/probe";
import { Stage } from "../stage/stage";

export type Status = "connecting" | "idle" | "listening" | "thinking" | "speaking";

const STATES: readonly string[] = ["idle", "listening", "thinking", "speaking"];
const REFRESH_MS = 100;
/** How long a caption stays once it has been said. */
const LINGER_S = 0.6;

interface Caption {
  readonly text: string;
  readonly startS: number;
  readonly endS: number;
  readonly epoch: number;
}

/** The page's state and what its buttons do. */
export interface Bridge {
  readonly status: Ref<Status>;
  readonly isPrimary: Ref<boolean>;
  readonly caption: Ref<string>;
  readonly error: Ref<string>;
  mount(host: HTMLElement): void;
  /** After the first gesture: let sound out and speak the greeting. */
  greet(): Promise<void>;
  say(text: string, lang: string): Promise<void>;
  stop(): Promise<void>;
}

export function useBridge(): Bridge {
  const options = stageOptions(new URLSearchParams(location.search));
  const { subject } = options;
  const status = ref<Status>("connecting");
  const isPrimary = ref(true);
  const caption = ref("");
  const error = ref("");
  let stage: Stage | null = null;
  let isConnected = false;
  let state: Status = "idle";
  let captions: Caption[] = [];

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

  function happened({ name, fields, epoch }: EventMessage): void {
    if (name === "state" && STATES.includes(String(fields["state"]))) state = fields["state"] as Status;
    else if (name === "stopped" && epoch !== captions.at(-1)?.epoch) captions = [];
    else if (name === "caption") {
      const { text, start_sample: start, end_sample: end } = fields;
      const [startS, endS] = [Number(start) / SAMPLE_RATE_HZ, Number(end) / SAMPLE_RATE_HZ];
      captions = [...captions.slice(-20), { text: String(text), startS, endS, epoch }];
    }
    if (name === "state" && typeof fields["error"] === "string") error.value = fields["error"];
  }

  /** Events come ahead of the sound; what is shown goes by what is heard. */
  function refresh({ shownS, audible }: Probe): void {
    const spoken = captions.findLast(({ startS }) => startS <= shownS);
    caption.value = spoken !== undefined && shownS < spoken.endS + LINGER_S ? spoken.text : "";
    if (!isConnected) status.value = "connecting";
    else if (audible) status.value = "speaking";
    else status.value = state === "speaking" ? "thinking" : state;
  }

  return {
    status,
    isPrimary,
    caption,
    error,
    mount(host) {
      stage = new Stage(host, options, {
        connected: (now) => (isConnected = now),
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
    stop: () => tried(() => api.stop(subject)),
  };
}
