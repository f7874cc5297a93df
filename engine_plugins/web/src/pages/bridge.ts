import { type Ref, ref } from "vue";
import type { EventMessage } from "../core/wire";
import * as api from "../io/api";
import { stageOptions } from "../stage/options";
import { Stage } from "../stage/stage";

export type Status = "connecting" | "idle" | "listening" | "thinking" | "speaking";

const STATUSES: readonly string[] = ["idle", "listening", "thinking", "speaking"];

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

  function heard(event: EventMessage): void {
    const { fields, name } = event;
    if (name === "primary") isPrimary.value = fields["primary"] === true;
    else if (name === "caption") caption.value = String(fields["text"] ?? "");
    else if (name === "speaking") status.value = "speaking";
    else if (name === "stopped") caption.value = "";
    else if (name === "state" && STATUSES.includes(String(fields["state"]))) status.value = fields["state"] as Status;
  }

  return {
    status,
    isPrimary,
    caption,
    error,
    mount(host) {
      stage = new Stage(host, options, {
        connected: (isConnected) => (status.value = isConnected ? "idle" : "connecting"),
        event: heard,
        failed: (sentence) => (error.value = sentence),
      });
      window.avatarBridge = stage.probe;
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
