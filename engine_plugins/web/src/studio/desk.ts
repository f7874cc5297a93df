import { type ComputedRef, computed, onScopeDispose, type Ref, ref, shallowRef, triggerRef } from "vue";
import type { Control, Path, Value } from "../core/control.generated";
import { controlOf, Desk, type DeskState } from "../core/desk";
import { ControlSocket } from "../io/control";

/** The desk as components see it. */
export interface StudioDesk {
  readonly isConnected: Ref<boolean>;
  readonly error: Ref<string>;
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
export function useDesk(subject: string, rig: string): StudioDesk {
  const desk = shallowRef(new Desk());
  const isConnected = ref(false);
  const error = ref("");
  // A slider moves more often than a picture is drawn; the last value of each path is sent once a picture.
  const moved = new Map<Path, Value>();
  let drawing = 0;

  const socket = new ControlSocket(
    { subject, rig },
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
