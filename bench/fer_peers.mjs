// SPDX-License-Identifier: Apache-2.0
// The npm side of fer_peers.py: one package over one set of pictures.
//   node fer_peers.mjs NODE_MODULES face-api|human crop|picture SET FIRST COUNT
// SET.bin holds raw RGB pixels, SET.json a list of {width, height, offset}. crop: the picture is a face crop, no detector.
// One JSON object on stdout: {version, ms: [per picture], names: [class or null]}. Pixels are decoded beforehand.
import fs from "fs";
import path from "path";
import { createRequire } from "module";

const [modules, which, mode, set, first, count] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, "x.js"));
const wasm = require("@tensorflow/tfjs-backend-wasm");
const wasmFolder = path.join(path.resolve(modules), "@tensorflow/tfjs-backend-wasm/dist/");
wasm.setThreadsCount?.(1);
const index = JSON.parse(fs.readFileSync(set + ".json")).slice(Number(first), Number(first) + Number(count));
const pixels = fs.readFileSync(set + ".bin");

async function faceApi() {
  const tf = require("@tensorflow/tfjs");
  wasm.setWasmPaths(wasmFolder);
  const api = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
  await api.tf.setBackend("wasm");
  await api.tf.ready();
  const folder = path.join(modules, "@vladmandic/face-api/model");
  await api.nets.faceExpressionNet.loadFromDisk(folder);
  if (mode === "picture") await api.nets.ssdMobilenetv1.loadFromDisk(folder);
  const best = (e) => e.asSortedArray()[0].expression;
  return {
    version: require("@vladmandic/face-api/package.json").version,
    classify: async (data, w, h) => {
      const x = api.tf.tensor3d(data, [h, w, 3], "int32");
      let name = null;
      if (mode === "crop") name = best(await api.nets.faceExpressionNet.predictExpressions(x));
      else {
        const found = await api.detectSingleFace(x, new api.SsdMobilenetv1Options()).withFaceExpressions();
        if (found) name = best(found.expressions);
      }
      x.dispose();
      return name;
    },
  };
}

async function human() {
  // Without tfjs-node the package can only load over fetch: its own files answer, nothing leaves the machine.
  const models = path.resolve(modules, "@vladmandic/human/models");
  globalThis.fetch = async (url) => {
    const bytes = fs.readFileSync(path.join(models, path.basename(String(url))));
    return new Response(bytes, { status: 200, headers: { "content-type": String(url).endsWith(".json") ? "application/json" : "application/octet-stream" } });
  };
  const { Human } = require(path.resolve(modules, "@vladmandic/human/dist/human.node-wasm.js"));
  const h = new Human({
    backend: "wasm", wasmPath: wasmFolder, debug: false, modelBasePath: "http://models/",
    cacheSensitivity: 0, filter: { enabled: false }, gesture: { enabled: false }, body: { enabled: false }, hand: { enabled: false }, object: { enabled: false },
    face: { enabled: true, detector: { enabled: mode === "picture", rotation: false, maxDetected: 1, skipFrames: 0, skipTime: 0 }, mesh: { enabled: mode === "picture" },
            iris: { enabled: false }, description: { enabled: false }, antispoof: { enabled: false }, liveness: { enabled: false },
            emotion: { enabled: true, minConfidence: 0, skipFrames: 0, skipTime: 0 } },
  });
  await h.init();
  await h.load();
  return {
    version: JSON.parse(fs.readFileSync(path.join(modules, "@vladmandic/human/package.json"))).version,
    classify: async (data, w, height) => {
      const x = h.tf.tensor4d(data, [1, height, w, 3], "float32");
      const result = await h.detect(x);
      h.tf.dispose(x);
      const emotions = result.face?.[0]?.emotion ?? [];
      return emotions.length ? emotions.reduce((a, b) => (b.score > a.score ? b : a)).emotion : null;
    },
  };
}

const peer = which === "human" ? await human() : await faceApi();
const bytes = (p) => Int32Array.from(pixels.subarray(p.offset, p.offset + p.width * p.height * 3));
for (const p of index.slice(0, 5)) await peer.classify(bytes(p), p.width, p.height); // to warm up
const ms = [], names = [];
for (const p of index) {
  const data = bytes(p);
  const begin = performance.now();
  names.push(await peer.classify(data, p.width, p.height));
  ms.push(performance.now() - begin);
}
fs.writeSync(1, JSON.stringify({ version: peer.version, ms, names }) + "\n");
process.exit(0);
