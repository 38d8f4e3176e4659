/** What the writer can do to a block: make it another kind, go on to the next, go deeper, start counting again. */
import { baseKeymap, chainCommands, createParagraphNear, liftEmptyBlock, setBlockType, splitBlockAs, toggleMark } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { type Attrs, type Node, type NodeType, type ResolvedPos } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { type Command, type EditorState, Selection, TextSelection } from "prosemirror-state";
import {
  addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable, mergeCells, splitCell, toggleHeaderRow,
} from "prosemirror-tables";
import { schema } from "./schema";

const { nodes, marks } = schema;
type Kind = { name: string; attrs?: Attrs };

/** The kinds a block can be made, by the name the toolbar uses. */
export const KINDS: Record<string, Kind> = {
  paragraph: { name: "paragraph" },
  legalBasis: { name: "legalBasis" },
  article: { name: "article" },
  clause: { name: "clause" },
  point: { name: "point" },
  part: { name: "heading", attrs: { kind: "part" } },
  chapter: { name: "heading", attrs: { kind: "chapter" } },
  section: { name: "heading", attrs: { kind: "section" } },
  subsection: { name: "heading", attrs: { kind: "subsection" } },
  roman: { name: "heading", attrs: { kind: "roman" } },
  appendix: { name: "appendix" },
  attached: { name: "appendix", attrs: { attached: true } },
};

function ancestor(at: ResolvedPos, ...types: (NodeType | undefined)[]): boolean {
  for (let depth = at.depth; depth > 0; depth -= 1) if (types.includes(at.node(depth).type)) return true;
  return false;
}

/** The block of text that the selection starts in. */
export function here(state: EditorState): Node {
  return state.selection.$from.parent;
}

/** The toolbar's name of that block's kind. */
export function kindHere(state: EditorState): string {
  const block = here(state);
  if (block.type.name === "heading") return String(block.attrs["kind"]);
  if (block.type.name === "appendix" && block.attrs["attached"]) return "attached";
  return block.type.name;
}

export function inList(state: EditorState, type: "bulletList" | "orderedList"): boolean {
  const at = state.selection.$from;
  for (let depth = at.depth; depth > 0; depth -= 1) {
    const name = at.node(depth).type.name;
    if (name === "bulletList" || name === "orderedList") return name === type;
  }
  return false;
}

function inAnyList(state: EditorState): boolean {
  return ancestor(state.selection.$from, nodes["listItem"]);
}

/** Make the chosen blocks of this kind; a second time makes them paragraphs again. */
export function make(name: string): Command {
  const kind = KINDS[name];
  return (state, dispatch, view) => {
    if (!kind) return false;
    if (isInTable(state) && name !== "paragraph") return false;
    if (inAnyList(state)) {
      if (!dispatch || !view) return true;
      while (inAnyList(view.state) && liftListItem(nodes["listItem"]!)(view.state, view.dispatch));
      return name === "paragraph" ? true : make(name)(view.state, view.dispatch, view);
    }
    const again = kindHere(state) === name && name !== "paragraph";
    return setBlockType(nodes[again ? "paragraph" : kind.name]!, again ? null : (kind.attrs ?? null))(state, dispatch, view);
  };
}

/** Put the chosen paragraphs into a list, out of it, or from one kind of list into the other. */
export function list(name: "bulletList" | "orderedList"): Command {
  return (state, dispatch, view) => {
    if (inList(state, name)) return liftListItem(nodes["listItem"]!)(state, dispatch, view);
    if (inAnyList(state)) return changeList(name)(state, dispatch);
    const wrap = wrapInList(nodes[name]!);
    if (wrap(state)) return wrap(state, dispatch, view);
    if (isInTable(state) || !setBlockType(nodes["paragraph"]!)(state)) return false;
    if (!dispatch || !view) return true;
    setBlockType(nodes["paragraph"]!)(state, dispatch, view);
    return wrap(view.state, view.dispatch, view);
  };
}

function changeList(name: "bulletList" | "orderedList"): Command {
  return (state, dispatch) => {
    const at = state.selection.$from;
    for (let depth = at.depth; depth > 0; depth -= 1) {
      const type = at.node(depth).type;
      if (type === nodes["bulletList"] || type === nodes["orderedList"]) {
        dispatch?.(state.tr.setNodeMarkup(at.before(depth), nodes[name]));
        return true;
      }
    }
    return false;
  };
}

/** Turn a yes-or-no attribute of the block over: a title, counting from one again. */
export function flag(name: "titled" | "restart"): Command {
  return (state, dispatch) => {
    const block = here(state);
    if (!(name in block.attrs)) return false;
    dispatch?.(state.tr.setNodeAttribute(state.selection.$from.before(), name, !block.attrs[name]));
    return true;
  };
}

export function align(to: string | null): Command {
  return (state, dispatch) => {
    const { from, to: end } = state.selection;
    const transaction = state.tr;
    state.doc.nodesBetween(from, end, (node, at) => {
      if (node.type === nodes["paragraph"] && node.attrs["align"] !== to) transaction.setNodeAttribute(at, "align", to);
    });
    if (here(state).type !== nodes["paragraph"]) return false;
    dispatch?.(transaction.scrollIntoView());
    return true;
  };
}

