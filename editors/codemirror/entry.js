// What the live page uses of CodeMirror, as one global object.
export { acceptCompletion, autocompletion, completionKeymap, completionStatus, moveCompletionSelection } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
export { lintGutter, nextDiagnostic, setDiagnostics } from "@codemirror/lint";
export { search, searchKeymap } from "@codemirror/search";
export { ChangeSet, EditorState, Transaction } from "@codemirror/state";
export { Decoration, EditorView, MatchDecorator, ViewPlugin, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
