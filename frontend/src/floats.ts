/** Dialogs, drawers and popovers: the platform does the work, this opens and closes them by attribute.
 *
 *  data-open-dialog="id"   opens the dialog of that id
 *  data-close              closes the dialog or popover it stands in
 *  data-open-now           on a dialog: open as soon as it arrives (a fragment brought it)
 *  data-reveal="id"        shows or hides the password of that field; data-shown and data-hidden hold its two names
 */
import { each, near } from "./dom";

function reveal(button: HTMLElement): void {
  const field = document.getElementById(button.dataset.reveal ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  const hide = field.type === "text";
  field.type = hide ? "password" : "text";
  button.setAttribute("aria-pressed", String(!hide));
  button.setAttribute("aria-label", (hide ? button.dataset.hidden : button.dataset.shown) ?? "");
  button.querySelector("use")?.setAttribute("href", (hide ? button.dataset.eye : button.dataset.eyeOff) ?? "");
}

export function startFloats(): void {
  document.addEventListener("click", (event) => {
    const opener = near(event, "[data-open-dialog]");
    if (opener && opener.getAttribute("aria-disabled") !== "true") {
      const dialog = document.getElementById(opener.dataset.openDialog ?? "");
      if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
    }
    const closer = near(event, "[data-close]");
    closer?.closest("dialog")?.close();
    closer?.closest<HTMLElement>("[popover]")?.hidePopover();
    const button = near(event, "[data-reveal]");
    if (button) reveal(button);
    // The veil belongs to the dialog itself: a click whose target is the dialog fell beside its content.
    if (event.target instanceof HTMLDialogElement && event.target.matches("[data-light]")) event.target.close();
  });
  // What cannot be done stays focusable and says why; it must not act.
  document.addEventListener(
    "click",
    (event) => {
      if (!near(event, "[aria-disabled='true']")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
  each<HTMLDialogElement>("dialog[data-open-now]", (dialog) => dialog.showModal());
}
