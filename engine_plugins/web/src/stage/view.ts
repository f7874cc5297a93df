import {
  Box3,
  DirectionalLight,
  HemisphereLight,
  MathUtils,
  type Mesh,
  NeutralToneMapping,
  PCFShadowMap,
  PerspectiveCamera,
  PMREMGenerator,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import { RoomEnvironment } from "three/examples/jsm/environments/RoomEnvironment.js";
import type { Avatar } from "../avatar/avatar";

/** More than this costs much and shows nothing. */
const MAX_PIXEL_RATIO = 2;
/** A long lens, as for portraits: a near one makes noses large. */
const FOV_DEG = 20;
/** How much of the picture's height the face takes. */
const FACE_SHARE = { face: 0.62, bust: 0.36 } as const;
/** Of a bust the hair is whole, with so much of the picture above it. */
const HEADROOM = 0.06;
const RESTORE_MS = 5000;
/** Where the key light comes from: over the camera, from the character's left. */
const KEY_FROM = new Vector3(0.9, 1.5, 2.2);
const SHADOW_PIXELS = 1024;

export type Framing = keyof typeof FACE_SHARE;

/** The picture: a canvas with a transparent ground, portrait light and a camera that frames a face. */
export class View {
  readonly canvas: HTMLCanvasElement;
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(FOV_DEG, 1, 0.05, 50);
  private readonly key: DirectionalLight;
  private top = 0;
  private avatar: Avatar | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly framing: Framing,
  ) {
    this.renderer = new WebGLRenderer({ alpha: true, antialias: true, powerPreference: "high-performance" });
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.toneMapping = NeutralToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.canvas = this.renderer.domElement;
    host.append(this.canvas);
    this.key = this.light();
    new ResizeObserver(() => this.resize()).observe(host);
    this.resize();
    this.outliveContextLoss();
  }

  show(avatar: Avatar): void {
    if (this.avatar !== null) this.scene.remove(this.avatar.root);
    this.avatar = avatar;
    this.top = new Box3().setFromObject(avatar.root).max.y;
    this.scene.add(avatar.root);
    this.castShadow(avatar);
    this.frame();
  }

  render(): void {
    this.renderer.render(this.scene, this.camera);
  }

  private light(): DirectionalLight {
    const generator = new PMREMGenerator(this.renderer);
    const room = new RoomEnvironment();
    this.scene.environment = generator.fromScene(room, 0.04).texture;
    this.scene.environmentIntensity = 0.35;
    room.dispose();
    generator.dispose();
    this.scene.add(new HemisphereLight(0xdfe8ff, 0x584a42, 0.55));
    this.addLight(0xd6e4ff, 0.55, [-2, 0.3, 1.6]);
    this.addLight(0xcfdcff, 0.9, [-1.2, 0.9, -2.4]);
    return this.addLight(0xfff1e0, 2.0, KEY_FROM.toArray());
  }

  private addLight(color: number, intensity: number, from: [number, number, number]): DirectionalLight {
    const light = new DirectionalLight(color, intensity);
    light.position.set(...from);
    this.scene.add(light);
    return light;
  }

  /** The key light's shadow, of the chin on the neck and the hair on the face, where and as large as this avatar is. */
  private castShadow(avatar: Avatar): void {
    const { key } = this;
    const size = avatar.face.getSize(new Vector3()).y;
    avatar.face.getCenter(key.target.position);
    const direction = KEY_FROM.clone().normalize();
    key.position.copy(key.target.position).addScaledVector(direction, 6 * size);
    this.scene.add(key.target);
    key.castShadow = true;
    key.shadow.mapSize.set(SHADOW_PIXELS, SHADOW_PIXELS);
    key.shadow.radius = 5;
    key.shadow.intensity = 0.6;
    key.shadow.bias = -0.0004;
    key.shadow.normalBias = 0.02 * size;
    const { camera } = key.shadow;
    [camera.left, camera.right, camera.bottom, camera.top] = [-2 * size, 2 * size, -2 * size, 2 * size];
    [camera.near, camera.far] = [2 * size, 12 * size];
    camera.updateProjectionMatrix();
    avatar.root.traverse((node) => {
      const mesh = node as Mesh;
      if (!mesh.isMesh) return;
      const materials = Array.isArray(mesh.material) ? mesh.material : [mesh.material];
      mesh.castShadow = materials.every((material) => !material.transparent);
      mesh.receiveShadow = true;
    });
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, MAX_PIXEL_RATIO));
    this.renderer.setSize(width, height);
    this.camera.aspect = width / height;
    this.frame();
  }

  private frame(): void {
    if (this.avatar !== null) {
      const size = this.avatar.face.getSize(new Vector3());
      const center = this.avatar.face.getCenter(new Vector3());
      // What stands over the host's padding (a text field, say) does not count as picture.
      const visible = 1 - parseFloat(getComputedStyle(this.host).paddingBottom) / this.host.clientHeight;
      // On a narrow screen the width decides: a head is some 1.7 of its face wide, with its hair.
      const height = Math.max(size.y / FACE_SHARE[this.framing], (size.x * 1.7 * visible) / this.camera.aspect);
      if (this.framing === "bust") center.y = this.top + (HEADROOM - 0.5) * height;
      const whole = height / visible;
      const y = center.y + (height - whole) / 2;
      this.camera.position.set(center.x, y, center.z + whole / (2 * Math.tan(MathUtils.degToRad(FOV_DEG / 2))));
      this.camera.lookAt(center.x, y, center.z);
    }
    this.camera.updateProjectionMatrix();
  }

  /** The browser may take the graphics context away, and three.js takes it back; where it stays away, start over. */
  private outliveContextLoss(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.canvas.addEventListener("webglcontextlost", () => {
      timer = setTimeout(() => location.reload(), RESTORE_MS);
    });
    this.canvas.addEventListener("webglcontextrestored", () => clearTimeout(timer));
  }
}
