import { type VRM, type VRMExpression, VRMExpressionMorphTargetBind, type VRMHumanBoneName, VRMUtils } from "@pixiv/three-vrm";
import { Box3, MathUtils, type Object3D, Quaternion, Vector3 } from "three";
import { isGazeShape, shapeKey } from "../core/names";
import { VOWELS, type VowelWeights, vowels } from "../core/vowels";
import type { Pose } from "../core/frames";
import { type Layout, PAGE_AXES } from "../core/wire";
import type { Avatar, AvatarKind } from "./avatar";
import { ARKIT_ENOUGH, isMovedBy, Morphs, morphBox } from "./morphs";

/** So many of the 52 make "perfect sync", a convention and no part of VRM: models leave a few out. */
const PERFECT_SYNC_LEAST = 30;
/** Arms hang from the T-pose while the stream carries none. */
const ARM_RAD = MathUtils.degToRad(72);

/**
 * A VRM 0 or 1. Its face, in order of preference: custom expressions with ARKit's names ("perfect sync"), morph targets
 * with those names, or the mouth and blink presets (`aa ih ou ee oh`, `blinkLeft`, `blinkRight`).
 */
export class VrmAvatar implements Avatar {
  readonly root: Object3D;
  kind: AvatarKind = "vowels";
  readonly face: Box3;
  private readonly custom: Map<string, VRMExpression>;
  private readonly morphs: Morphs;
  private curveOf = new Map<string, number>();
  private bound: { expression: VRMExpression; curve: number }[] = [];
  private bones: { node: Object3D; at: number }[] = [];
  private eyes: { left: number; right: number } | null = null;
  private readonly mouth: VowelWeights = [0, 0, 0, 0, 0];
  private readonly isVrm0: boolean;
  private readonly hasEyeBones: boolean;
  private readonly quaternion = new Quaternion();
  private readonly direction = new Vector3();

  constructor(private readonly vrm: VRM) {
    this.isVrm0 = vrm.meta.metaVersion === "0";
    VRMUtils.rotateVRM0(vrm);
    this.root = vrm.scene;
    this.root.traverse((node) => {
      node.frustumCulled = false;
    });
    const custom = Object.entries(vrm.expressionManager?.customExpressionMap ?? {});
    this.custom = new Map(custom.map(([name, expression]) => [shapeKey(name), expression]));
    const eyes = (["leftEye", "rightEye"] as const).flatMap((eye) => vrm.humanoid.getRawBoneNode(eye) ?? []);
    this.hasEyeBones = eyes.length === 2;
    this.leaveEyesToBones(eyes);
    this.morphs = new Morphs(this.root, eyes);
    if (vrm.lookAt) vrm.lookAt.target = null;
    this.relaxArms();
    vrm.update(0);
    this.face = this.faceBox();
  }

  bind(layout: Layout): void {
    this.curveOf = new Map(layout.curves.map((name, i) => [shapeKey(name), i]));
    this.bound = [];
    for (const [key, expression] of this.custom) {
      const curve = this.curveOf.get(key);
      if (curve !== undefined) this.bound.push({ expression, curve });
    }
    if (this.bound.length >= PERFECT_SYNC_LEAST) this.kind = "perfect sync";
    else this.kind = this.morphs.bind(layout) >= ARKIT_ENOUGH ? "shapes" : "vowels";
    const gaze = [layout.bones.indexOf("leftEye"), layout.bones.indexOf("rightEye")] as const;
    // Eyes that neither bones nor ARKit's shapes turn are moved by the model's own look-at expressions.
    const looks = !this.hasEyeBones && this.kind === "vowels" && this.vrm.lookAt && gaze[0] >= 0 && gaze[1] >= 0;
    this.eyes = looks ? { left: 4 * gaze[0], right: 4 * gaze[1] } : null;
    this.bones = [];
    if (layout.axes !== PAGE_AXES) return;
    layout.bones.forEach((bone, i) => {
      const node = this.vrm.humanoid.getNormalizedBoneNode(bone as VRMHumanBoneName);
      if (node) this.bones.push({ node, at: 4 * i });
    });
  }

