/**
 * One spelling for the names that avatars give ARKit's shapes. Tools write `jawOpen`, `JawOpen`, `eyeBlink_L`,
 * `blendShape1.eyeBlinkLeft`, `A14_Eye_Blink_Left`, `mouthSmile.R`: all of a kind come out equal.
 */
export function shapeKey(name: string): string {
  return name
    .replace(/[._\- ]L$/i, "Left")
    .replace(/[._\- ]R$/i, "Right")
    .replace(/^.*\./, "")
    .replace(/^[A-Z]\d\d_/, "")
    .replace(/[_\- ]/g, "")
    .toLowerCase();
}

/** One spelling for bones, without the prefixes of exporters: `mixamorig:Head`, `J_Bip_C_Head`, `Head`. */
export function boneKey(name: string): string {
  return name
    .replace(/^.*[:|]/, "")
    .replace(/^(mixamorig\d*|J_(Bip|Adj)_[CLR])_?/, "")
    .replace(/[._\- ]L$/i, "Left")
    .replace(/[._\- ]R$/i, "Right")
    .replace(/[._\- ]/g, "")
    .toLowerCase();
}

/** VRM 1.0's bone names, and what else a glTF file calls them, as `boneKey` writes it. */
export const BONE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  hips: ["hips", "pelvis"],
  spine: ["spine"],
  chest: ["chest", "spine1"],
  upperChest: ["upperchest", "spine2"],
  neck: ["neck"],
  head: ["head"],
  leftEye: ["lefteye", "eyeleft"],
  rightEye: ["righteye", "eyeright"],
  leftUpperArm: ["leftupperarm", "leftarm", "upperarmleft"],
  rightUpperArm: ["rightupperarm", "rightarm", "upperarmright"],
};

/** Whether a shape moves the eyeball: superfluous, and doubling, where eye bones do. */
export function isGazeShape(key: string): boolean {
  return key.startsWith("eyelook");
}
