import { openDevice } from "./device";

const MOST_WIDTH = 640;
const QUALITY = 0.7;
/** A camera's first pictures are dark. */
const SETTLE_S = 0.3;
const START_MS = 3000;

/** Ask for the camera, so that the browser's question comes when the visitor expects it. Raises DeviceError. */
export async function askForCamera(): Promise<void> {
  stopped(await openDevice("camera", { video: true }));
}

/** One picture, as a JPEG in base64, at most 640 pixels wide. The camera is on only as long as it takes. Raises DeviceError. */
export async function look(): Promise<string> {
  const stream = await openDevice("camera", { video: { width: { ideal: MOST_WIDTH } } });
  try {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
    await video.play();
    await settled(video);
    return drawn(video);
  } finally {
    stopped(stream);
  }
}

function settled(video: HTMLVideoElement): Promise<void> {
  const endMs = performance.now() + START_MS;
  return new Promise((resolve) => {
    const look = () => {
      if (video.currentTime >= SETTLE_S || performance.now() > endMs) resolve();
      else setTimeout(look, 50);
    };
    look();
  });
}

function drawn(video: HTMLVideoElement): string {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, MOST_WIDTH / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const [head, base64 = ""] = canvas.toDataURL("image/jpeg", QUALITY).split(",");
  return head === "data:image/jpeg;base64" ? base64 : "";
}

function stopped(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
