/** Why there is no microphone or camera: one sentence for a person. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

const INSECURE =
  "Browsers give microphone and camera only to pages that come over HTTPS or from this machine: set tls_cert and " +
  "tls_key in bridge.toml, or open the page at http://127.0.0.1.";

/** Open a microphone or a camera. Raises DeviceError. */
export async function openDevice(kind: "microphone" | "camera", constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Outside a secure context the property is missing, whatever its type says.
  if (!isSecureContext || (navigator.mediaDevices as MediaDevices | undefined) === undefined) throw new DeviceError(INSECURE);
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    throw new DeviceError(sentence(kind, error instanceof DOMException ? error.name : ""));
  }
}

function sentence(kind: string, name: string): string {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return `The browser keeps the ${kind} from this page: allow it in the address bar's site settings.`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `There is no ${kind} on this machine that the browser can find.`;
    case "NotReadableError":
    case "AbortError":
      return `The ${kind} does not start: another program may be using it.`;
    default:
      return `The browser could not open the ${kind}.`;
  }
}
