/** Small words for the document. */
import sprite from "./icons.svg?url";

/** The nearest ancestor of an event's target that matches, the target included. */
export function near<E extends Element = HTMLElement>(event: Event, selector: string): E | null {
  return event.target instanceof Element ? event.target.closest<E>(selector) : null;
}

/** Runs `enhance` once for each matching element: now, and in every fragment that htmx brings later. */
export function each<E extends Element>(selector: string, enhance: (element: E) => void): void {
  const seen = new WeakSet<E>();
  const visit = (root: ParentNode): void => {
    const here = root instanceof Element && root.matches(selector) ? [root as unknown as E] : [];
    for (const element of [...here, ...root.querySelectorAll<E>(selector)]) {
      if (seen.has(element)) continue;
      seen.add(element);
      enhance(element);
    }
  };
  visit(document);
  document.addEventListener("htmx:load", (event) => {
    if (event.target instanceof Element) visit(event.target);
  });
}

/** An element with its attributes and children; `text` never parses HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** One icon of the sprite. */
export function icon(name: string): SVGSVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Text for searching: decomposed, marks dropped, đ as d, lower case. The server's twin is `antin.identifiers.text.fold`. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

/** True while a person is typing, so that a letter is a letter and not a command. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}
