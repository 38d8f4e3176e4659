/** How much of a field is left: [data-count=most] with data-left="còn {count} ký tự" and data-over="thừa {count} ký tự". */
import { each, make } from "./dom";

export function startCounts(): void {
  each<HTMLInputElement | HTMLTextAreaElement>("[data-count]", (field) => {
    const most = Number(field.dataset.count);
    const place = make("span", { class: "hint", "aria-live": "polite" });
    const count = (): void => {
      const left = most - [...field.value.normalize("NFC").trim()].length;
      const words = (left < 0 ? field.dataset.over : field.dataset.left) ?? "";
      place.textContent = left < most / 5 ? words.replace("{count}", String(Math.abs(left))) : "";
      place.dataset.tone = left < 0 ? "late" : "";
    };
    field.after(place);
    field.addEventListener("input", count);
    count();
  });
}
