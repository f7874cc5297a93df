import { type ComputedRef, computed, onScopeDispose, type Ref, ref, shallowRef, triggerRef, watch } from "vue";
import type { Control, Path, Value } from "../core/control.generated";
import { controlOf, Desk, type DeskState } from "../core/desk";
import * as api from "../io/api";
import { ControlSocket } from "../io/control";
import { PAGE_RIG } from "../stage/options";

/** The desk as components see it. */
export interface StudioDesk {
  readonly isConnected: Ref<boolean>;
  readonly error: Ref<string>;
  /** The rig that is tuned; set it to tune another. */
  readonly rig: Ref<string>;
  /** The names of all there are. */
  readonly rigs: Ref<readonly string[]>;
  readonly state: ComputedRef<DeskState | null>;
  /** The names of the rig's curves, in its order. */
  readonly curves: ComputedRef<string[]>;
  value(path: Path): Value;
  control(path: Path): Control | undefined;
  set(path: Path, value: Value): void;
  act(type: "undo" | "redo" | "save"): void;
}

const GAIN = /^rig\.curves\.(.+)\.gain$/;

/** Connect to the bridge for as long as the component lives. */
export function useDesk(subject: string): StudioDesk {
  const desk = shallowRef(new Desk());
  const isConnected = ref(false);
  const error = ref("");
  const rig = ref<string>(PAGE_RIG);
  const rigs = shallowRef<readonly string[]>([PAGE_RIG]);
  // A slider moves more often than a picture is drawn; the last value of each path is sent once a picture.
  const moved = new Map<Path, Value>();
  let drawing = 0;
  let socket = connect();

  function connect(): ControlSocket {
    return new ControlSocket(
      { subject, rig: rig.value },
      {
        opened() {
          isConnected.value = true;
          error.value = "";
          desk.value.connected();
        },
        message(message) {
          error.value = desk.value.take(message) ?? error.value;
          triggerRef(desk);
        },
        lost(reason) {
          isConnected.value = false;
          error.value = reason;
        },
      },
    );
  }

  watch(rig, () => {
    flush();
    socket.close();
    isConnected.value = false;
    error.value = "";
    desk.value = new Desk();
    socket = connect();
  });

  void api.rigs().then((names) => {
    if (names.length > 0) rigs.value = names;
  });

  function flush(): void {
    drawing = 0;
    for (const [path, value] of moved) socket.send(desk.value.set(path, value));
    moved.clear();
    triggerRef(desk);
  }

  onScopeDispose(() => {
    cancelAnimationFrame(drawing);
    socket.close();
  });

  const schema = computed(() => desk.value.schema);
  return {
    isConnected,
    error,
    rig,
    rigs,
    state: computed(() => desk.value.state),
    curves: computed(() => [...desk.value.paths].flatMap((path) => GAIN.exec(path)?.[1] ?? [])),
    value: (path) => desk.value.value(path),
    control: (path) => controlOf(schema.value, path),
    set(path, value) {
      error.value = "";
      moved.set(path, value);
      drawing ||= requestAnimationFrame(flush);
    },
    act(type) {
      error.value = "";
      socket.send({ type });
    },
  };
}
