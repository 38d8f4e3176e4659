/** Toasts: what just happened, with undo where there is one. They leave by themselves unless looked at. */
import { each, make, near } from "./dom";

const STAY = 8000;

/** Say `words` at the foot of the page. */
export function toast(words: string): void {
  const place = document.getElementById("toasts");
  if (!place || !words) return;
  const shown = make("div", { class: "toast", "data-toast": "" }, make("span", {}, words));
  place.append(shown);
  expire(shown);
}

function expire(shown: HTMLElement): void {
  if (shown.dataset.toast === "stay") return;
  let timer = 0;
  const go = (): void => {
    timer = window.setTimeout(() => shown.remove(), STAY);
  };
  for (const held of ["pointerenter", "focusin"]) shown.addEventListener(held, () => clearTimeout(timer));
  for (const free of ["pointerleave", "focusout"]) shown.addEventListener(free, go);
  go();
}

export function startToasts(): void {
  each<HTMLElement>("#toasts [data-toast]", expire);
  document.addEventListener("click", (event) => near(event, "[data-toast-close]")?.closest("[data-toast]")?.remove());
}
