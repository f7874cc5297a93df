import { type Bone, type Object3D, Quaternion } from "three";
import { BONE_ALIASES, boneKey } from "../core/names";
import { type Layout, PAGE_AXES } from "../core/wire";

interface BoundBone {
  readonly node: Object3D;
  readonly at: number;
  /** Bring a rotation given in the axes of the world at rest into the axes of the node's parent, and back. */
  readonly toParent: Quaternion;
  readonly fromParentAndRest: Quaternion;
}

/**
 * The skeleton of a plain glTF file. The stream's rotations are in world axes from the T-pose (PROTOCOL.md); a file's
 * nodes have axes of their own, so each is turned by P^-1 q P R with P its parent's and R its own rotation at rest.
 */
export class Bones {
  private readonly nodes = new Map<string, Object3D>();
  private bound: BoundBone[] = [];
  private readonly rest = new Map<Object3D, { parent: Quaternion; own: Quaternion }>();

  constructor(root: Object3D) {
    root.updateWorldMatrix(true, true);
    const byKey = new Map<string, Object3D>();
    const note = (node: Object3D): void => {
      const key = boneKey(node.name);
      if (!byKey.has(key)) byKey.set(key, node);
    };
    // A mesh may be called like the bone that carries it.
    root.traverse((node) => (node as Bone).isBone && note(node));
    root.traverse(note);
    for (const [bone, aliases] of Object.entries(BONE_ALIASES)) {
      const node = aliases.map((alias) => byKey.get(alias)).find((n) => n !== undefined);
      if (node === undefined) continue;
      this.nodes.set(bone, node);
      const parent = node.parent?.getWorldQuaternion(new Quaternion()) ?? new Quaternion();
      this.rest.set(node, { parent, own: node.quaternion.clone() });
    }
  }

  /** The node that plays VRM's bone of that name, or undefined. */
  get(bone: string): Object3D | undefined {
    return this.nodes.get(bone);
  }

  bind(layout: Layout): void {
    this.bound = [];
    if (layout.axes !== PAGE_AXES) return;
    layout.bones.forEach((bone, i) => {
      const node = this.nodes.get(bone);
      const rest = node && this.rest.get(node);
      if (!node || !rest) return;
      const toParent = rest.parent.clone().invert();
      this.bound.push({ node, at: 4 * i, toParent, fromParentAndRest: rest.parent.clone().multiply(rest.own) });
    });
  }

  apply(bonesXyzw: Float32Array): void {
    for (const { node, at, toParent, fromParentAndRest } of this.bound) {
      node.quaternion.fromArray(bonesXyzw, at).premultiply(toParent).multiply(fromParentAndRest);
    }
  }
}