/** After a title comes a paragraph, after an article, clause or point the next of its kind, never with its flags. */
const next = splitBlockAs((node) => {
  const titled = node.attrs["titled"] || node.type === nodes["heading"] || node.type === nodes["appendix"];
  return titled ? { type: nodes["paragraph"]! } : { type: node.type };
});

/** Enter on an empty numbered block steps out: point, clause, paragraph. */
const stepOut: Command = (state, dispatch, view) => {
  const { empty, $from } = state.selection as TextSelection;
  const block = $from.parent;
  if (!empty || block.content.size || block.type === nodes["paragraph"] || !block.isTextblock) return false;
  return setBlockType(nodes[block.type === nodes["point"] ? "clause" : "paragraph"]!)(state, dispatch, view);
};

/** Backspace at the start of a numbered block takes its number away, not its words. */
const unnumber: Command = (state, dispatch, view) => {
  const { empty, $from } = state.selection;
  if (!empty || $from.parentOffset > 0 || $from.depth !== 1 || $from.parent.type === nodes["paragraph"]) return false;
  return setBlockType(nodes["paragraph"]!)(state, dispatch, view);
};

function deeper(from: string, to: string): Command {
  return (state, dispatch, view) => here(state).type === nodes[from] && setBlockType(nodes[to]!)(state, dispatch, view);
}

const lineBreak: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(nodes["hardBreak"]!.create()).scrollIntoView());
  return true;
};

/** Put a whole block after the one of the first level that the selection is in, and write on in it, or after it if it holds no words. */
function insertAfter(block: () => Node): Command {
  return (state, dispatch) => {
    const { $from, $to } = state.selection;
    if ($from.depth === 0) return false;
    const emptied = $from.depth === 1 && $from.parent.type === nodes["paragraph"] && !$from.parent.content.size;
    const at = emptied ? $from.before(1) : $to.after(1);
    const until = emptied ? $from.after(1) : at;
    const last = until === state.doc.content.size;
    const transaction = state.tr.replaceWith(at, until, last ? [block(), nodes["paragraph"]!.create()] : block());
    const into = Selection.findFrom(transaction.doc.resolve(at), 1, true);
    if (into) transaction.setSelection(into);
    dispatch?.(transaction.scrollIntoView());
    return true;
  };
}

function newTable(): Node {
  const cell = (name: string): Node => nodes[name]!.createAndFill()!;
  const row = (name: string): Node => nodes["tableRow"]!.create(null, [cell(name), cell(name), cell(name)]);
  return nodes["table"]!.create(null, [row("tableHeader"), row("tableCell"), row("tableCell")]);
}

const outsideTable =
  (command: Command): Command =>
  (state, dispatch, view) =>
    !isInTable(state) && !inAnyList(state) && command(state, dispatch, view);

/** Every act of the toolbar by its name. */
export const ACTS: Record<string, Command> = {
  undo,
  redo,
  bold: toggleMark(marks["bold"]!),
  italic: toggleMark(marks["italic"]!),
  underline: toggleMark(marks["underline"]!),
  superscript: toggleMark(marks["superscript"]!),
  subscript: toggleMark(marks["subscript"]!),
  ...Object.fromEntries(Object.keys(KINDS).map((name) => [name, make(name)])),
  titled: flag("titled"),
  restart: flag("restart"),
  bulletList: list("bulletList"),
  orderedList: list("orderedList"),
  "align-justify": align(null),
  "align-left": align("left"),
  "align-center": align("center"),
  "align-right": align("right"),
  pageBreak: outsideTable(insertAfter(() => nodes["pageBreak"]!.create())),
  table: outsideTable(insertAfter(newTable)),
  "row-before": addRowBefore,
  "row-after": addRowAfter,
  "row-delete": deleteRow,
  "column-before": addColumnBefore,
  "column-after": addColumnAfter,
  "column-delete": deleteColumn,
  "cells-merge": mergeCells,
  "cell-split": splitCell,
  "row-header": toggleHeaderRow,
  "table-delete": deleteTable,
};

const act = (name: string): Command => ACTS[name]!;

export const KEYS: Record<string, Command> = {
  ...baseKeymap,
  "Mod-z": undo,
  "Mod-y": redo,
  "Shift-Mod-z": redo,
  "Mod-b": act("bold"),
  "Mod-i": act("italic"),
  "Mod-u": act("underline"),
  "Mod-.": act("superscript"),
  "Mod-,": act("subscript"),
  "Mod-Alt-0": act("paragraph"),
  "Mod-Alt-1": act("legalBasis"),
  "Mod-Alt-2": act("article"),
  "Mod-Alt-3": act("clause"),
  "Mod-Alt-4": act("point"),
  "Mod-Alt-5": act("roman"),
  "Mod-Alt-6": act("chapter"),
  "Mod-Alt-7": act("orderedList"),
  "Mod-Alt-8": act("bulletList"),
  "Mod-Alt-9": act("titled"),
  "Mod-Enter": act("pageBreak"),
  "Shift-Enter": lineBreak,
  Enter: chainCommands(splitListItem(nodes["listItem"]!), stepOut, createParagraphNear, liftEmptyBlock, next),
  Backspace: chainCommands(unnumber, baseKeymap["Backspace"]!),
  Tab: chainCommands(goToNextCell(1), sinkListItem(nodes["listItem"]!), deeper("clause", "point")),
  "Shift-Tab": chainCommands(goToNextCell(-1), liftListItem(nodes["listItem"]!), deeper("point", "clause")),
};
