/** What is pasted, made into the body's own blocks: from Word and its kin, from mail, from plain text.
 *
 *  Looks are dropped, structure is read from the words themselves (words.ts): a line that starts like an article becomes an article, and
 *  its typed number goes, for numbers are given, never typed.
 */
import type { HeadingKind } from "./schema";
import { MARKERS } from "./words";

type MarkName = "strong" | "em" | "u" | "sup" | "sub";

interface Run {
  words: string; // "\n" alone is a line break
  marks: ReadonlySet<MarkName>;
}

interface Block {
  kind: string; // paragraph, or a block of the schema; "item" is a dash of a list; "html" is ready (a table, a list)
  runs: Run[];
  flags?: string[];
  heading?: HeadingKind;
  align?: string;
  depth?: number;
  html?: string;
}

const NONE: ReadonlySet<MarkName> = new Set();
const BLOCKS = new Set(["P", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "LI", "BLOCKQUOTE", "PRE", "SECTION", "ARTICLE", "BODY", "CENTER", "DD", "DT", "UL", "OL", "TABLE", "HR"]);
const SKIPPED = new Set(["STYLE", "SCRIPT", "TITLE", "META", "LINK", "XML", "HEAD", "OBJECT", "IMG", "SVG", "MATH", "TEMPLATE", "NOSCRIPT", "IFRAME"]);

/** HTML that holds only what the schema knows. */
export function cleanHtml(html: string): string {
  if (html.includes("data-pm-slice")) return html;
  // A style attribute would be looked at by the page's policy even in a document that is never shown; it is read here as words.
  const bare = html.replace(/<!--[\s\S]*?-->/g, "").replace(/<(style|script|xml|title)\b[\s\S]*?<\/\1\s*>/gi, "");
  const unstyled = bare.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
  const page = new DOMParser().parseFromString(unstyled, "text/html");
  return serialise(structured(blocksIn(page.body, false)));
}

/** The same for plain text: one line, one block. */
export function cleanText(text: string): string {
  const lines = text.split(/\r\n?|\n/).map((line) => tidy(line).trim());
  const blocks = lines.filter(Boolean).map((line): Block => ({ kind: "paragraph", runs: [{ words: line, marks: NONE }] }));
  return serialise(structured(blocks));
}

// ---- reading ------------------------------------------------------------------------------------------------------------------

function tidy(words: string): string {
  return words
    .normalize("NFC")
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD]/g, "")
    .replace(/[\u0000-\u0008\u000E-\u001F\u007F-\u009F]/g, "")
    .replace(/[\uE000-\uF8FF]/g, "•") // the private letters of symbol fonts: bullets, nearly always
    .replace(/[\s\u00A0]+/g, " ");
}

