"use strict";
(() => {
  const text = document.getElementById("text");
  const report = document.getElementById("report");
  const problems = document.getElementById("problems");
  const names = document.getElementById("names");
  const keep = { live: true };
  let settings = {};
  let typed = false; // whether the text is no longer the file's
  let saved = "";
  let asked = 0;

  const ask = async () => {
    asked += 1;
    const mine = asked;
    const body = JSON.stringify({ text: text.value, settings });
    const answer = await (await fetch("report", { method: "POST", body })).json();
    if (mine !== asked) return; // something newer is on its way
    show(answer);
  };
  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 60);
  };

  const show = (answer) => {
    problems.replaceChildren(...answer.problems.map(problem));
    report.classList.toggle("stale", answer.html === "");
    if (answer.html !== "") {
      report.innerHTML = answer.html;
      window.cnncalcReport(keep);
    }
    sliders(answer.names);
  };
  const problem = (found) => {
    const item = document.createElement("li");
    item.className = found.severity;
    const words = [found.message, ...found.help].join(" · ");
    if (found.line) {
      const link = document.createElement("button");
      link.type = "button";
      link.textContent = `line ${found.line}`;
      link.addEventListener("click", () => jump(found.line));
      item.append(link, `: ${words}`);
    } else item.append(words);
    return item;
  };
  const jump = (line) => {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + lines[line - 1].length);
  };
  const sliders = (found) => {
    const known = [...names.querySelectorAll("input")].map((input) => input.name);
    const wanted = Object.keys(found);
    if (known.join() === wanted.join()) {
      for (const input of names.querySelectorAll("input")) input.closest("label").querySelector("output").value = found[input.name];
      return;
    }
    names.replaceChildren(
      ...wanted.map((name) => {
        const label = document.createElement("label");
        const input = document.createElement("input");
        const output = document.createElement("output");
        Object.assign(input, { type: "range", name, min: "1", max: String(Math.max(8, 2 * found[name])), value: String(found[name]) });
        output.value = found[name];
        input.addEventListener("input", () => {
          settings = { ...settings, [name]: Number(input.value) };
          soon();
        });
        label.append(name, input, output);
        return label;
      }),
    );
  };

  const follow = async () => {
    try {
      const now = (await (await fetch("text")).json()).text;
      if (now !== saved) {
        saved = now;
        if (!typed || now === text.value) {
          text.value = now;
          typed = false;
          settings = {};
          await ask();
        }
      }
    } catch {
      // the server has ended; what is shown stays
    }
    setTimeout(follow, 500);
  };
  text.addEventListener("input", () => {
    typed = text.value !== saved;
    soon();
  });
  document.getElementById("editor").addEventListener("submit", (event) => event.preventDefault());
  follow();
})();
