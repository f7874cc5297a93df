// Written by tools/make_types.py from bridge/schema.py and bridge/wire/control.py. Do not edit.

/** What a path holds. */
export type Value = number | string | null;

/** What can be tuned of a curve. */
export const CURVE_KEYS = [
  "gain",
  "offset",
  "min",
  "max",
  "smoothing_ms",
] as const;
export type CurveKey = (typeof CURVE_KEYS)[number];

/** The ARKit shapes, in the order of the Live Link Face packet. */
export const SHAPES = [
  "eyeBlinkLeft",
  "eyeLookDownLeft",
  "eyeLookInLeft",
  "eyeLookOutLeft",
  "eyeLookUpLeft",
  "eyeSquintLeft",
  "eyeWideLeft",
  "eyeBlinkRight",
  "eyeLookDownRight",
  "eyeLookInRight",
  "eyeLookOutRight",
  "eyeLookUpRight",
  "eyeSquintRight",
  "eyeWideRight",
  "jawForward",
  "jawLeft",
  "jawRight",
  "jawOpen",
  "mouthClose",
  "mouthFunnel",
  "mouthPucker",
  "mouthLeft",
  "mouthRight",
  "mouthSmileLeft",
  "mouthSmileRight",
  "mouthFrownLeft",
  "mouthFrownRight",
  "mouthDimpleLeft",
  "mouthDimpleRight",
  "mouthStretchLeft",
  "mouthStretchRight",
  "mouthRollLower",
  "mouthRollUpper",
  "mouthShrugLower",
  "mouthShrugUpper",
  "mouthPressLeft",
  "mouthPressRight",
  "mouthLowerDownLeft",
  "mouthLowerDownRight",
  "mouthUpperUpLeft",
  "mouthUpperUpRight",
  "browDownLeft",
  "browDownRight",
  "browInnerUp",
  "browOuterUpLeft",
  "browOuterUpRight",
  "cheekPuff",
  "cheekSquintLeft",
  "cheekSquintRight",
  "noseSneerLeft",
  "noseSneerRight",
  "tongueOut",
] as const;
export type Shape = (typeof SHAPES)[number];

/** What a face can show. */
export const EMOTIONS = [
  "neutral",
  "happy",
  "sad",
  "angry",
  "surprised",
  "fearful",
  "disgusted",
  "content",
] as const;
export type Emotion = (typeof EMOTIONS)[number];

/** What may be set. */
export type Path =
  | `rig.curves.${string}.${CurveKey}`
  | `override.${Shape}`
  | "emotion.name"
  | "emotion.intensity";

/** What a path takes; its range is in the state's schema. */
export type ValueOf<P extends Path> = P extends `rig.curves.${string}.${CurveKey}`
  ? number
  : P extends `override.${Shape}`
  ? number | null
  : P extends "emotion.name"
  ? Emotion
  : P extends "emotion.intensity"
  ? number
  : never;

/** What a path takes. `*` in `path` stands for each of `names`, or for any curve of the rig if that is empty. */
export interface Control {
  readonly path: string;
  readonly kind: "number" | "choice";
  readonly unit: string;
  readonly label: string;
  readonly default: Value;
  readonly min: number;
  readonly max: number;
  readonly choices: readonly string[];
  readonly nullable: boolean;
  readonly names: readonly string[];
}

/** What is so now: on connecting, whenever a field of it changes, and after a client has fallen behind. */
export interface StateMessage {
  readonly type: "state";
  readonly rev: number;
  readonly subject: string;
  readonly rig: string;
  readonly you: string;
  readonly state: string;
  readonly epoch: number;
  readonly emotion: string;
  readonly waiting_lines: number;
  readonly clients: number;
  readonly last_error: string;
  readonly can_undo: boolean;
  readonly can_redo: boolean;
  readonly unsaved: boolean;
  readonly schema: readonly Control[] | null;
  readonly values: Readonly<Record<string, Value>> | null;
}

/** A value was set, by a client, an undo, or `PATCH /api/rig`. */
export interface ChangedMessage {
  readonly type: "changed";
  readonly path: Path;
  readonly value: Value;
  readonly rev: number;
  readonly by: string;
}

/** A message of this client was refused, and nothing was changed. */
export interface ErrorMessage {
  readonly type: "error";
  readonly id: string | number | null;
  readonly error: string;
}

/** Set a value. */
export interface SetMessage {
  readonly type: "set";
  readonly path: Path;
  readonly value: Value;
  readonly id?: string | number | null;
}

/** Take the last step back. */
export interface UndoMessage {
  readonly type: "undo";
  readonly id?: string | number | null;
}

/** Do again what was undone. */
export interface RedoMessage {
  readonly type: "redo";
  readonly id?: string | number | null;
}

/** Keep the rig as it was tuned. */
export interface SaveMessage {
  readonly type: "save";
  readonly id?: string | number | null;
}

/** Say a line, as `POST /api/say` does. */
export interface SayMessage {
  readonly type: "say";
  readonly text: string;
  readonly lang?: string;
  readonly emotion?: string;
  readonly intensity?: number;
  readonly voice?: string;
  readonly interrupt?: boolean;
  readonly id?: string | number | null;
}

/** Say no more. */
export interface StopMessage {
  readonly type: "stop";
  readonly id?: string | number | null;
}

/** What the bridge says. */
export type FromServer = StateMessage | ChangedMessage | ErrorMessage;

/** What a client says. */
export type FromClient = SetMessage | UndoMessage | RedoMessage | SaveMessage | SayMessage | StopMessage;
