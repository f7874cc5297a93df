import type { Probe } from "./stage/probe";

declare global {
  interface Window {
    avatarBridge?: Probe;
    /** There in OBS's browser source (github.com/obsproject/obs-browser). */
    readonly obsstudio?: object;
  }
}
