/** The body of a document, as docs/body.md tells it. `antin.typeset.body` checks the same schema on the server. */
import { type Attrs, type MarkSpec, type NodeSpec, Schema } from "prosemirror-model";

export type HeadingKind = "part" | "chapter" | "section" | "subsection" | "roman";
export const HEADINGS: readonly HeadingKind[] = ["part", "chapter", "section", "subsection", "roman"];
const ALIGNMENTS = ["left", "center", "right"];

/** A block of the Decree is a paragraph that says what it is; `flags` are its yes-or-no attributes. */
function kind(name: string, flags: string[] = []): NodeSpec {
  return {
    group: "block",
    content: "inline*",
    definingForContent: true,
    attrs: Object.fromEntries(flags.map((flag) => [flag, { default: false }])),
    parseDOM: [
      {
        tag: `p[data-kind="${name}"]`,
        priority: 60,
        getAttrs: (dom) => Object.fromEntries(flags.map((flag) => [flag, dom.hasAttribute(`data-${flag}`)])),
      },
    ],
    toDOM: (node) => ["p", { "data-kind": name, ...marked(node.attrs, flags) }, 0],
  };
}

function marked(attrs: Attrs, flags: string[]): Record<string, string> {
  return Object.fromEntries(flags.filter((flag) => attrs[flag]).map((flag) => [`data-${flag}`, ""]));
}

function cell(role: string, tag: string): NodeSpec {
  return {
    content: "(paragraph | bulletList | orderedList)+",
    attrs: { colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } },
    tableRole: role,
    isolating: true,
    parseDOM: [
      {
        tag,
        getAttrs: (dom) => {
          const spans = (attribute: string): number => Math.max(1, Number(dom.getAttribute(attribute)) || 1);
          const colspan = spans("colspan");
          const widths = (dom.getAttribute("data-colwidth") ?? "").split(",").map(Number);
          const known = widths.length === colspan && widths.every((width) => width > 0);
          return { colspan, rowspan: spans("rowspan"), colwidth: known ? widths : null };
        },
      },
    ],
    toDOM: ({ attrs }) => [
      tag,
      {
        ...(attrs["colspan"] > 1 ? { colspan: String(attrs["colspan"]) } : {}),
        ...(attrs["rowspan"] > 1 ? { rowspan: String(attrs["rowspan"]) } : {}),
        ...(attrs["colwidth"] ? { "data-colwidth": attrs["colwidth"].join(",") } : {}),
      },
      0,
    ],
  };
}

const nodes: Record<string, NodeSpec> = {
  doc: { content: "block+" },
  paragraph: {
    group: "block",
    content: "inline*",
    attrs: { align: { default: null } },
    parseDOM: [
      {
        tag: "p",
        getAttrs: (dom) => {
          const align = dom.getAttribute("data-align");
          return { align: align && ALIGNMENTS.includes(align) ? align : null };
        },
      },
    ],
    toDOM: ({ attrs }) => ["p", attrs["align"] ? { "data-align": attrs["align"] } : {}, 0],
  },
  legalBasis: kind("legalBasis"),
  heading: {
    group: "block",
    content: "inline*",
    definingForContent: true,
    attrs: { kind: { default: "roman", validate: (value) => check(HEADINGS.includes(value as HeadingKind)) } },
    parseDOM: HEADINGS.map((each) => ({ tag: `h3[data-heading="${each}"]`, priority: 60, attrs: { kind: each } })),
    toDOM: ({ attrs }) => ["h3", { "data-heading": attrs["kind"] }, 0],
  },
  article: kind("article", ["titled"]),
  clause: kind("clause", ["titled", "restart"]),
  point: kind("point", ["restart"]),
  appendix: kind("appendix", ["attached"]),
  pageBreak: { group: "block", atom: true, selectable: true, parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
  bulletList: { group: "block", content: "listItem+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
  orderedList: { group: "block", content: "listItem+", parseDOM: [{ tag: "ol" }], toDOM: () => ["ol", 0] },
  listItem: {
    content: "paragraph (paragraph | bulletList | orderedList)*",
    defining: true,
    parseDOM: [{ tag: "li" }],
    toDOM: () => ["li", 0],
  },
  table: {
    group: "block",
    content: "tableRow+",
    tableRole: "table",
    isolating: true,
    parseDOM: [{ tag: "table" }],
    toDOM: () => ["table", ["tbody", 0]],
  },
  tableRow: { content: "(tableCell | tableHeader)*", tableRole: "row", parseDOM: [{ tag: "tr" }], toDOM: () => ["tr", 0] },
  tableCell: cell("cell", "td"),
  tableHeader: cell("header_cell", "th"),
  text: { group: "inline" },
  hardBreak: { group: "inline", inline: true, selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
};

const marks: Record<string, MarkSpec> = {
  bold: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
  italic: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
  underline: { parseDOM: [{ tag: "u" }], toDOM: () => ["u", 0] },
  superscript: { excludes: "superscript subscript", parseDOM: [{ tag: "sup" }], toDOM: () => ["sup", 0] },
  subscript: { excludes: "superscript subscript", parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
};

function check(holds: boolean): void {
  if (!holds) throw new RangeError("not of the schema");
}

export const schema = new Schema({ nodes, marks });
