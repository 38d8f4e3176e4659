/** Days are written 25/11/2026, whatever language the browser speaks; its calendar stands behind a button.
 *
 *  <input class="input" data-day="words of the button">
 */
import { each, icon, make } from "./dom";

const WRITTEN = /^(\d{1,2})[/.\- ]?(\d{1,2})[/.\- ]?(\d{4})$/;

/** "5/1/2027" and "05012027" as "05/01/2027"; what is no day is left for the server to speak of. */
function whole(text: string): string {
  const found = WRITTEN.exec(text.trim());
  if (!found) return text;
  const [, day = "", month = "", year = ""] = found;
  return `${day.padStart(2, "0")}/${month.padStart(2, "0")}/${year}`;
}

function enhance(input: HTMLInputElement): void {
  const words = input.dataset.day ?? "";
  const calendar = make("input", { type: "date", tabindex: "-1", "aria-hidden": "true" });
  const button = make("button", { class: "btn", type: "button", "data-shape": "icon", "data-kind": "bare", "aria-label": words, title: words }, icon("calendar"));
  const box = make("span", { class: "day" });
  input.replaceWith(box);
  box.append(input, calendar, button);

  input.addEventListener("blur", () => {
    const written = whole(input.value);
    if (written === input.value) return;
    input.value = written;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  button.addEventListener("click", () => {
    const [day, month, year] = whole(input.value).split("/");
    calendar.value = year && month && day ? `${year}-${month}-${day}` : "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", (event) => {
    event.stopPropagation();
    const [year, month, day] = calendar.value.split("-");
    input.value = year && month && day ? `${day}/${month}/${year}` : "";
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
    input.focus();
  });
  for (const kind of ["input", "focus"]) calendar.addEventListener(kind, (event) => event.stopPropagation());
}

export function startDays(): void {
  each<HTMLInputElement>("input[data-day]", enhance);
}
