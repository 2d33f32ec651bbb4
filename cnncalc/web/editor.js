"use strict";
// The text of the live page in CodeMirror: colours of words, line numbers, mistakes with their fixes, completion.
// `area` holds the text for browsers without scripts; `changed` is called after each change; `choices` asks what may stand
// at a line and column, which count letters from 1.
window.cnncalcEditor = (area, changed, choices) => {
  const { ChangeSet, Decoration, EditorState, EditorView, MatchDecorator, Transaction, ViewPlugin } = CodeMirror;

  // --- colours ----------------------------------------------------------------------------------------------------

  const WORDS = new RegExp(
    [
      /(?<comment>(?<!\S)#.*)/,
      /(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/,
      /(?<word>\b(?:class|def|return|import|from|as|for|in|if|else|and|or|not|self|super|None|True|False|true|false|null)\b|->)/,
      /(?<key>\b[A-Za-z_]\w*(?=\s*:(?:\s|$)|\s*=(?!=)))/,
      /(?<type>\b[A-Z]\w*)/,
      /(?<number>\b\d[\d_.]*(?:[eE][-+]?\d+)?(?:x\d+)*\b)/,
    ].map((one) => one.source).join("|"),
    "g",
  );
  const marks = Object.fromEntries(["comment", "quoted", "word", "key", "type", "number"].map((kind) => [kind, Decoration.mark({ class: `w-${kind}` })]));
  const words = new MatchDecorator({
    regexp: WORDS,
    decoration: ({ groups }) => marks[Object.keys(groups).find((kind) => groups[kind] !== undefined)],
  });
  const colours = ViewPlugin.define(
    (view) => ({
      found: words.createDeco(view),
      update(update) {
        this.found = words.updateDeco(update, this.found);
      },
    }),
    { decorations: (plugin) => plugin.found },
  );

  // --- places: the engine counts letters from 1, CodeMirror units of UTF-16 from 0 --------------------------------

  const units = (words, letters) => [...words].slice(0, letters).join("").length;
  const span = (doc, { line, column, length }) => {
    const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return { from: from + units(text, column - 1), to: from + units(text, column - 1 + length) };
  };

  // --- completion -------------------------------------------------------------------------------------------------

  const BEGINS = /[(.=]$|[,:] $|^\s*- $|-> $/; // behind these the choices are shown without a letter
  const offered = async (context) => {
    const word = context.matchBefore(/[\w.]*/);
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!context.explicit && !/[A-Za-z_]\w*$/.test(before) && !BEGINS.test(before)) return null;
    const found = await choices(context.state.doc.toString(), line.number, [...before].length + 1);
    if (context.aborted || found.length === 0) return null;
    const head = word.text.slice(0, word.text.lastIndexOf(".") + 1);
    return {
      from: word.from,
      validFor: (typed) => /^[\w.]*$/.test(typed) && typed.lastIndexOf(".") + 1 === head.length,
      options: found.map(({ text, detail, more }, order) => {
        const shown = text.replace(/[ :=]+$/, "");
        const whole = head && text.startsWith(head) ? "" : head; // what stands before the dot stays
        return { label: whole + shown, displayLabel: shown, apply: whole + text, detail, info: more || undefined, order };
      }),
    };
  };
  const take = (view) => {
    if (CodeMirror.completionStatus(view.state) !== "active") return false;
    return CodeMirror.acceptCompletion(view) || (CodeMirror.moveCompletionSelection(true)(view) && CodeMirror.acceptCompletion(view));
  };

  const leaving = (view) => {
    view.setTabFocusMode(10_000); // milliseconds in which Tab leaves the text
    return false;
  };

  // --- mistakes ---------------------------------------------------------------------------------------------------

  const SEVERITIES = { error: "error", warning: "warning", note: "info" };
  let shown = []; // the problems with their places in the text as it is now
  let asked; // the text that was asked about last
  let since; // what was changed since then
  const fix = (view, change) => {
    view.dispatch({ changes: { from: change.from, to: change.to, insert: change.text }, selection: { anchor: change.from + change.text.length }, userEvent: "input.complete", scrollIntoView: true });
    view.focus();
  };
  const listen = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    since = since.compose(update.changes);
    for (const place of shown.flatMap((one) => [one, ...one.fixes])) {
      place.from = update.changes.mapPos(place.from, 1);
      place.to = Math.max(place.from, update.changes.mapPos(place.to, -1));
    }
    changed();
  });

  // --- the editor -------------------------------------------------------------------------------------------------

  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        CodeMirror.lineNumbers(),
        CodeMirror.lintGutter(),
        CodeMirror.highlightActiveLine(),
        CodeMirror.history(),
        CodeMirror.search({ top: true }),
        CodeMirror.autocompletion({ override: [offered], selectOnOpen: false, icons: false, maxRenderedOptions: 10, compareCompletions: (a, b) => a.order - b.order }),
        CodeMirror.keymap.of([
          { key: "Tab", run: take },
          CodeMirror.indentWithTab,
          ...CodeMirror.completionKeymap,
          ...CodeMirror.searchKeymap,
          ...CodeMirror.historyKeymap,
          { key: "F8", run: CodeMirror.nextDiagnostic },
          ...CodeMirror.defaultKeymap,
          { key: "Escape", run: leaving },
        ]),
        EditorView.contentAttributes.of({ id: area.id, tabindex: "0", "aria-labelledby": "text-title", "aria-describedby": "text-keys" }),
        colours,
        listen,
      ],
    }),
  });
  area.replaceWith(view.dom);
  const begin = () => {
    asked = view.state.doc;
    since = ChangeSet.empty(asked.length);
    return asked.toString();
  };
  begin();

  return {
    text: () => view.state.doc.toString(),
    // The text as it is now, which something is asked about.
    begin,
    // Another text; only what differs is changed, so that the cursor and the lines on the screen stay.
    replace(words, undoable = true) {
      const old = view.state.doc.toString();
      let from = 0;
      while (from < old.length && from < words.length && old[from] === words[from]) from += 1;
      let same = 0;
      while (same < Math.min(old.length, words.length) - from && old.at(-1 - same) === words.at(-1 - same)) same += 1;
      if (old.length === words.length && from === old.length) return;
      const changes = { from, to: old.length - same, insert: words.slice(from, words.length - same) };
      view.dispatch({ changes, annotations: Transaction.addToHistory.of(undoable) });
    },
    // Marks the problems of the text that was asked about, and says what their buttons do.
    show(problems) {
      const now = (place) => {
        const { from, to } = span(asked, place);
        return { from: since.mapPos(from, 1), to: Math.max(since.mapPos(from, 1), since.mapPos(to, -1)) };
      };
      shown = problems.map((one) => ({ ...one, ...(one.line ? now(one) : { from: 0, to: 0 }), fixes: one.fixes.map((fix) => ({ ...fix, ...now(fix) })) }));
      const diagnostics = shown
        .filter((one) => one.line)
        .map((one) => ({
          from: one.from,
          to: one.to,
          severity: SEVERITIES[one.severity],
          message: [one.message, ...one.help].join("\n"),
          actions: one.fixes.map((change) => ({ name: change.title, apply: (view) => fix(view, change) })),
        }));
      view.dispatch(CodeMirror.setDiagnostics(view.state, diagnostics));
      return shown.map((one) => ({
        ...one,
        jump() {
          view.dispatch({ selection: { anchor: one.from, head: one.to }, scrollIntoView: true });
          view.focus();
        },
        fixes: one.fixes.map((change) => ({ title: change.title, take: () => fix(view, change) })),
      }));
    },
  };
};
