/** The numbers that nobody types: of chapters, articles, clauses, points. They follow from the order of the blocks, as in `antin.typeset.body`. */
import type { Node } from "prosemirror-model";
import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import type { HeadingKind } from "./schema";
import { LABELS } from "./words";

const SMALLER: Partial<Record<HeadingKind, HeadingKind[]>> = {
  chapter: ["section", "subsection", "roman"],
  section: ["subsection"],
};

class Count {
  headings: Record<HeadingKind, number> = { part: 0, chapter: 0, section: 0, subsection: 0, roman: 0 };
  article = 0;
  clause = 0;
  point = 0;

  heading(kind: HeadingKind): string {
    const n = ++this.headings[kind];
    for (const smaller of SMALLER[kind] ?? []) this.headings[smaller] = 0;
    this.clause = this.point = 0;
    return LABELS.heading(kind, n);
  }

  label(node: Node): string {
    switch (node.type.name) {
      case "heading":
        return this.heading(node.attrs["kind"] as HeadingKind);
      case "article":
        this.clause = this.point = 0;
        return LABELS.article(++this.article);
      case "clause":
        this.clause = node.attrs["restart"] ? 1 : this.clause + 1;
        this.point = 0;
        return LABELS.clause(this.clause);
      case "point":
        this.point = node.attrs["restart"] ? 1 : this.point + 1;
        return LABELS.point(this.point);
      default:
        return "";
    }
  }
}

/** Each numbered block of the document: where it starts, and its number. */
export function labels(doc: Node): { from: number; to: number; label: string }[] {
  let appendices = 0;
  doc.forEach((node) => {
    if (node.type.name === "appendix" && !node.attrs["attached"]) appendices += 1;
  });
  const found: { from: number; to: number; label: string }[] = [];
  let count = new Count();
  let appendix = 0;
  doc.forEach((node, from) => {
    let label: string;
    if (node.type.name === "appendix") {
      count = new Count();
      label = node.attrs["attached"] ? "" : LABELS.appendix(appendices > 1 ? ++appendix : null);
    } else label = count.label(node);
    if (label) found.push({ from, to: from + node.nodeSize, label });
  });
  return found;
}

const key = new PluginKey<DecorationSet>("numbers");

function drawn(doc: Node): DecorationSet {
  return DecorationSet.create(
    doc,
    labels(doc).map(({ from, to, label }) => Decoration.node(from, to, { "data-label": label })),
  );
}

/** Shows each number beside its block. */
export function numbers(): Plugin<DecorationSet> {
  return new Plugin({
    key,
    state: {
      init: (_, state) => drawn(state.doc),
      apply: (transaction, before) => (transaction.docChanged ? drawn(transaction.doc) : before),
    },
    props: { decorations: (state) => key.getState(state) },
  });
}
