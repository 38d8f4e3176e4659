/** htmx, held to our policy: no eval, no inline style, nothing of the page kept in the browser's storage. */
import htmx from "htmx.org";
import { near } from "./dom";
import { toast } from "./toasts";

export function startFragments(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    // What has come is alive at once: in the 20 ms htmx waits by default, a key or a click would follow its link as a page.
    defaultSettleDelay: 0,
    // A refusal is an answer too: the server says where its words belong (HX-Retarget).
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "[45]..", swap: true, error: true },
    ],
  });

  // After the pane changed: the page says so to eye, keyboard and screen reader.
  document.addEventListener("htmx:afterSettle", (event) => {
    const pane = event.target;
    if (!(pane instanceof HTMLElement) || !pane.matches(".pane")) return;
    pane.closest(".split")?.setAttribute("data-open", "");
    pane.scrollTop = 0;
    const head = pane.querySelector<HTMLElement>("h1");
    head?.setAttribute("tabindex", "-1");
    head?.focus({ preventScroll: true });
    const title = pane.querySelector<HTMLElement>("[data-page-title]")?.dataset.pageTitle;
    if (title) document.title = title;
  });
  document.addEventListener("click", (event) => {
    const row = near(event, "[data-list] [data-row]");
    if (!row || !near(event, "a.title")) return;
    for (const other of document.querySelectorAll("[data-list] [data-row][aria-current]")) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.removeAttribute("data-unread");
  });
  for (const trouble of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(trouble, () => toast(document.body.dataset.offline ?? ""));
  }
}
