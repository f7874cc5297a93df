import type { Box3, Object3D } from "three";
import type { Pose } from "../core/frames";
import type { Layout } from "../core/wire";

/** Driven by ARKit's shapes as morph targets, as VRM expressions ("perfect sync"), or by a few vowels. */
export type AvatarKind = "shapes" | "perfect sync" | "vowels";

/** A character on the stage, whatever its file format: it understands what the stream says and moves. */
export interface Avatar {
  readonly root: Object3D;
  /** Which way its face is driven, known once bound. */
  readonly kind: AvatarKind;
  /** The face in world space at rest, for the camera. */
  readonly face: Box3;
  /** Learn what the numbers of a pose mean. Called before the first `apply` and when the layout changes. */
  bind(layout: Layout): void;
  apply(pose: Pose): void;
  /** Let hair and cloth swing for `deltaS` seconds. */
  update(deltaS: number): void;
}

/** A file that cannot be an avatar; the text is one sentence for a person. */
export class AvatarError extends Error {
  override readonly name = "AvatarError";
}
