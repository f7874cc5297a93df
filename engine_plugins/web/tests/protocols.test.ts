/** The golden packets of the protocols that are not ours, read by second readers and by public packages. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ApiClient } from "vtubestudio";
import { readIFacialMocap, readLiveLink, readVmc, readVrchat } from "./protocols";

interface Vectors {
  names?: string[];
  good: { name: string; hex: string; text: string; expect: Record<string, unknown> }[];
  bad: { name: string; hex: string; text: string }[];
}

function vectors(protocol: string): Vectors {
  const file = new URL(`../../../tests/vectors/${protocol}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Vectors;
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

function expectClose(actual: unknown, wanted: unknown, path: string): void {
  if (typeof wanted === "number") expect(actual, path).toBeCloseTo(wanted, 6);
  else if (typeof wanted === "object" && wanted !== null) {
    expect(Object.keys(actual as object).sort(), path).toEqual(Object.keys(wanted).sort());
    for (const [key, value] of Object.entries(wanted)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else expect(actual, path).toEqual(wanted);
}

const faceNames = vectors("ifacialmocap").names!;

describe.each([
  ["livelink", readLiveLink],
  ["vmc", readVmc],
  ["ifacialmocap", (data: Uint8Array) => readIFacialMocap(data, faceNames)],
  ["vrchat", readVrchat],
] as const)("the golden packets of %s", (protocol, read) => {
  const { good, bad } = vectors(protocol);

  it.each(good)("$name means what is written", ({ hex, expect: wanted }) => {
    expectClose(read(bytes(hex)), wanted, protocol);
  });

  it.each(bad)("$name is refused", ({ hex }) => {
    expect(() => read(bytes(hex))).toThrow();
  });
});

/** The program's side of its WebSocket, in memory: answers everything, and keeps what the client sent. */
class Program {
  readonly readyState = 1;
  readonly asked: { messageType: string; apiName: string; apiVersion: string; data: Record<string, unknown> }[] = [];
  private readonly listeners = new Map<string, ((event: { data: string }) => void)[]>();

  addEventListener(type: string, handler: (event: { data: string }) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), handler]);
  }

  emit(type: string, data = ""): void {
    for (const handler of this.listeners.get(type) ?? []) handler({ data });
  }

  send(text: string): void {
    type Request = Program["asked"][number] & { requestID: string; timestamp: number };
    const { requestID, timestamp, ...request } = JSON.parse(text) as Request;
    this.asked.push({ ...request, data: request.data ?? {} });
    const data = { active: true, authenticated: true, authenticationToken: "0123abcd" };
    const messageType = request.messageType.replace("Request", "Response");
    queueMicrotask(() => this.emit("message", JSON.stringify({ ...request, messageType, requestID, timestamp, data })));
  }

  close(): void {}
}

describe("VTube Studio's requests", () => {
  const { good } = vectors("vtube_studio");
  const dataOf = (kind: string): never => good.find((row) => row.expect["kind"] === kind)!.expect["data"] as never;

  it("are the ones that the public client vtubestudio makes", async () => {
    const program = new Program();
    let token: string | null = null;
    const client = new ApiClient({
      pluginName: "Avatar Bridge",
      pluginDeveloper: "Someone",
      authTokenGetter: () => token,
      authTokenSetter: async (given) => void (token = given),
      webSocketFactory: () => program as never,
    });
    await new Promise<void>((connected) => {
      client.on("connect", connected);
      program.emit("open");
    });
    await client.inputParameterList();
    await client.parameterCreation(dataOf("ParameterCreationRequest"));
    await client.injectParameterData(dataOf("InjectParameterDataRequest"));
    await client.disconnect();
    for (const { name, text } of good) {
      const { requestID, ...ours } = JSON.parse(text) as Program["asked"][number] & { requestID: string };
      expect(requestID, name).toMatch(/^[\x21-\x7e]{1,64}$/);
      expect(program.asked, name).toContainEqual({ ...ours, data: ours.data ?? {} });
    }
  });
});
