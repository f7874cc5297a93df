import { stageOptions } from "../stage/options";
import { Stage } from "../stage/stage";

const options = stageOptions(new URLSearchParams(location.search));
const { body } = document;
body.style.height = "100%";
if (options.background !== null) {
  const isColor = CSS.supports("color", options.background);
  if (isColor) body.style.background = options.background;
  else body.style.background = `center / cover no-repeat url(${JSON.stringify(options.background)})`;
}

const stage = new Stage(body, options, {
  connected: () => {},
  event: () => {},
  failed: (sentence) => console.warn(sentence),
});
window.avatarBridge = stage.probe;

// OBS and kiosks let sound out at once; elsewhere the first gesture does.
const start = (): void => void stage.start();
start();
addEventListener("pointerdown", start);
addEventListener("keydown", start);