  apply(pose: Pose): void {
    for (const { node, at } of this.bones) this.rotation(pose.bonesXyzw, at, node.quaternion);
    if (this.eyes) this.look(pose.bonesXyzw, this.eyes);
    if (this.kind === "shapes") this.morphs.apply(pose.curves);
    else if (this.kind === "vowels") this.presets(pose.curves);
    else for (const { expression, curve } of this.bound) expression.weight = pose.curves[curve]!;
  }

  update(deltaS: number): void {
    this.vrm.update(deltaS);
  }

  /** VRM 0 faces -Z: half a turn about Y changes the signs of x and z. */
  private rotation(bonesXyzw: Float32Array, at: number, out: Quaternion): Quaternion {
    out.fromArray(bonesXyzw, at);
    if (this.isVrm0) out.set(-out.x, out.y, -out.z, out.w);
    return out;
  }

  /** VRM's look-at: degrees, yaw positive to the own left, pitch positive down (VRMC_vrm-1.0 lookAt.md). */
  private look(bonesXyzw: Float32Array, { left, right }: { left: number; right: number }): void {
    this.direction.set(0, 0, 0);
    for (const at of [left, right]) {
      this.quaternion.fromArray(bonesXyzw, at);
      this.direction.add(FORWARD.clone().applyQuaternion(this.quaternion));
    }
    const { x, y, z } = this.direction.normalize();
    this.vrm.lookAt!.yaw = MathUtils.radToDeg(Math.atan2(x, z));
    this.vrm.lookAt!.pitch = MathUtils.radToDeg(-Math.asin(MathUtils.clamp(y, -1, 1)));
  }

  private presets(curves: Float32Array): void {
    const manager = this.vrm.expressionManager;
    if (!manager) return;
    const weight = (key: string): number => curves[this.curveOf.get(key) ?? -1] ?? 0;
    vowels(weight, this.mouth);
    VOWELS.forEach((vowel, i) => manager.setValue(vowel, this.mouth[i]!));
    const [left, right] = [weight("eyeblinkleft"), weight("eyeblinkright")];
    // Some models have the one preset for both eyes only; setting all three would add up.
    if (manager.getExpression("blinkLeft") && manager.getExpression("blinkRight")) {
      manager.setValue("blinkLeft", left);
      manager.setValue("blinkRight", right);
    } else manager.setValue("blink", Math.max(left, right));
  }

  /** Gaze expressions keep the lids and let go of what the eye bones turn already. */
  private leaveEyesToBones(eyes: readonly Object3D[]): void {
    for (const [key, expression] of this.custom) {
      if (!isGazeShape(key)) continue;
      for (const bind of [...expression.binds]) {
        const isEye = bind instanceof VRMExpressionMorphTargetBind && bind.primitives.some((mesh) => isMovedBy(mesh, eyes));
        if (isEye) expression.deleteBind(bind);
      }
    }
  }

  private relaxArms(): void {
    const sign = this.isVrm0 ? -1 : 1;
    this.vrm.humanoid.getNormalizedBoneNode("leftUpperArm")?.rotation.set(0, 0, -sign * ARM_RAD);
    this.vrm.humanoid.getNormalizedBoneNode("rightUpperArm")?.rotation.set(0, 0, sign * ARM_RAD);
  }

  /** What morphs above the head bone, which is at the base of the skull; else the room a head has from there up. */
  private faceBox(): Box3 {
    const moving = morphBox(this.root);
    const base = this.vrm.humanoid.getRawBoneNode("head")!.getWorldPosition(new Vector3());
    if (!moving.isEmpty() && moving.min.y > base.y - 0.1) return moving;
    const top = new Box3().setFromObject(this.root).max.y;
    const height = MathUtils.clamp(top - base.y, 0.12, 0.32) * 0.8;
    const center = new Vector3(base.x, base.y + height * 0.5, base.z + height * 0.3);
    return new Box3().setFromCenterAndSize(center, new Vector3(height * 0.8, height, height * 0.6));
  }
}

const FORWARD = new Vector3(0, 0, 1);
