// Files in small pieces, each acknowledged: a broken line costs one of them. Without this the plain form works.
const PIECE = 262144;
const K = new Uint32Array(64);
const H = new Uint32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) prime &&= n % d > 0;
  if (!prime) continue;
  if (i < 8) H[i] = (Math.sqrt(n) % 1) * 2 ** 32;
  K[i++] = (Math.cbrt(n) % 1) * 2 ** 32;
}

// SHA-256, fed piece by piece: browsers have it for whole files only, and only behind https.
class Sha {
  h = H.slice();
  rest = new Uint8Array(64);
  size = 0;
  w = new Uint32Array(64);
  add(bytes) {
    let at = this.size % 64;
    this.size += bytes.length;
    for (let i = 0; i < bytes.length; ) {
      const n = Math.min(64 - at, bytes.length - i);
      this.rest.set(bytes.subarray(i, i + n), at);
      (at += n), (i += n);
      if (at === 64) this.block(), (at = 0);
    }
    return this;
  }
  block() {
    const { w, h } = this;
    const r = (x, n) => (x >>> n) | (x << (32 - n));
    const view = new DataView(this.rest.buffer);
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = view.getUint32(i * 4);
      else {
        const a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (r(a, 7) ^ r(a, 18) ^ (a >>> 3)) + w[i - 7] + (r(b, 17) ^ r(b, 19) ^ (b >>> 10));
      }
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i++) {
      const t = (k + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const u = ((r(a, 2) ^ r(a, 13) ^ r(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [k, g, f, e, d, c, b, a] = [g, f, e, (d + t) | 0, c, b, a, (t + u) | 0];
    }
    [a, b, c, d, e, f, g, k].forEach((x, i) => (h[i] += x));
  }
  hex() {
    const bits = this.size * 8;
    const end = new Uint8Array(((119 - (this.size % 64)) % 64) + 9);
    end[0] = 128;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(end.length - 4, bits % 2 ** 32);
    this.add(end);
    return [...this.h].map((x) => x.toString(16).padStart(8, "0")).join("");
  }
}

class Refused extends Error {}
// Which draft the files are for, where no cookie says it.
const headers = {};
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until there is an answer; what is refused is not asked again.
async function ask(url, body, told) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(url, { method: "POST", body, headers });
      if (answer.ok || answer.status === 409) return await answer.json();
      if (answer.status === 422) throw Object.assign(new Refused(), await answer.json());
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429)
        throw Object.assign(new Refused(), { message: "没有传上去，请刷新页面再试。" });
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    told("网络不稳，稍后自动接着传");
    await wait(Math.min(30000, 1000 * 2 ** tries));
  }
}

async function send(file, told) {
  const same = `${file.name}/${file.size}/${file.lastModified}`;
  const begun = await ask("/reports/evidence", new URLSearchParams({ name: file.name, size: file.size, same }), told);
  if (begun.kept) return null;
  const at = `/reports/evidence/${begun.file}`;
  const piece = async (from) => new Uint8Array(await file.slice(from, from + PIECE).arrayBuffer());
  for (let whole = new Sha(), next = begun.next, again = 0; ; ) {
    if (next < whole.size) whole = new Sha();
    while (whole.size < next) whole.add((await piece(whole.size)).subarray(0, next - whole.size));
    if (next < file.size) {
      told(`已传 ${Math.floor((next / file.size) * 100)}%`, next / file.size);
      const bytes = await piece(next);
      const sha256 = new Sha().add(bytes).hex();
      next = (await ask(`${at}/chunk?offset=${next}&sha256=${sha256}`, bytes, told)).next;
      continue;
    }
    told("正在保存", 1);
    try {
      const done = await ask(`${at}/finish`, new URLSearchParams({ sha256: whole.hex() }), told);
      if (done.kept || done.next === file.size) return begun.file;
      next = done.next;
    } catch (error) {
      if (error.error !== "changed" || again++) throw error;
      next = 0;
    }
    whole = new Sha();
  }
}

const form = document.querySelector("[data-evidence] form[data-upload]");
const input = form?.querySelector("input[type=file]");
let running = 0;
let failed = false;
let onward = null;
let pressed = null;
// A message has its files listed by the answer to it, and leaves what is typed alone until then.
const message = form?.closest("[data-evidence]").dataset.draft;
const there = form?.elements.there;

async function draft(told) {
  if (!message || headers.Authorization) return;
  const keys = ["number", "code"].map((name) => [name, form.elements[name]?.value ?? ""]);
  headers.Authorization = `Bearer ${(await ask(message, new URLSearchParams(keys), told)).draft}`;
}

// Sent in vain: out of the list and out of the draft.
function removal(at, line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.textContent = "移除";
  button.addEventListener("click", async () => {
    button.disabled = true;
    const gone = await fetch(`/reports/evidence/${at}/remove`, {
      method: "POST",
      body: new URLSearchParams(),
      headers,
      redirect: "manual",
    }).catch(() => null);
    button.disabled = false;
    if (!gone || gone.status >= 400) return;
    there.value = Number(there.value) - 1;
    line.remove();
  });
  line.append(document.createElement("br"), button);
}

async function start(files) {
  let list = form.querySelector(".file-list");
  if (!list) {
    list = document.createElement("ul");
    list.className = "file-list";
    const said = document.createElement("div");
    said.setAttribute("role", "status");
    said.append(list);
    input.after(said);
  }
  running++;
  for (const file of files) {
    const line = document.createElement("li");
    const [name, words, bar] = ["span", "span", "progress"].map((tag) => document.createElement(tag));
    name.textContent = file.name;
    bar.setAttribute("aria-label", `${file.name}的上传进度`);
    bar.max = 1;
    bar.value = 0;
    line.append(name, " ", words, bar);
    list.append(line);
    const told = (text, part) => {
      words.textContent = text;
      if (part !== undefined) bar.value = part;
    };
    try {
      if (file.size > (Number(input.dataset.most) || Infinity)) throw { message: "太大了，没有上传。" };
      await draft(told);
      const at = await send(file, told);
      told("已传好", 1);
      if (!message) continue;
      bar.remove();
      told(at ? "已传好，还没有提交" : "已经添加过了");
      if (!at) continue;
      there.value = Number(there.value) + 1;
      removal(at, line);
    } catch (error) {
      failed = true;
      line.className = "error";
      bar.remove();
      told(error.message || "没有传上去，请再选一次。");
    }
  }
  if (--running) return;
  // A message waits for whoever sends it to see what is missing in it.
  if (failed && message) onward = null;
  if (onward) {
    // A form that a script sends has no pressed button.
    if (pressed?.name) onward.append(Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name, value: pressed.value }));
    onward.submit();
  } else if (!failed && !message) location.replace(location.pathname + location.search.replace(/[?&]refused=\w*/, ""));
}

if (input) {
  const button = form.querySelector("[value=upload]");
  if (button) button.hidden = true;
  // Chosen is sent: there is nothing more to decide.
  const chosen = (event) => {
    event.stopPropagation();
    event.preventDefault();
    const files = [...input.files];
    input.value = "";
    if (files.length) start(files);
  };
  input.addEventListener("change", chosen);
  // Going on waits for what is on its way; pressed again, it does not.
  document.addEventListener(
    "submit",
    (event) => {
      if (!running || onward) return;
      event.preventDefault();
      event.stopPropagation();
      [onward, pressed] = [event.target, event.submitter];
      const words = document.createElement("p");
      words.setAttribute("role", "status");
      words.textContent = "文件还在上传，传完会自动继续。不想等，请再按一次。";
      event.target.append(words);
    },
    true,
  );
}
