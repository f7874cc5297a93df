import { type Cause, type Problems, shown, told } from "../core/problems";
import { Conversation } from "../io/conversation";
import { DeviceError } from "../io/device";
import { visitorId } from "../io/visitor";
import { stageOptions } from "../stage/options";
import { Stage } from "../stage/stage";
import { Curtain } from "./curtain";
import { Notice } from "./notice";

/** How long a browser may take to say that sound runs. */
const PATIENCE_MS = 1500;
const RETRY_MS = 5000;

const query = new URLSearchParams(location.search);
const options = stageOptions(query);
const { body } = document;
body.style.height = "100%";
if (options.background !== null) {
  const isColor = CSS.supports("color", options.background);
  if (isColor) body.style.background = options.background;
  else body.style.background = `center / cover no-repeat url(${JSON.stringify(options.background)})`;
}

const notice = new Notice(body);
let problems: Problems = [];
let hasBegun = false;
const stage = new Stage(body, options, {
  connected: (now) => (hasBegun ||= now),
  event: () => {},
  trouble,
});
window.avatarBridge = stage.probe;

// OBS and kiosks let sound out at once; elsewhere the first gesture does.
const start = (): void => void stage.start();
start();
addEventListener("pointerdown", start);
addEventListener("keydown", start);

if (options.hasMicrophone) converse();

/**
 * Who sets a stage up reads on it why it stays empty. Once there is a picture it may be on air: a bridge that does not
 * let the page in again is told to the console only.
 */
function trouble(cause: Cause, sentence: string): void {
  const before = problems;
  problems = told(problems, cause, sentence);
  if (problems === before) return;
  if (sentence !== "") console.warn(sentence);
  if (cause !== "stream" || !hasBegun) notice.show(shown(problems));
}

/** A kiosk: the microphone opens with the page, and whatever is in the way is told on it. */
function converse(): void {
  const curtain = new Curtain(body, begin);
  let retry: ReturnType<typeof setTimeout> | undefined;
  const conversation = new Conversation(
    { subject: options.subject, visitor: visitorId(query) },
    {
      message: () => {},
      loudness: () => {},
      problem: (sentence) => console.warn(sentence),
      lost: (reason) => console.warn(reason || "The bridge does not answer."),
      ended: later,
    },
  );

  function begin(): void {
    clearTimeout(retry);
    start();
    conversation.open().then(settle, (error: unknown) => {
      curtain.show(error instanceof DeviceError ? error.message : String(error));
      later();
    });
  }

  /** A kiosk has nobody to press reload, and a microphone may be plugged in later. */
  function later(): void {
    clearTimeout(retry);
    retry = setTimeout(begin, RETRY_MS);
  }

  /** The browser may want a gesture before sound goes out, or comes in. */
  function settle(): void {
    curtain.hide();
    setTimeout(() => {
      const isHeard = !options.hasAudio || stage.speaker.isRunning;
      if (!isHeard || !conversation.isRunning) curtain.show("");
    }, PATIENCE_MS);
  }

  // Where a button is to be held, it is the space bar, or whatever key a kiosk's own button stands for it.
  addEventListener("keydown", ({ code, repeat }) => {
    if (code === "Space" && !repeat) conversation.send({ type: "press" });
  });
  addEventListener("keyup", ({ code }) => code === "Space" && conversation.send({ type: "release" }));
  begin();
}
