// Comfort and safety of the pages on reporting; every page works without this file.
const leave = (link) => {
  document.documentElement.hidden = true;
  // Not "back": the page that is left is no longer in the history of this window.
  location.replace(link.href);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-exit]");
  if (!link) return;
  event.preventDefault();
  leave(link);
});

// Esc three times within two seconds.
let presses = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  presses = [...presses, event.timeStamp].slice(-3);
  const link = document.querySelector("[data-exit]");
  if (link && presses.length === 3 && presses[2] - presses[0] < 2000) leave(link);
});

// What one came from need not stand in the address bar.
if (location.pathname === "/reports/new" && location.search) history.replaceState(null, "", location.pathname);

// A text in lines of the picture; addresses stay whole where they fit.
const broken = (pen, text) => {
  pen.font = "26px sans-serif";
  const lines = [""];
  for (const word of text.match(/[\x21-\x7e]+|./gsu)) {
    const line = lines.at(-1) + word;
    if (pen.measureText(line).width > 648 && lines.at(-1)) lines.push(word.trimStart());
    else lines[lines.length - 1] = line;
  }
  return lines;
};

// The slip as a picture, drawn here: nothing is sent anywhere.
const slip = document.querySelector("[data-slip-text]");
const button = document.querySelector("[data-slip]");
if (slip && button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const lines = [[slip.querySelector(".slip-site").textContent, 30]];
    for (const row of slip.querySelectorAll("dl > div"))
      lines.push([row.children[0].textContent, 28], [row.children[1].textContent, row.nextElementSibling ? 52 : 28]);
    for (const text of slip.querySelectorAll("p:not(.slip-site)"))
      for (const part of broken(pen, text.textContent)) lines.push([part, 26]);
    canvas.width = 720;
    canvas.height = 60 + lines.reduce((sum, [, size]) => sum + size * 1.7, 0);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#000";
    let y = 30;
    for (const [text, size] of lines) {
      y += size * 1.7;
      pen.font = `${size > 40 ? "bold " : ""}${size}px sans-serif`;
      pen.fillText(text, 36, y - size * 0.5);
    }
    const address = canvas.toDataURL("image/png");
    const picture = new Image();
    picture.src = address;
    picture.alt = "回执图片，写着受理编号和查询码";
    picture.className = "slip-picture";
    const words = document.createElement("p");
    words.textContent = "图片没有自动保存的，请长按图片，选“保存”。";
    document.querySelector("[data-slip-picture]").replaceChildren(picture, words);
    const link = document.createElement("a");
    link.download = "回执.png";
    link.href = address;
    link.click();
  });
}
