"use strict";
// A worker of the browser answers: nothing that is typed leaves it.
(() => {
  const worker = new Worker("worker.js", { type: "module" });
  const waiting = new Map();
  let number = 0;
  const state = document.getElementById("state");
  state.textContent = "loading Python ...";
  const ready = new Promise((done, failed) => {
    worker.addEventListener("message", ({ data }) => {
      if (data.ready) {
        state.textContent = "";
        done();
      } else if (data.failed) {
        state.textContent = `Python could not be loaded: ${data.failed}`;
        failed(new Error(data.failed));
      } else {
        const [good, bad] = waiting.get(data.number);
        waiting.delete(data.number);
        if (data.error) bad(new Error(data.error));
        else good(JSON.parse(data.answer));
      }
    });
  });
  window.cnncalcBackend = {
    ask: async (question) => {
      await ready;
      number += 1;
      const mine = number;
      return new Promise((good, bad) => {
        waiting.set(mine, [good, bad]);
        worker.postMessage({ number: mine, question: JSON.stringify(question) });
      });
    },
  };
  if ("serviceWorker" in navigator && location.protocol.startsWith("http")) navigator.serviceWorker.register("offline.js");
})();
