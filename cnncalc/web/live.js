"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const report = at("report");
  const backend = window.cnncalcBackend;
  const keep = {
    live: true,
    draw: async (picture) => (await backend.ask({ what: "picture", text: editor.text(), settings, picture })).svg ?? "",
  };
  let settings = {};
  let typed = false; // whether the text is no longer the file's
  let saved; // the file's text, where there is one
  let asked = 0;

  const make = (tag, words, values = {}) => Object.assign(document.createElement(tag), { textContent: words ?? "" }, values);

  // --- the report of what is typed --------------------------------------------------------------------------------

  // Pieces of the report: the id of an element, or nothing for what stands around them, and the HTML. Those that are
  // other ones now are put in their places, unless there are more or fewer, or the table is sorted or filtered.
  const blank = `<main>${make("h1", at("text-title").textContent).outerHTML}</main>`;
  let written = report.querySelector("#table") ? at("text").value : undefined; // the text whose report came with the page
  let pieces = [];
  const put = (now, text) => {
    if (text === written && Object.keys(settings).length === 0) {
      pieces = now;
      return;
    }
    written = undefined;
    const alike = now.length === pieces.length && now.every(([id, html], number) => id === pieces[number][0] && (id || html === pieces[number][1]));
    if (!alike || keep.flat) {
      report.innerHTML = now.map(([, html]) => html).join("\n") || blank;
      keep.flat = false;
    } else {
      now.forEach(([id, html], number) => {
        if (html === pieces[number][1] && id !== "detail") return;
        const opened = at(id).querySelector(".fold")?.getAttribute("aria-expanded");
        at(id).outerHTML = html;
        if (opened) at(id).querySelector(".fold").setAttribute("aria-expanded", opened);
      });
      for (const hidden of report.querySelectorAll("[data-shows][hidden]")) hidden.replaceChildren(); // drawn of another text
    }
    pieces = now;
  };
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const text = editor.begin();
    let answer;
    try {
      answer = await backend.ask({ what: "report", text, settings, picture: keep.picture });
    } catch (error) {
      at("state").textContent = String(error.message);
      return;
    }
    if (mine !== asked) return; // something newer is on its way
    at("state").textContent = "";
    at("problems").replaceChildren(...editor.show(answer.problems).map(problem));
    report.classList.toggle("stale", answer.html.length === 0);
    if (answer.html.length) {
      put(answer.html, text);
      window.cnncalcReport(keep);
    } else if (text.trim() === "") put([], text);
    sliders(answer.names);
    if (at("exercise").open) exercise();
  };
  let busy = false;
  let again = false;
  const soon = async () => {
    again = true;
    if (busy) return; // what is typed meanwhile is asked for when the answer is there
    busy = true;
    try {
      while (again) {
        again = false;
        await ask();
      }
    } finally {
      busy = false;
    }
  };
  const editor = cnncalcEditor(
    at("text"),
    () => {
      typed = editor.text() !== saved;
      soon();
    },
    async (text, line, column) => (await backend.ask({ what: "complete", text, line, column })).choices ?? [],
  );
  const replace = (words) => {
    settings = {};
    editor.replace(words);
    return soon();
  };

  // --- what is wrong ----------------------------------------------------------------------------------------------

  const problem = (found) => {
    const item = make("li", "", { className: found.severity });
    const words = [found.message, ...found.help].join(" · ");
    if (found.line) {
      const link = make("button", `line ${found.line}`, { type: "button" });
      link.addEventListener("click", found.jump);
      item.append(link, `: ${words}`);
    } else item.append(words);
    for (const fix of found.fixes) {
      const button = make("button", fix.title, { type: "button", className: "fix" });
      button.addEventListener("click", fix.take);
      item.append(" ", button);
    }
    return item;
  };

  // --- sizes: sliders, and a search in ranges ---------------------------------------------------------------------

  const slider = (name, title, value, most, moved) => {
    const label = make("label");
    const input = make("input", "", { type: "range", name, min: "1", max: String(most), value: String(value) });
    const output = make("output", String(value));
    input.addEventListener("input", () => {
      output.value = input.value;
      moved(Number(input.value));
    });
    label.append(title, input, output);
    return label;
  };
  const sliders = (found) => {
    const wanted = Object.keys(found);
    const inputs = [...at("names").querySelectorAll("input")];
    at("search").hidden = wanted.length === 0;
    if (inputs.map((input) => input.name).join() === wanted.join()) {
      for (const input of inputs) {
        const most = Math.max(Number(input.max), found[input.name]);
        Object.assign(input, { max: String(most), value: String(found[input.name]) });
        input.closest("label").querySelector("output").value = found[input.name];
      }
      return;
    }
    const most = (name) => Math.max(8, 2 * found[name]);
    at("names").replaceChildren(
      ...wanted.map((name) =>
        slider(name, name, found[name], most(name), (value) => {
          settings = { ...settings, [name]: value };
          soon();
        }),
      ),
    );
    at("ranges").replaceChildren(
      ...wanted.flatMap((name) => {
        const low = slider(`${name} from`, `${name} from`, Math.max(1, Math.min(found[name], most(name) / 4)), most(name), (value) => {
          const other = high.querySelector("input");
          if (Number(other.value) < value) other.value = high.querySelector("output").value = value;
        });
        const high = slider(`${name} to`, `${name} to`, most(name), most(name), (value) => {
          const other = low.querySelector("input");
          if (Number(other.value) > value) other.value = low.querySelector("output").value = value;
        });
        return [low, high];
      }),
    );
  };
  at("solve").addEventListener("click", async () => {
    const found = at("found");
    const values = Object.fromEntries([...at("ranges").querySelectorAll("input")].map((input) => [input.name, input.value]));
    const names = [...at("names").querySelectorAll("input")].map((input) => input.name);
    const ranges = names.map((name) => `${name}=${values[`${name} from`]}..${values[`${name} to`]}`);
    found.textContent = "searching ...";
    try {
      const answer = await backend.ask({ what: "solve", text: editor.text(), ranges, want: [at("want").value] });
      if (answer.problems.length) {
        found.replaceChildren(...answer.problems.map((one) => make("p", [one.message, ...one.help].join(" · "))));
        return;
      }
      found.innerHTML = answer.html;
      [...found.querySelectorAll("tbody tr")].forEach((row, number) => {
        if (answer.found[number] === undefined) return;
        const take = make("button", "take", { type: "button" });
        take.setAttribute("aria-label", `take ${JSON.stringify(answer.found[number])}`);
        take.addEventListener("click", () => {
          settings = { ...settings, ...answer.found[number] };
          soon();
        });
        row.lastElementChild.append(" ", take);
      });
    } catch (error) {
      found.textContent = String(error.message);
    }
  });

  // --- an exercise ------------------------------------------------------------------------------------------------

  let questions = [];
  const exercise = async () => {
    const answer = await backend.ask({ what: "questions", text: editor.text(), settings });
    const found = answer.questions ?? [];
    const same = found.map((one) => one.ask).join("\n") === questions.map((one) => one.ask).join("\n");
    questions = found;
    if (same && at("questions").children.length) return;
    at("questions").replaceChildren(
      ...found.map((one) => {
        const item = make("li");
        const label = make("label", `${one.text} `);
        label.append(make("input", "", { name: one.ask, autocomplete: "off" }));
        item.append(label, make("p", "", { className: "said" }));
        return item;
      }),
    );
    at("score").textContent = found.length ? "" : "There is nothing to ask yet.";
  };
  at("exercise").addEventListener("toggle", () => at("exercise").open && exercise());
  at("check").addEventListener("click", async () => {
    const inputs = [...at("questions").querySelectorAll("input")];
    const answers = Object.fromEntries(inputs.map((input) => [input.name, input.value]));
    const answer = await backend.ask({ what: "check", text: editor.text(), settings, answers, hints: Number(at("hints").value) });
    let right = 0;
    for (const input of inputs) {
      const result = answer.results?.[input.name];
      const said = input.closest("li").querySelector(".said");
      said.textContent = result ? [result.state, ...result.hints].join(" · ") : "";
      said.dataset.state = result?.state ?? "";
      right += result?.state === "right" ? 1 : 0;
    }
    at("score").textContent = `${right} of ${inputs.length} are right`;
  });
  at("reveal").addEventListener("click", () => document.body.classList.remove("exercise"));

  // --- links and bundled networks ---------------------------------------------------------------------------------

  const through = async (bytes, stream) =>
    new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  const packed = async (words) => {
    const bytes = await through(new TextEncoder().encode(words), new CompressionStream("deflate-raw"));
    let letters = "";
    for (const byte of bytes) letters += String.fromCharCode(byte);
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const LONGEST = 1_000_000;
  const unpacked = async (letters) => {
    const plain = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const parts = [];
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > LONGEST) throw new Error("the link is too long");
      parts.push(part.value);
    }
    return new Blob(parts).text();
  };
  const copy = async (sign, said) => {
    const address = `${location.href.split("#")[0]}#${sign}=${await packed(editor.text())}`;
    history.replaceState(null, "", address);
    try {
      await navigator.clipboard.writeText(address);
      at("state").textContent = `${said} is copied`;
    } catch {
      at("state").textContent = `${said} is in the address line`;
    }
  };
  at("link").addEventListener("click", () => copy("t", "the link"));
  at("hand-out").addEventListener("click", () => copy("e", "the link of the exercise"));
  const linked = async () => {
    const [sign, letters] = location.hash.slice(1).split("=");
    if ((sign !== "t" && sign !== "e") || !letters) return false;
    try {
      const words = await unpacked(letters);
      document.body.classList.toggle("exercise", sign === "e");
      at("exercise").open = sign === "e";
      await replace(words);
      return true;
    } catch {
      at("state").textContent = "the link cannot be read";
      return false;
    }
  };
  addEventListener("hashchange", linked);
  at("pick").addEventListener("change", async () => {
    const name = at("pick").value.trim();
    if (name === "") return;
    try {
      replace((await backend.ask({ what: "spec", name })).text);
    } catch (error) {
      at("state").textContent = `no bundled network: ${name}`;
    }
  });

  // --- the file on disk, where there is one -----------------------------------------------------------------------

  const follow = async () => {
    try {
      const now = (await backend.file()).replace(/\r\n?/g, "\n");
      if (now !== saved) {
        saved = now;
        if (!typed) {
          settings = {};
          editor.replace(now, false);
        }
        typed = editor.text() !== saved;
      }
    } catch {
      // the server has ended; what is shown stays
    }
    setTimeout(follow, 500);
  };
  at("editor").addEventListener("submit", (event) => event.preventDefault());
  const begin = async () => {
    if (location.hash.length > 3) report.innerHTML = blank;
    else if (written !== undefined) window.cnncalcReport(keep);
    const found = await linked();
    typed = found;
    if (!found) soon();
    if (backend.file) follow();
  };
  begin();
})();
