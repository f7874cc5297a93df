import { type VRM, VRMLoaderPlugin } from "@pixiv/three-vrm";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { type Avatar, AvatarError } from "./avatar";
import { GltfAvatar } from "./gltf";
import { VrmAvatar } from "./vrm";

/** The avatar in a .glb or .vrm file. Throws AvatarError. */
export async function loadAvatar(url: string): Promise<Avatar> {
  const loader = new GLTFLoader();
  loader.setCrossOrigin("anonymous");
  loader.register((parser) => new VRMLoaderPlugin(parser));
  let gltf: Awaited<ReturnType<GLTFLoader["loadAsync"]>>;
  try {
    gltf = await loader.loadAsync(url);
  } catch (error) {
    throw new AvatarError(
      `The avatar ${url} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const vrm = gltf.userData["vrm"] as VRM | undefined;
  return vrm ? new VrmAvatar(vrm) : new GltfAvatar(gltf.scene);
}
