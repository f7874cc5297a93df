import {
  type Bone,
  Box3,
  type BufferAttribute,
  type InterleavedBufferAttribute,
  type Mesh,
  type Object3D,
  type SkinnedMesh,
  Vector3,
} from "three";
import { isGazeShape, shapeKey } from "../core/names";
import type { Layout } from "../core/wire";
import { VOWELS, type VowelWeights, vowels } from "../core/vowels";

type Attribute = BufferAttribute | InterleavedBufferAttribute;

interface Target {
  readonly influences: number[];
  readonly slot: number;
  readonly key: string;
  /** Whether the mesh is turned by eye bones already: its gaze shapes would turn it twice. Lids keep theirs. */
  readonly isEye: boolean;
}

/** What other exporters call the vowels: Oculus's visemes, VRM 0's groups. */
const VOWEL_ALIASES: Readonly<Record<string, string>> = {
  visemeaa: "aa",
  visemei: "ih",
  visemeu: "ou",
  visemee: "ee",
  visemeo: "oh",
  visemeih: "ih",
  visemeou: "ou",
  visemeoh: "oh",
};
const BLINKS: Readonly<Record<string, string>> = { blinkleft: "eyeblinkleft", blinkright: "eyeblinkright" };
/** Below this an avatar has a few shapes of ARKit's by chance, blinks say, and speaks by vowels. */
export const ARKIT_ENOUGH = 20;

/**
 * The morph targets of a scene, driven by curves of the same name or, failing those, by vowels. `eyes` are the bones
 * that turn the eyeballs, if the avatar has them.
 */
export class Morphs {
  private readonly targets: Target[] = [];
  private bound: { influences: number[]; slot: number; curve: number }[] = [];
  private vowelTargets: { influences: number[]; slot: number; vowel: number }[] = [];
  private curveOf = new Map<string, number>();
  private readonly mouth: VowelWeights = [0, 0, 0, 0, 0];

  constructor(root: Object3D, eyes: readonly Object3D[]) {
    for (const mesh of morphMeshes(root)) {
      const influences = mesh.morphTargetInfluences!;
      const isEye = isMovedBy(mesh, eyes);
      for (const [name, slot] of Object.entries(mesh.morphTargetDictionary!)) {
        this.targets.push({ influences, slot, key: shapeKey(name), isEye });
      }
    }
  }

  /** Bind to the layout's curves; says how many different ones found a target. Too few mean vowels instead. */
  bind(layout: Layout): number {
    this.curveOf = new Map(layout.curves.map((name, i) => [shapeKey(name), i]));
    const known = new Set(this.targets.map((t) => t.key).filter((key) => this.curveOf.has(key))).size;
    this.bound = [];
    this.vowelTargets = [];
    for (const { influences, slot, key, isEye } of this.targets) {
      const curve = this.curveOf.get(BLINKS[key] ?? key);
      const vowel = VOWELS.indexOf((VOWEL_ALIASES[key] ?? key) as (typeof VOWELS)[number]);
      if (curve !== undefined) {
        if (!(isEye && isGazeShape(key))) this.bound.push({ influences, slot, curve });
      } else if (known < ARKIT_ENOUGH && vowel >= 0) {
        this.vowelTargets.push({ influences, slot, vowel });
      }
    }
    return known;
  }

  apply(curves: Float32Array): void {
    for (const { influences, slot, curve } of this.bound) influences[slot] = curves[curve]!;
    if (this.vowelTargets.length === 0) return;
    vowels((key) => curves[this.curveOf.get(key) ?? -1] ?? 0, this.mouth);
    for (const { influences, slot, vowel } of this.vowelTargets) influences[slot] = this.mouth[vowel]!;
  }
}

/** Whether a mesh hangs on one of some nodes, or some of its vertices are skinned to one. */
export function isMovedBy(mesh: Mesh, nodes: readonly Object3D[]): boolean {
  const { skeleton } = mesh as SkinnedMesh;
  if (!skeleton) return nodes.some((node) => node.getObjectById(mesh.id) !== undefined);
  const bones = new Set(nodes.map((node) => skeleton.bones.indexOf(node as Bone)));
  const index = mesh.geometry.getAttribute("skinIndex");
  const weight = mesh.geometry.getAttribute("skinWeight");
  for (let v = 0; v < index.count; v++) {
    for (let k = 0; k < 4; k++) if (weight.getComponent(v, k) > 0 && bones.has(index.getComponent(v, k))) return true;
  }
  return false;
}

/** The meshes of a scene that have named morph targets. */
export function morphMeshes(root: Object3D): Mesh[] {
  const meshes: Mesh[] = [];
  root.traverse((node) => {
    const mesh = node as Mesh;
    if (mesh.isMesh && mesh.morphTargetDictionary && mesh.morphTargetInfluences) meshes.push(mesh);
  });
  return meshes;
}

/** The box, in world space, of all vertices that some morph target moves: the face, wherever the file put it. */
export function morphBox(root: Object3D): Box3 {
  root.updateWorldMatrix(true, true);
  const box = new Box3();
  const point = new Vector3();
  for (const mesh of morphMeshes(root)) {
    const position = mesh.geometry.getAttribute("position");
    const deltas = (mesh.geometry.morphAttributes["position"] ?? []) as Attribute[];
    const least = largest(deltas) * 0.1;
    for (let v = 0; v < position.count; v++) {
      if (!deltas.some((delta) => length(delta, v) > least)) continue;
      box.expandByPoint(mesh.getVertexPosition(v, point).applyMatrix4(mesh.matrixWorld));
    }
  }
  return box;
}

function largest(deltas: Attribute[]): number {
  let most = 0;
  for (const delta of deltas) for (let v = 0; v < delta.count; v++) most = Math.max(most, length(delta, v));
  return most;
}

function length(attribute: Attribute, v: number): number {
  return Math.hypot(attribute.getX(v), attribute.getY(v), attribute.getZ(v));
}
