// Comfort only: every journey works without this file.
const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
const size = (n) => (n >= 1048576 ? `${(n / 1048576).toFixed(1)} MB` : `${Math.ceil(n / 1024)} KB`);

function enhance() {
  $("[data-copy][hidden],[data-print][hidden]").forEach((b) => (b.hidden = false));
  $("[data-error-summary]").forEach((box) => box.focus());
  $("[data-poll]").forEach(poll);
}

// Long work: ask for the page again, take the element of the same id.
function poll(box) {
  setTimeout(async () => {
    if (!box.isConnected) return;
    try {
      const answer = await fetch(box.dataset.poll, { headers: { accept: "text/html" } });
      if (!answer.ok) throw answer.status;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(box.id);
      // Gone or no longer polling: the work is done, and the whole page says how it went.
      if (!next?.dataset.poll) return location.reload();
      box.replaceWith(next);
      poll(next);
    } catch {
      poll(box);
    }
  }, 2000);
}

async function copy(button) {
  const word = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "已复制";
  } catch {
    button.textContent = "请长按文字复制";
  }
  setTimeout(() => (button.textContent = word), 2500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy],[data-print]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else copy(button);
});

// Files: say names and sizes, and what is too large, before a slow line is used.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file") return;
  const most = Number(input.dataset.most) || Infinity;
  let list = input.parentNode.querySelector(".file-list");
  if (!list) {
    list = document.createElement("ul");
    list.className = "file-list";
    list.setAttribute("role", "status");
    input.after(list);
  }
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const line = document.createElement("li");
      const large = file.size > most;
      line.className = large ? "error" : "";
      line.textContent = `${file.name}(${size(file.size)})${large ? " 太大，请换一个" : ""}`;
      return line;
    }),
  );
});

// One press, one report: the button rests while the answer is awaited.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ((form.getAttribute("method") || "").toLowerCase() !== "post") return;
  if (form.dataset.busy) return event.preventDefault();
  form.dataset.busy = "1";
  setTimeout(() => "sending" in form.dataset || delete form.dataset.busy, 8000);
  if ("upload" in form.dataset) upload(event, form);
});
addEventListener("pageshow", () => $("form[data-busy]").forEach((form) => delete form.dataset.busy));

// A form with files shows how far it is; the answer becomes the page.
function upload(event, form) {
  const state = form.querySelector("[data-upload-state]");
  if (!state || !$("input[type=file]", form).some((input) => input.files.length)) return;
  event.preventDefault();
  const [text, bar] = [state.querySelector("p"), state.querySelector("progress")];
  const data = new FormData(form);
  if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
  const stop = (words) => {
    text.textContent = words;
    delete form.dataset.busy;
    delete form.dataset.sending;
  };
  state.hidden = false;
  form.dataset.sending = "1";
  text.textContent = "正在上传";
  const request = new XMLHttpRequest();
  request.open("POST", form.getAttribute("action") || location.href);
  request.upload.onprogress = (step) => {
    if (!step.lengthComputable) return;
    bar.value = Math.floor((step.loaded / step.total) * 100);
    text.textContent = bar.value < 100 ? `已上传 ${bar.value}%` : "已上传，正在保存";
  };
  request.onerror = () => stop("网络断了，还没有提交成功。您填的内容都在，请再按一次。");
  request.onload = () => {
    if (!(request.getResponseHeader("content-type") || "").includes("text/html"))
      return stop("没有提交成功，请再按一次。");
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    history.pushState({ answer: 1 }, "", request.responseURL);
    addEventListener("popstate", () => location.reload(), { once: true });
    document.documentElement.replaceWith(document.adoptNode(page.documentElement));
    scrollTo(0, 0);
    enhance();
  };
  request.send(data);
}

enhance();
