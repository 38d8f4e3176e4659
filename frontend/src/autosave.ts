/** Autosave: a form with data-autosave="address" is sent there a moment after the last change, and says when it was kept.
 *
 *  The address answers 200 with `{"saved": "08:41", "version": 7}` or 4xx with `{"message": "…"}`. The field `version` of the form, if
 *  it has one, follows the answer, so that two windows never overwrite each other silently. [data-saved] in the form shows the words;
 *  data-saving, data-kept (with {time}) and data-lost on the form hold them.
 */
import { each } from "./dom";

const PAUSE = 1200;

interface Answer {
  saved?: string;
  version?: number;
  message?: string;
}

function attend(form: HTMLFormElement): void {
  const address = form.dataset.autosave;
  if (!address) return;
  const place = form.querySelector<HTMLElement>("[data-saved]");
  let timer = 0;
  let changed = 0;
  let kept = 0;
  let busy = false;

  const say = (words: string, tone = ""): void => {
    if (!place) return;
    place.textContent = words;
    place.dataset.tone = tone;
  };
  const save = async (): Promise<void> => {
    if (busy || changed === kept || form.dataset.sent !== undefined) return;
    busy = true;
    const upTo = changed;
    say(form.dataset.saving ?? "");
    try {
      const response = await fetch(address, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      const answer = (await response.json()) as Answer;
      if (response.ok) {
        kept = upTo;
        const version = form.elements.namedItem("version");
        if (version instanceof HTMLInputElement && answer.version !== undefined) version.value = String(answer.version);
        say((form.dataset.kept ?? "").replace("{time}", answer.saved ?? ""), "ok");
      } else {
        say(answer.message ?? form.dataset.lost ?? "", "late");
      }
    } catch {
      say(form.dataset.lost ?? "", "late");
      timer = window.setTimeout(save, 10 * PAUSE);
    }
    busy = false;
    if (changed !== kept && changed !== upTo) void save();
  };
  const later = (): void => {
    changed += 1;
    clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  addEventListener("beforeunload", (event) => {
    if (changed !== kept && form.dataset.sent === undefined && form.isConnected) event.preventDefault();
  });
}

export function startAutosave(): void {
  each<HTMLFormElement>("form[data-autosave]", attend);
}
