/** The words that the document itself carries, in Vietnamese whatever language the screen speaks: how its parts are called and
 *  numbered, and how they are recognised in what is typed or pasted. `antin.typeset.body` says the same on the server.
 */
import type { HeadingKind } from "./schema";

const POINTS = [..."abcdđeghiklmnopqrstuvxy"];
const ROMAN: readonly (readonly [number, string])[] = [
  [1000, "M"], [900, "CM"], [500, "D"], [400, "CD"], [100, "C"], [90, "XC"], [50, "L"], [40, "XL"], [10, "X"], [9, "IX"], [5, "V"], [4, "IV"], [1, "I"],
];

export function roman(n: number): string {
  let out = "";
  for (const [value, sign] of ROMAN) {
    out += sign.repeat(Math.floor(n / value));
    n %= value;
  }
  return out;
}

export const LABELS = {
  heading: (kind: HeadingKind, n: number): string =>
    ({ part: `Phần ${roman(n)}`, chapter: `Chương ${roman(n)}`, section: `Mục ${n}`, subsection: `Tiểu mục ${n}`, roman: `${roman(n)}.` })[kind],
  article: (n: number): string => `Điều ${n}.`,
  clause: (n: number): string => `${n}.`,
  point: (n: number): string => `${POINTS[(n - 1) % POINTS.length]!.repeat(Math.floor((n - 1) / POINTS.length) + 1)})`,
  appendix: (n: number | null): string => (n === null ? "Phụ lục" : `Phụ lục ${roman(n)}`),
};

/** At the start of a block, with the blank that parts them from its words. */
export const MARKERS = {
  headings: [
    [/^phần\s+(thứ\s+\p{L}+|[ivxlc]+|\d+)[.:]?\s*/iu, "part"],
    [/^chương\s+([ivxlc]+|\d+)[.:]?\s*/iu, "chapter"],
    [/^mục\s+\d+[.:]?\s*/iu, "section"],
    [/^tiểu mục\s+\d+[.:]?\s*/iu, "subsection"],
  ] as readonly (readonly [RegExp, HeadingKind])[],
  roman: /^[IVX]+\.\s+/u,
  appendix: /^phụ lục(\s+([ivxlc]+|\d+))?[.:]?$/iu,
  article: /^điều\s+(\d+)[.:]\s*/iu,
  clause: /^(\d{1,3})\.\s+(?!\d)/u,
  point: /^([a-zđ])\)\s*/iu,
  dash: /^[-–—+•·●▪◦o§*]\s+/u,
  legalBasis: /^(căn cứ|theo đề nghị của|xét đề nghị của|xét tờ trình)\s.*[;.]$/iu,
};

/** The same as they are typed, the blank being the last letter. */
export const TYPED = { article: /^điều (\d+)\. $/iu, clause: /^(\d{1,2})\. $/u, point: /^([a-zđ])\) $/iu, dash: /^[-–] $/u };
