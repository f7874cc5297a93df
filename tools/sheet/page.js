// Renders every cell of a sheet with three.js and hands the finished picture to the tool that opened this page.
import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { RoomEnvironment } from "three/addons/environments/RoomEnvironment.js";
import { VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";

const LABEL = 22;
const WAVE = 34;

// The lights of the project's own stage (engine_plugins/web/src/stage/view.ts), so that a sheet shows what a user sees.
const KEY_FROM = new THREE.Vector3(0.9, 1.5, 2.2);
const FACE = 0.22;

function stage(width, height) {
  const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
  renderer.setSize(width, height);
  renderer.toneMapping = THREE.NeutralToneMapping;
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = THREE.PCFShadowMap;
  const scene = new THREE.Scene();
  scene.background = new THREE.Color("#39424c");
  const pmrem = new THREE.PMREMGenerator(renderer);
  scene.environment = pmrem.fromScene(new RoomEnvironment(), 0.04).texture;
  scene.environmentIntensity = 0.35;
  scene.add(new THREE.HemisphereLight(0xdfe8ff, 0x584a42, 0.55));
  scene.add(light(0xd6e4ff, 0.55, new THREE.Vector3(-2, 0.3, 1.6)));
  scene.add(light(0xcfdcff, 0.9, new THREE.Vector3(-1.2, 0.9, -2.4)));
  const key = light(0xfff1e0, 2.0, KEY_FROM);
  scene.add(key, key.target);
  return { renderer, scene, key };
}

function light(colour, intensity, from) {
  const lamp = new THREE.DirectionalLight(colour, intensity);
  lamp.position.copy(from);
  return lamp;
}

function castShadow(key, face) {
  key.target.position.copy(face);
  key.position.copy(face).addScaledVector(KEY_FROM.clone().normalize(), 6 * FACE);
  key.castShadow = true;
  key.shadow.mapSize.set(1024, 1024);
  Object.assign(key.shadow, { radius: 5, intensity: 0.6, bias: -0.0004, normalBias: 0.02 * FACE });
  Object.assign(key.shadow.camera, { left: -2 * FACE, right: 2 * FACE, bottom: -2 * FACE, top: 2 * FACE, near: 2 * FACE, far: 12 * FACE });
  key.shadow.camera.updateProjectionMatrix();
}

function pose(root, weights, bones) {
  root.traverse((node) => {
    if (node.isMesh && node.morphTargetDictionary) {
      for (const [name, slot] of Object.entries(node.morphTargetDictionary)) {
        node.morphTargetInfluences[slot] = weights[name] ?? 0;
      }
    }
    if (node.userData.restTurn === undefined && node.isBone) node.userData.restTurn = node.quaternion.clone();
    if (node.isBone) node.quaternion.copy(node.userData.restTurn);
    if (node.isBone && bones?.[node.name]) {
      const [w, x, y, z] = bones[node.name];
      node.quaternion.set(x, y, z, w);
    }
  });
}

function between(root, view) {
  const eyes = ["leftEye", "rightEye"].map((name) => root.getObjectByName(name)?.getWorldPosition(new THREE.Vector3()));
  if (!eyes[0]) return new THREE.Vector3(0, 1.5, 0);
  return eyes[0].add(eyes[1]).multiplyScalar(0.5).add(new THREE.Vector3(...(view.offset ?? [0, 0, 0])));
}

function aim(camera, view, aspect, root) {
  const turn = THREE.MathUtils.degToRad(view.turn ?? 0);
  const rise = THREE.MathUtils.degToRad(view.rise ?? 0);
  const [x, y, z] = view.target ?? between(root, view).toArray();
  const far = view.distance;
  camera.fov = view.fov ?? 22;
  camera.aspect = aspect;
  camera.position.set(x + far * Math.sin(turn) * Math.cos(rise), y + far * Math.sin(rise), z + far * Math.cos(turn) * Math.cos(rise));
  camera.lookAt(x, y, z);
  camera.updateProjectionMatrix();
}

async function load(url) {
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const file = await loader.loadAsync(url);
  const root = file.userData.vrm ? file.userData.vrm.scene : file.scene;
  root.traverse((node) => {
    if (!node.isMesh) return;
    node.frustumCulled = false;
    node.castShadow = !node.material.transparent;
    node.receiveShadow = !node.material.transparent;
  });
  return root;
}

async function drawSheet() {
  const job = await (await fetch("/job.json")).json();
  const { renderer, scene, key } = stage(job.cell[0], job.cell[1]);
  const [width, height] = job.cell;
  const camera = new THREE.PerspectiveCamera(22, 1, 0.05, 20);
  const loaded = {};
  for (const url of new Set(job.cells.map((cell) => cell.model))) loaded[url] = await load(url);
  const rows = Math.ceil(job.cells.length / job.columns);
  const sheet = document.createElement("canvas");
  sheet.width = width * job.columns;
  const line = height + LABEL + (job.wave ? WAVE : 0);
  sheet.height = line * rows;
  const paint = sheet.getContext("2d");
  paint.fillStyle = "#20262c";
  paint.fillRect(0, 0, sheet.width, sheet.height);
  paint.font = "14px sans-serif";
  let shown = null;
  job.cells.forEach((cell, k) => {
    if (shown !== cell.model) {
      if (shown) scene.remove(loaded[shown]);
      scene.add(loaded[cell.model]);
      shown = cell.model;
    }
    pose(loaded[cell.model], cell.weights ?? {}, cell.bones);
    loaded[cell.model].updateMatrixWorld(true);
    aim(camera, cell.view, width / height, loaded[cell.model]);
    castShadow(key, between(loaded[cell.model], {}));
    renderer.render(scene, camera);
    const left = (k % job.columns) * width;
    const top = Math.floor(k / job.columns) * line;
    paint.drawImage(renderer.domElement, left, top);
    paint.fillStyle = "#e8edf0";
    paint.fillText(cell.label, left + 6, top + height + 15);
    paint.fillStyle = "#7fb7a4";
    (cell.wave ?? []).forEach((loud, i) => {
      const tall = Math.max(1, loud * WAVE);
      const step = (width * cell.span) / cell.wave.length;
      paint.fillRect(left + i * step, top + height + LABEL + (WAVE - tall) / 2, step, tall);
    });
  });
  return sheet.toDataURL(job.type, job.quality).split(",")[1];
}

// The tool calls this: the picture, in base64.
window.drawSheet = drawSheet;
