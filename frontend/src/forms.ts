/** Ordinary forms: sent once, focus on the first fault, and a form that must not be lost warns before it is. */
import { each, near } from "./dom";

export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method === "dialog" || form.matches("[data-repeat], [hx-post], [hx-get]")) return;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // A page that comes back from the browser's memory may be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
  each<HTMLElement>("form [aria-invalid='true']", (field) => {
    if (field === field.closest("form")?.querySelector("[aria-invalid='true']")) field.focus();
  });
  document.addEventListener("click", (event) => {
    if (near(event, "[data-reload]")) location.reload();
  });
  // data-insert: a saved phrase goes where the words are written, after what stands there.
  document.addEventListener("click", (event) => {
    const chip = near(event, "[data-insert]");
    const target = chip && document.getElementById(chip.dataset.insert ?? "");
    if (!(target instanceof HTMLTextAreaElement)) return;
    target.value = [target.value.trim(), chip?.dataset.words ?? ""].filter(Boolean).join(" ");
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.focus();
  });
  // An act that leads to a form of this page puts the cursor into its first field.
  document.addEventListener("click", (event) => {
    const act = near<HTMLAnchorElement>(event, "a.btn[href^='#']");
    const place = act ? document.getElementById(act.hash.slice(1)) : null;
    const field = place?.querySelector<HTMLElement>("textarea, select, input:not([type=hidden])");
    if (!place || !field) return;
    event.preventDefault(); // following the link would take the cursor out of the field again
    place.scrollIntoView({ block: "nearest" });
    field.focus();
  });
  // data-fills: a chosen group gives its members their roles ("U12:lead P3:join") in the selects of the same form; those of the group
  // chosen before it are given nothing. A fold that holds one of them opens.
  document.addEventListener("change", (event) => {
    const select = event.target;
    if (!(select instanceof HTMLSelectElement) || select.dataset.fills === undefined) return;
    const fill = (words: string, role?: string): void => {
      for (const each of words.split(" ").filter(Boolean)) {
        const [key = "", own = ""] = each.split(":");
        const field = select.form?.elements.namedItem(`${select.dataset.fills}${key}`);
        if (!(field instanceof HTMLSelectElement)) continue;
        field.value = role ?? own;
        const fold = field.closest("details");
        if (fold && field.value) fold.open = true;
      }
    };
    fill(select.dataset.filled ?? "", "");
    const chosen = select.selectedOptions[0]?.dataset.roles ?? "";
    fill(chosen);
    select.dataset.filled = chosen;
  });
  // data-submit-on-change: a filter or a switch that needs no second press. The form keeps a button for those without scripts.
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLElement) event.target.closest<HTMLFormElement>("form[data-submit-on-change]")?.requestSubmit();
  });
}
