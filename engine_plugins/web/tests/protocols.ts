/**
 * Second readers of the protocols that are not ours, written from their documents and not from the bridge's encoders:
 * Live Link Face's packet, iFacialMocap's text. OSC is read by the public package osc-min. They exist to be held
 * against tests/vectors/; no page reads these protocols.
 */
import { fromBuffer, type OscMessageOutput, type OscPacketOutput } from "osc-min";

type Numbers = readonly number[];

/** A packet that is not what its protocol says. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

function demand(holds: boolean, complaint: string): void {
  if (!holds) throw new ProtocolError(complaint);
}

/** The fields of a packet of version 6, big-endian: two names behind their lengths, the frame's time, 61 floats. */
export function readLiveLink(bytes: Uint8Array): Record<string, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count: number): number => {
    demand(count >= 0 && at + count <= bytes.length, "the packet is too short");
    at += count;
    return at - count;
  };
  const name = (): string => {
    const length = view.getInt32(take(4));
    const start = take(length);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, start + length));
  };
  demand(view.getUint8(take(1)) === 6, "not version 6");
  const device_id = name();
  const subject = name();
  const frame = view.getInt32(take(4));
  const sub_frame = view.getFloat32(take(4));
  const fps_num = view.getInt32(take(4));
  const fps_den = view.getInt32(take(4));
  demand(fps_num > 0 && fps_den > 0, "no frame rate");
  demand(view.getUint8(take(1)) === 61, "not 61 values");
  const values = Array.from({ length: 61 }, () => view.getFloat32(take(4)));
  demand(values.every(Number.isFinite), "a value that is no number");
  demand(at === bytes.length, "bytes past the end");
  return { device_id, subject, frame, sub_frame, fps_num, fps_den, values };
}

/** `name-percent|...=head#rx,ry,rz,px,py,pz|rightEye#x,y,z|leftEye#x,y,z|`, the 52 shapes by the app's names. */
export function readIFacialMocap(bytes: Uint8Array, names: readonly string[]): Record<string, unknown> {
  const [shapes, tail, ...more] = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("=");
  demand(tail !== undefined && more.length === 0, "no '=' between face and head");
  const face = new Map(
    shapes!
      .split("|")
      .filter((item) => item !== "")
      .map((item) => [item.slice(0, item.lastIndexOf("-")), Number(item.slice(item.lastIndexOf("-") + 1))]),
  );
  const turns = new Map(tail!.split("|").map((item) => [item.split("#")[0], (item.split("#")[1] ?? "").split(",").map(Number)]));
  const part = (name: string, count: number): Numbers => {
    const numbers = turns.get(name) ?? [];
    demand(numbers.length === count && numbers.every(Number.isFinite), `${name} has not ${count} numbers`);
    return numbers;
  };
  const head = part("head", 6);
  return {
    face: names.map((name) => (face.get(name) ?? 0) / 100),
    head_deg: head.slice(0, 3),
    place_m: head.slice(3),
    right_eye_deg: part("rightEye", 3),
    left_eye_deg: part("leftEye", 3),
  };
}

/** The messages of a datagram as osc-min reads it, those of bundles in a row. */
function messages(packet: OscPacketOutput): OscMessageOutput[] {
  return packet.oscType === "message" ? [packet] : packet.elements.flatMap(messages);
}

type Fields = Record<string, unknown>;

/** What a VMC datagram means: protocol.vmc.info. Messages that are unknown or whose arguments do not fit are skipped. */
export function readVmc(bytes: Uint8Array): Fields[] {
  return messages(fromBuffer(bytes)).flatMap(({ address, args }): Fields[] => {
    const values = args.map((arg) => (arg as { value?: unknown }).value);
    const types = args.map((arg) => arg.type);
    const has = (...wanted: string[]): boolean => wanted.every((type, i) => types[i] === type);
    const pose = (): Fields => ({ name: values[0], place_m: values.slice(1, 4), xyzw: values.slice(4, 8) });
    const floats = Array<string>(7).fill("float");
    if (address === "/VMC/Ext/OK" && has("integer")) return [{ type: "Available", loaded: values[0] !== 0 }];
    if (address === "/VMC/Ext/T" && has("float")) return [{ type: "Time", seconds: values[0] }];
    if (address === "/VMC/Ext/Root/Pos" && has("string", ...floats)) return [{ type: "Pose", ...pose(), is_root: true }];
    if (address === "/VMC/Ext/Bone/Pos" && has("string", ...floats)) return [{ type: "Pose", ...pose(), is_root: false }];
    if (address === "/VMC/Ext/Blend/Val" && has("string", "float")) return [{ type: "Blend", name: values[0], value: values[1] }];
    return address === "/VMC/Ext/Blend/Apply" ? [{ type: "Apply" }] : [];
  });
}

/** What a message to VRChat means: docs.vrchat.com/docs/osc-avatar-parameters and osc-eye-tracking. */
export function readVrchat(bytes: Uint8Array): Fields {
  const [message] = messages(fromBuffer(bytes));
  const { address, args } = message!;
  const values = args.map((arg) => (arg.type === "true" ? true : arg.type === "false" ? false : (arg as { value?: unknown }).value));
  if (address === "/avatar/change") return { type: "AvatarChange", avatar: values[0] };
  if (address === "/tracking/eye/EyesClosedAmount") return { type: "EyesClosed", amount: values[0] };
  if (address === "/tracking/eye/LeftRightPitchYaw") {
    const [left_pitch_deg, left_yaw_deg, right_pitch_deg, right_yaw_deg] = values;
    return { type: "Eyes", left_pitch_deg, left_yaw_deg, right_pitch_deg, right_yaw_deg };
  }
  return { type: "Parameter", name: address.replace("/avatar/parameters/", ""), value: values[0] };
}
