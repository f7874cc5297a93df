import type { Box3, Object3D } from "three";
import type { Pose } from "../core/frames";
import type { Layout } from "../core/wire";
import { type Avatar, AvatarError, type AvatarKind } from "./avatar";
import { Bones } from "./bones";
import { ARKIT_ENOUGH, Morphs, morphBox, morphMeshes } from "./morphs";

/** Any .glb whose meshes have morph targets under ARKit's names in a common spelling. */
export class GltfAvatar implements Avatar {
  kind: AvatarKind = "shapes";
  readonly face: Box3;
  private readonly bones: Bones;
  private readonly morphs: Morphs;

  constructor(readonly root: Object3D) {
    if (morphMeshes(root).length === 0) {
      throw new AvatarError("This file has no named morph targets, so its face cannot move.");
    }
    this.face = morphBox(root);
    this.bones = new Bones(root);
    const eyes = [this.bones.get("leftEye"), this.bones.get("rightEye")].filter((bone) => bone !== undefined);
    this.morphs = new Morphs(root, eyes);
    root.traverse((node) => {
      // A morphed or bent mesh leaves the bounds it was saved with.
      node.frustumCulled = false;
    });
  }

  bind(layout: Layout): void {
    this.bones.bind(layout);
    this.kind = this.morphs.bind(layout) >= ARKIT_ENOUGH ? "shapes" : "vowels";
  }

  apply(pose: Pose): void {
    this.bones.apply(pose.bonesXyzw);
    this.morphs.apply(pose.curves);
  }

  update(): void {}
}
