/** The structured editor. A [data-editor] holds a toolbar, a sheet and a textarea. Its data-body is the body as JSON (docs/body.md); from
 *  then on the textarea keeps it, so a form sends it as any other field. Without scripts plain lines are written into the textarea.
 *
 *  Each change is said by an `input` event of the textarea: autosave hears it.
 */
import { baseKeymap } from "prosemirror-commands";
import { gapCursor } from "prosemirror-gapcursor";
import { history } from "prosemirror-history";
import { InputRule, inputRules, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { DOMParser as BodyParser, Node, Slice } from "prosemirror-model";
import { type Command, EditorState, Plugin } from "prosemirror-state";
import { columnResizing, tableEditing } from "prosemirror-tables";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import { each } from "./dom";
import { KEYS } from "./editor/commands";
import { labels, numbers } from "./editor/numbers";
import { cleanHtml, cleanText } from "./editor/paste";
import { schema } from "./editor/schema";
import { bindToolbar } from "./editor/toolbar";
import { LABELS, TYPED } from "./editor/words";

const { nodes } = schema;

/** What is typed at the start of a paragraph and means more: an article's name, "1. ", "a) ", "- ". A typed first number counts anew. */
function typed(): Plugin {
  return inputRules({
    rules: [
      numbered(TYPED.article, "article"),
      numbered(TYPED.clause, "clause"),
      numbered(TYPED.point, "point"),
      wrappingInputRule(TYPED.dash, nodes["bulletList"]!),
    ],
  });
}

function numbered(marker: RegExp, name: string): InputRule {
  return new InputRule(marker, (state, match, start, end) => {
    const at = state.doc.resolve(start);
    if (!at.node(-1).canReplaceWith(at.index(-1), at.indexAfter(-1), nodes[name]!)) return null;
    const transaction = state.tr.delete(start, end).setBlockType(start, start, nodes[name]!);
    const first = match[1] === "1" || match[1]?.toLowerCase() === "a";
    const given = labels(transaction.doc).find(({ from }) => from === at.before())?.label;
    const anew = first && "restart" in nodes[name]!.spec.attrs! && given !== LABELS.clause(1) && given !== LABELS.point(1);
    return anew ? transaction.setNodeAttribute(at.before(), "restart", true) : transaction;
  });
}

/** There is always a paragraph to write in after a table or a page break. */
function open(): Plugin {
  return new Plugin({
    appendTransaction: (_transactions, _before, state) =>
      ["table", "pageBreak"].includes(state.doc.lastChild?.type.name ?? "") ? state.tr.insert(state.doc.content.size, nodes["paragraph"]!.create()) : null,
  });
}

/** What to write, while nothing is written. */
function hint(words: string): Plugin {
  return new Plugin({
    props: {
      decorations: ({ doc }) => {
        const only = doc.childCount === 1 ? doc.firstChild : null;
        if (!words || !only || only.type !== nodes["paragraph"] || only.content.size) return null;
        return DecorationSet.create(doc, [Decoration.node(0, only.nodeSize, { "data-hint": words })]);
      },
    },
  });
}

/** The page's body; or what the field holds, where a browser brought back what was written in it before. */
function written(place: HTMLElement, field: HTMLTextAreaElement): Node {
  const held = field.value.trim();
  const text = held.startsWith("{") ? held : (place.dataset.body ?? held);
  if (text.startsWith("{")) {
    const body = Node.fromJSON(schema, JSON.parse(text));
    body.check();
    return body;
  }
  return BodyParser.fromSchema(schema).parse(parsed(cleanText(text)));
}

function parsed(html: string): HTMLElement {
  return new DOMParser().parseFromString(html, "text/html").body;
}

/** The toolbar stays in sight under a head that stays in sight too. */
function stayBelow(bar: HTMLElement, head: HTMLElement | null): void {
  if (!head) return;
  const settle = (): void => {
    const { position, top } = getComputedStyle(head);
    bar.style.insetBlockStart = position === "sticky" ? `${Number.parseFloat(top) + head.offsetHeight}px` : "";
  };
  new ResizeObserver(settle).observe(head);
  settle();
}

function mount(place: HTMLElement): void {
  const field = place.querySelector<HTMLTextAreaElement>("textarea");
  const bar = place.querySelector<HTMLElement>("[role=toolbar]");
  const sheet = place.querySelector<HTMLElement>("[data-sheet]");
  if (!field || !bar || !sheet) return;
  let doc: Node;
  try {
    doc = written(place, field);
  } catch {
    return; // what the field holds is not of this schema: it stays a field, and nothing is lost
  }
  const label = field.labels?.[0];
  if (label && !label.id) label.id = `${field.id || field.name}-label`;
  let released = false; // Escape lets the next Tab leave the editor
  const unlessReleased =
    (command: Command): Command =>
    (...given) =>
      !released && command(...given);

  const view: EditorView = new EditorView(sheet, {
    state: EditorState.create({
      doc,
      plugins: [
        typed(),
        keymap({ "Alt-F10": () => (tools.enter(), true), Escape: () => ((released = true), false) }),
        keymap({ ...KEYS, Tab: unlessReleased(KEYS["Tab"]!), "Shift-Tab": unlessReleased(KEYS["Shift-Tab"]!) }),
        keymap(baseKeymap),
        history(),
        columnResizing({ cellMinWidth: 40 }),
        tableEditing(),
        gapCursor(),
        numbers(),
        open(),
        hint(field.placeholder),
      ],
    }),
    attributes: {
      role: "textbox",
      "aria-multiline": "true",
      ...(label ? { "aria-labelledby": label.id } : { "aria-label": field.getAttribute("aria-label") ?? field.name }),
      ...(field.getAttribute("aria-describedby") ? { "aria-describedby": field.getAttribute("aria-describedby")! } : {}),
      ...(field.required ? { "aria-required": "true" } : {}),
      lang: "vi",
    },
    transformPastedHTML: cleanHtml,
    clipboardTextParser: (text, _context, _plain) => {
      const body = BodyParser.fromSchema(schema).parseSlice(parsed(cleanText(text)));
      return body.content.childCount ? body : Slice.empty;
    },
    handleDOMEvents: {
      keydown: (_view, event) => {
        if (event.key !== "Escape" && event.key !== "Tab" && event.key !== "Shift") released = false;
        return false;
      },
      blur: () => ((released = false), false),
    },
    dispatchTransaction(transaction) {
      view.updateState(view.state.apply(transaction));
      tools.update();
      if (!transaction.docChanged) return;
      field.value = JSON.stringify(view.state.doc);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  const tools = bindToolbar(bar, view);
  sheet.addEventListener("input", (event) => event.stopPropagation()); // the field speaks for the sheet
  field.hidden = true;
  bar.hidden = sheet.hidden = false;
  field.value = JSON.stringify(view.state.doc);
  label?.removeAttribute("for"); // it names the sheet now
  label?.addEventListener("click", () => view.focus());
  for (const words of place.querySelectorAll<HTMLElement>("[data-scripted], [data-plain]")) words.hidden = "plain" in words.dataset;
  stayBelow(bar, document.querySelector("[data-stick]"));
  tools.update();
}

each<HTMLElement>("[data-editor]", mount);
