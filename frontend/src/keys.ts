/** The keyboard. Every page works without it; `?` shows the list, which the server draws (parts/keys.html).
 *
 *  j k   next, previous row          e   the main act of the page, or of the current row
 *  x X   tick the current row, every row    /   search (also Ctrl K)   c   create   ?   this list
 *  g …   go: the letter of a rail item (data-go)                         Esc closes what floats
 *  Ctrl Enter   from a field of a form or dialog: send it by its main button
 */
import { typing } from "./dom";

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-list] [data-row]")].filter((row) => row.checkVisibility());
const current = (): HTMLElement | null => document.querySelector("[data-list] [data-row][aria-current='true']");

function move(step: number): void {
  const all = rows();
  const here = current();
  const at = here ? all.indexOf(here) + step : step > 0 ? 0 : all.length - 1;
  const next = all[Math.min(all.length - 1, Math.max(0, at))];
  if (!next) return;
  here?.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector<HTMLElement>("a.title, a, button") ?? next).focus({ preventScroll: true });
}

/** True for a row whose document is not the one that lies open beside the list, under whatever address. */
function liesElsewhere(row: HTMLElement): boolean {
  const opened = document.querySelector<HTMLElement>("[data-opened]")?.dataset.opened ?? location.pathname;
  const link = row.querySelector<HTMLAnchorElement>("a.title");
  return link !== null && link.pathname !== opened;
}

/** The main act of what is open: its first that is seen, or else the first in a fold, which is only opened. */
function mainAct(): HTMLElement | null {
  const acts = [...document.querySelectorAll<HTMLElement>("[data-act]")];
  const seen = acts.find((each) => each.checkVisibility());
  if (seen) return seen;
  const fold = acts.map((each) => each.closest("details")).find((each) => each?.checkVisibility());
  if (!fold) return null;
  fold.open = true;
  return fold.querySelector<HTMLElement>("textarea, select, input:not([type=hidden])");
}

/** What is ticked comes first of all: the main act on many, as long as a row is ticked. */
function manyAct(): HTMLElement | null {
  return document.querySelector("[data-list] input.tick:checked") ? document.querySelector<HTMLElement>("[data-many]") : null;
}

/** A row that is not the one open beside the list comes first: its own act, or else it is opened. What is done is never another's. */
function act(): void {
  const many = manyAct();
  if (many) {
    many.focus();
    many.click();
    return;
  }
  const row = current();
  if (row && liesElsewhere(row)) {
    const its = row.querySelector<HTMLElement>(".btn") ?? row.querySelector<HTMLElement>("a.title");
    its?.focus();
    its?.click();
    return;
  }
  const main = mainAct() ?? row?.querySelector<HTMLElement>(".btn");
  if (!main) {
    if (!row) move(1);
    return;
  }
  main.focus();
  if (!main.matches("textarea, input, select")) main.click();
}

/** Sends the form one writes in, or the one of the dialog that is open, by its main button; false when there is none that may act. What cannot be undone has none. */
function send(from: EventTarget | null): boolean {
  const form = (from instanceof Element && from.closest("form")) || document.querySelector("dialog[open] form");
  if (!form || form.hasAttribute("data-autosave")) return false; // a draft is saved before it is handed on: autosave.ts
  const button = form.querySelector<HTMLButtonElement>("button[data-kind=main]:not([type=button], [aria-disabled='true'])");
  button?.click();
  return !!button;
}

function tick(): void {
  const box = current()?.querySelector<HTMLInputElement>("input.tick");
  box?.click();
}

/** All rows of the page, or none of them when all were ticked. */
function tickAll(): void {
  const boxes = rows().flatMap((row) => [...row.querySelectorAll<HTMLInputElement>("input.tick")]);
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) if (box.checked === all) box.click();
}

function find(): void {
  const field = document.querySelector<HTMLInputElement>("[data-find]");
  field?.focus();
  field?.select();
}

/** Opens what can be created, the cursor on its first line. */
function create(): void {
  const opener = document.querySelector<HTMLElement>("[data-create]");
  opener?.click();
  document.getElementById(opener?.getAttribute("popovertarget") ?? "")?.querySelector<HTMLElement>("a, button")?.focus();
}

function keysSheet(): void {
  const sheet = document.getElementById("keys");
  if (sheet instanceof HTMLDialogElement && !sheet.open) sheet.showModal();
}

const commands: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  e: act,
  x: tick,
  X: tickAll,
  "/": find,
  c: create,
  "?": keysSheet,
};

export function startKeys(): void {
  let going = false;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && document.querySelector("[data-find]") && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      find();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && send(event.target)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.matches("[data-find]")) event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const wasGoing = going;
    going = event.key === "g" && !wasGoing;
    if (wasGoing) {
      const place = document.querySelector<HTMLAnchorElement>(`[data-go="${CSS.escape(event.key)}"]`);
      if (place) {
        event.preventDefault();
        place.click();
      }
      return;
    }
    const command = commands[event.key];
    if (!command) return;
    event.preventDefault();
    command();
  });
}