function styleOf(element: Element, property: string): string {
  const styles = element.getAttribute("data-style") ?? "";
  return new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`, "i").exec(styles)?.[1]?.trim().toLowerCase() ?? "";
}

function marksOf(element: Element, around: ReadonlySet<MarkName>): ReadonlySet<MarkName> {
  const marks = new Set(around);
  const weight = styleOf(element, "font-weight");
  const slant = styleOf(element, "font-style");
  const line = styleOf(element, "text-decoration") + styleOf(element, "text-decoration-line");
  const shift = styleOf(element, "vertical-align");
  const tag = element.tagName;
  const set = (mark: MarkName, on: boolean, off = false): void => {
    if (on) marks.add(mark);
    if (off) marks.delete(mark);
  };
  set("strong", tag === "B" || tag === "STRONG" || weight === "bold" || Number(weight) >= 600, weight === "normal" || Number(weight) === 400);
  set("em", tag === "I" || tag === "EM" || slant === "italic", slant === "normal");
  set("u", tag === "U" || tag === "INS" || line.includes("underline"));
  set("sup", tag === "SUP" || shift === "super");
  set("sub", tag === "SUB" || shift === "sub");
  return marks;
}

/** The words of a block with their marks; nested blocks are only words here. */
function runsIn(node: Node, marks: ReadonlySet<MarkName>, into: Run[] = []): Run[] {
  for (const child of node.childNodes) {
    if (child instanceof Text) {
      const words = tidy(child.data);
      if (words) into.push({ words, marks });
    } else if (child instanceof Element) {
      if (SKIPPED.has(child.tagName.toUpperCase())) continue;
      if (child.tagName === "BR") into.push({ words: "\n", marks: NONE });
      else runsIn(child, marksOf(child, marks), into);
    }
  }
  return into;
}

function isBlock(node: Node): node is Element {
  return node instanceof Element && BLOCKS.has(node.tagName);
}

function holdsBlocks(element: Element): boolean {
  return [...element.querySelectorAll("*")].some(isBlock);
}

function blocksIn(parent: Element, nested: boolean): Block[] {
  const found: Block[] = [];
  let loose: Run[] = [];
  const flush = (): void => {
    if (loose.some((run) => run.words.trim())) found.push({ kind: "paragraph", runs: trimmed(loose) });
    loose = [];
  };
  for (const child of parent.childNodes) {
    if (child instanceof Element && SKIPPED.has(child.tagName.toUpperCase())) continue;
    if (!(child instanceof Element) || (!isBlock(child) && !holdsBlocks(child))) {
      const around = parent instanceof Element ? marksOf(parent, NONE) : NONE;
      if (child instanceof Text) {
        const words = tidy(child.data);
        if (words.trim() || loose.length) loose.push({ words, marks: around });
      } else if (child instanceof Element) {
        if (child.tagName === "BR") loose.push({ words: "\n", marks: NONE });
        else runsIn(child, marksOf(child, around), loose);
      }
      continue;
    }
    flush();
    found.push(...blocksOf(child, nested));
  }
  flush();
  return found;
}

function blocksOf(element: Element, nested: boolean): Block[] {
  const tag = element.tagName;
  if (tag === "TABLE") return nested ? blocksIn(element, true) : [{ kind: "html", runs: [], html: table(element as HTMLTableElement) }];
  if (tag === "UL" || tag === "OL") return [{ kind: "html", runs: [], html: list(element, 1) }];
  if (tag === "HR") return nested ? [] : [{ kind: "html", runs: [], html: "<hr>" }];
  if (holdsBlocks(element)) return blocksIn(element, nested);
  const runs = trimmed(runsIn(element, tag.startsWith("H") && tag !== "HR" ? new Set<MarkName>(["strong"]) : marksOf(element, NONE)));
  if (!runs.length) return [];
  const align = element.getAttribute("align")?.toLowerCase() || styleOf(element, "text-align") || (element.closest("center") ? "center" : "");
  const level = /level(\d+)/.exec(styleOf(element, "mso-list"));
  return [{ kind: "paragraph", runs, align, ...(level ? { depth: Number(level[1]) } : {}) }];
}

function list(element: Element, depth: number): string {
  const tag = element.tagName.toLowerCase();
  const items = [...element.children].map((child) => {
    if (child.tagName === "UL" || child.tagName === "OL") return depth < 5 ? `<li>${list(child, depth + 1)}</li>` : "";
    const inner = blocksIn(child, true).map((block) => (block.kind === "html" ? block.html : paragraph(block)));
    return inner.length ? `<li>${inner.join("")}</li>` : "";
  });
  return items.some(Boolean) ? `<${tag}>${items.join("")}</${tag}>` : "";
}

function table(element: HTMLTableElement): string {
  const rows = [...element.rows];
  const bold = (cell: HTMLTableCellElement): boolean => {
    const runs = runsIn(cell, marksOf(cell, NONE)).filter((run) => run.words.trim());
    return runs.length > 0 && runs.every((run) => run.marks.has("strong"));
  };
  const head = rows.length > 1 && [...(rows[0]?.cells ?? [])].every((cell) => cell.tagName === "TH" || bold(cell) || !cell.textContent?.trim());
  const drawn = rows.map((row, n) => {
    const cells = [...row.cells].map((cell) => {
      const tag = n === 0 && head ? "th" : "td";
      const spans = (["colspan", "rowspan"] as const).map((name) => (Number(cell.getAttribute(name)) > 1 ? ` ${name}="${Number(cell.getAttribute(name))}"` : ""));
      const inner = blocksIn(cell, true).map((block) => {
        if (block.kind === "html") return block.html;
        return paragraph(tag === "th" ? plain(block) : block);
      });
      return `<${tag}${spans.join("")}>${inner.join("") || "<p></p>"}</${tag}>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table><tbody>${drawn.join("")}</tbody></table>`;
}

// ---- recognising ----------------------------------------------------------------------------------------------------------------

function recognised(block: Block): Block {
  if (block.kind !== "paragraph") return block;
  const words = wordsOf(block.runs);
  const heavy = block.runs.find((run) => run.words.trim())?.marks.has("strong") ?? false;
  const as = (kind: string, marker: RegExp, more: Partial<Block> = {}): Block => {
    const runs = trimmed(after(block.runs, marker.exec(words)?.[0].length ?? 0));
    return { kind, runs, ...more };
  };
  for (const [marker, heading] of MARKERS.headings) {
    const rest = words.replace(marker, "");
    if (marker.test(words) && (heavy || !rest || rest === rest.toUpperCase())) return plain(as("heading", marker, { heading }));
  }
  if (MARKERS.appendix.test(words)) return plain(as("appendix", /^.*$/u));
  if (MARKERS.article.test(words)) return withTitle(as("article", MARKERS.article));
  if (MARKERS.roman.test(words) && (heavy || words === words.toUpperCase())) return plain(as("heading", MARKERS.roman, { heading: "roman" }));
  const first = (marker: RegExp, one: string): string[] => (marker.exec(words)?.[1]?.toLowerCase() === one ? ["first"] : []);
  if (MARKERS.clause.test(words)) return withTitle(as("clause", MARKERS.clause, { flags: first(MARKERS.clause, "1") }));
  if (MARKERS.point.test(words)) return as("point", MARKERS.point, { flags: first(MARKERS.point, "a") });
  if (MARKERS.dash.test(words)) return as("item", MARKERS.dash, { depth: block.depth ?? 1 });
  if (MARKERS.legalBasis.test(words)) return lighter(as("legalBasis", /^/), "em");
  return block;
}

/** A block whose words are all bold is a title; the bold is then the layout's, not the writer's. */
function withTitle(block: Block): Block {
  const said = block.runs.filter((run) => run.words.trim());
  const titled = said.length > 0 && said.every((run) => run.marks.has("strong"));
  return titled ? { ...plain(block), flags: [...(block.flags ?? []), "titled"] } : block;
}

function lighter(block: Block, mark: MarkName): Block {
  return { ...block, runs: block.runs.map((run) => ({ ...run, marks: without(run.marks, mark) })) };
}

function plain(block: Block): Block {
  return lighter(block, "strong");
}

/** Blocks told by their words, titles drawn to their headings, numbers that start again marked so. */
function structured(blocks: Block[]): Block[] {
  const found: Block[] = [];
  for (const raw of blocks) {
    const block = recognised(raw);
    const last = found.at(-1);
    const waits = last && (last.kind === "appendix" || (last.kind === "heading" && last.heading !== "roman")) && !last.runs.length;
    if (waits && block.kind === "paragraph" && isTitle(block)) last.runs = plain(block).runs;
    else found.push(block);
  }
  let clauses = 0;
  let points = 0;
  for (const block of found) {
    const first = block.flags?.includes("first") ?? false;
    block.flags = block.flags?.filter((flag) => flag !== "first") ?? [];
    if (block.kind === "heading" || block.kind === "article" || block.kind === "appendix") clauses = points = 0;
    if (block.kind === "clause") {
      if (first && clauses > 0) block.flags.push("restart");
      clauses += 1;
      points = 0;
    }
    if (block.kind === "point") {
      if (first && points > 0) block.flags.push("restart");
      points += 1;
    }
  }
  return found;
}

function isTitle(block: Block): boolean {
  const words = wordsOf(block.runs);
  const heavy = block.runs.every((run) => run.marks.has("strong") || !run.words.trim());
  return words.length < 300 && (heavy || block.align === "center" || words === words.toUpperCase());
}

// ---- writing --------------------------------------------------------------------------------------------------------------------

function serialise(blocks: Block[]): string {
  let out = "";
  let items: Block[] = [];
  const flush = (): void => {
    if (items.length) out += dashes(items, Math.min(...items.map((item) => item.depth ?? 1)));
    items = [];
  };
  for (const block of blocks) {
    if (block.kind === "item") items.push(block);
    else {
      flush();
      out += block.kind === "html" ? (block.html ?? "") : paragraph(block);
    }
  }
  flush();
  return out;
}

function dashes(items: Block[], depth: number): string {
  let out = "";
  for (let n = 0; n < items.length; ) {
    const item = items[n]!;
    let end = n + 1;
    while (end < items.length && (items[end]!.depth ?? 1) > depth) end += 1;
    const deeper = items.slice(n + 1, end);
    out += `<li>${paragraph({ ...item, kind: "paragraph" })}${deeper.length && depth < 5 ? dashes(deeper, depth + 1) : ""}</li>`;
    n = end;
  }
  return `<ul>${out}</ul>`;
}

function paragraph(block: Block): string {
  const inner = block.runs.map(inline).join("");
  if (block.kind === "heading") return `<h3 data-heading="${block.heading}">${inner}</h3>`;
  if (block.kind !== "paragraph") return `<p data-kind="${block.kind}"${(block.flags ?? []).map((flag) => ` data-${flag}`).join("")}>${inner}</p>`;
  const aligned = block.align === "center" || block.align === "right" ? ` data-align="${block.align}"` : "";
  return `<p${aligned}>${inner}</p>`;
}

function inline(run: Run): string {
  if (run.words === "\n") return "<br>";
  let out = run.words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  for (const mark of run.marks) out = `<${mark}>${out}</${mark}>`;
  return out;
}

function wordsOf(runs: Run[]): string {
  return runs.map((run) => (run.words === "\n" ? " " : run.words)).join("");
}

function after(runs: Run[], letters: number): Run[] {
  const kept: Run[] = [];
  for (const run of runs) {
    const cut = Math.min(letters, run.words.length);
    letters -= cut;
    if (cut < run.words.length) kept.push({ ...run, words: run.words.slice(cut) });
  }
  return kept;
}

/** Runs without blank ends and doubled blanks. */
function trimmed(runs: Run[]): Run[] {
  const kept: Run[] = [];
  for (const run of runs) {
    const before = kept.at(-1)?.words ?? " ";
    const words = run.words !== "\n" && /\s$/.test(before) ? run.words.replace(/^ +/, "") : run.words;
    if (words && !(words === "\n" && !kept.length)) kept.push({ ...run, words });
  }
  for (let last = kept.at(-1); last && !last.words.trim(); last = kept.at(-1)) kept.pop();
  const last = kept.at(-1);
  if (last) last.words = last.words.trimEnd();
  return kept;
}

function without(marks: ReadonlySet<MarkName>, dropped: MarkName): ReadonlySet<MarkName> {
  const kept = new Set(marks);
  kept.delete(dropped);
  return kept;
}
