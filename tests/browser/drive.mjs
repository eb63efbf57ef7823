// Opens a page in a browser without a window and does what it is told, a step a line of JSON on standard input:
//   {"size": [W, H]}  {"dark": true}  {"script": false}  {"policy": false}  {"open": FILE}  {"eval": EXPRESSION}  {"key": KEY}  {"type": TEXT}  {"picture": FILE}
// Prints one object: what the expressions gave, what was asked of the network, and what stood in the console.
// Talks to the browser over two pipes, so that nothing listens.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const profile = mkdtempSync(join(tmpdir(), "codex-git-browser-"));
const browser = spawn(process.argv[2], [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
  "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [input, output] = [browser.stdio[3], browser.stdio[4]];

let next = 1;
let rest = "";
const waiting = new Map();
const seen = { values: [], requests: [], console: [] };
let loaded = () => {};

output.setEncoding("utf8");
output.on("data", (data) => {
  const messages = (rest + data).split("\0");
  rest = messages.pop();
  messages.map((message) => JSON.parse(message)).forEach(take);
});

function take({ id, method, params, result, error }) {
  if (id) {
    const [done, failed] = waiting.get(id);
    waiting.delete(id);
    return error ? failed(new Error(error.message)) : done(result);
  }
  if (method === "Page.loadEventFired") loaded();
  if (method === "Network.requestWillBeSent") seen.requests.push(params.request.url.slice(0, 200));
  if (method === "Runtime.consoleAPICalled") seen.console.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
  if (method === "Runtime.exceptionThrown") seen.console.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === "Log.entryAdded") seen.console.push(params.entry.text);
  if (method === "Page.javascriptDialogOpening") {
    seen.console.push(`dialog: ${params.message}`);
    ask("Page.handleJavaScriptDialog", { accept: false });
  }
}

function ask(method, params = {}, session = sessionId) {
  const id = next++;
  input.write(JSON.stringify({ id, method, params, sessionId: session }) + "\0");
  return new Promise((done, failed) => waiting.set(id, [done, failed]));
}

let sessionId;
const { targetInfos } = await ask("Target.getTargets");
const { targetId } = targetInfos.find(({ type }) => type === "page");
({ sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true }));
for (const room of ["Page", "Runtime", "Network", "Log"]) await ask(`${room}.enable`);

const steps = {
  size: ([width, height]) => ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 }),
  dark: (dark) => ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] }),
  script: (on) => ask("Emulation.setScriptExecutionDisabled", { value: !on }),
  policy: (on) => ask("Page.setBypassCSP", { enabled: !on }),
  open: async (file) => {
    const done = new Promise((resolve) => { loaded = resolve; });
    await ask("Page.navigate", { url: pathToFileURL(file).href });
    await done;
  },
  eval: async (expression) => {
    const { result, exceptionDetails } = await ask("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    seen.values.push(result.value ?? null);
  },
  key: async (key) => {
    await ask("Input.dispatchKeyEvent", { type: "keyDown", key, text: key.length === 1 ? key : undefined });
    await ask("Input.dispatchKeyEvent", { type: "keyUp", key });
  },
  type: (text) => ask("Input.insertText", { text }),
  picture: async (file) => {
    const { data } = await ask("Page.captureScreenshot", { format: "png" });
    writeFileSync(file, Buffer.from(data, "base64"));
  },
};

let code = 0;
try {
  for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    for (const [name, argument] of Object.entries(JSON.parse(line))) await steps[name](argument);
  }
  console.log(JSON.stringify(seen));
} catch (error) {
  console.error(error);
  code = 1;
}
browser.on("exit", () => {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
});
await ask("Browser.close", {}, undefined).catch(() => browser.kill());
