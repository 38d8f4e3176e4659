/** Autosave: a form with data-autosave is sent to its own address a moment after the last change, and says when it was kept.
 *
 *  The address answers JSON. 200: `saved` ("08:41"), `revision`, `address` (where the form lives from now on: a draft that has just
 *  begun), `parts` (HTML by id, drawn anew). 4xx: `message`, `errors` (words by field), and `saved` with the rest of what was kept all
 *  the same. The form's field `revision` follows the answer, so that two windows never overwrite each other silently; after a 409 the
 *  form waits for the person to choose.
 *
 *  The words are the form's: data-saving, data-sending (with {percent}), data-kept (with {time}), data-lost; [data-saved] shows them.
 *  Inside the form: [data-quiet] is no change; button[data-save] is sent without leaving the page; button[data-preview=address] fills
 *  #pages; button[data-finish] hands on (Ctrl+Enter). Ctrl+S saves.
 *
 *  With data-copy, what is not kept yet is remembered in this tab (never longer than the tab lives), so that a crash or a lost
 *  connection loses nothing: [data-recover] then offers it.
 */
import { each, icon, make, near } from "./dom";

const PAUSE = 1200;
const RETRY = 12_000;

interface Answer {
  saved?: string;
  revision?: number;
  address?: string;
  message?: string;
  errors?: Record<string, string>;
  parts?: Record<string, string>;
}

type Fields = [string, string][];

/** What a person writes in, in a part that the server draws. */
type Written = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const WRITTEN = "input[name]:not([type=hidden], [type=file]), textarea[name], select:not([multiple])[name]";

class Autosave {
  private readonly place: HTMLElement | null;
  private readonly drawn = new Map<string, string>();
  private timer = 0;
  private copyTimer = 0;
  private changed = 0;
  private kept = 0;
  private stopped = false;
  private running: Promise<boolean> | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.place = form.querySelector("[data-saved]");
    for (const happening of ["input", "change"]) form.addEventListener(happening, (event) => this.later(event));
    form.addEventListener("click", (event) => this.press(event));
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("beforeunload", (event) => {
      if (this.changed !== this.kept && form.dataset.sent === undefined && form.isConnected) event.preventDefault();
    });
    form.addEventListener("submit", () => clearTimeout(this.timer));
    addEventListener("load", () => this.offerCopy());
  }

  private say(words: string, tone = ""): void {
    if (!this.place) return;
    this.place.textContent = words;
    this.place.dataset.tone = tone;
  }

  private later(event: Event): void {
    if (near(event, "[data-quiet]") || !(event.target instanceof Element && event.target.hasAttribute("name"))) return; // search fields are no change
    this.changed += 1;
    clearTimeout(this.copyTimer);
    this.copyTimer = window.setTimeout(() => this.keepCopy(), 200);
    this.form.querySelector<HTMLElement>("[data-stale]")?.removeAttribute("hidden");
    this.wait(PAUSE);
  }

  private wait(pause: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = window.setTimeout(() => void this.save(), pause);
  }

  /** Save now, once the save that is under way has ended. True when nothing is left unsaved or wrong. */
  async save(act?: string): Promise<boolean> {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (this.form.dataset.sent !== undefined) return false;
    if (!act && this.changed === this.kept && this.form.elements.namedItem("revision") && this.isBegun()) return true;
    this.running = this.send(act);
    try {
      return await this.running;
    } finally {
      this.running = null;
    }
  }

  private isBegun(): boolean {
    return this.form.querySelector("[data-preview]:not([data-preview=''])") !== null;
  }

  private async send(act?: string): Promise<boolean> {
    const upTo = this.changed;
    this.say(this.form.dataset.saving ?? "");
    const data = new FormData(this.form);
    if (act) data.set("act", act);
    try {
      const [status, answer] = await this.post(data);
      this.take(answer, upTo, status);
      if (status === 409) this.stopped = true;
      return status === 200;
    } catch {
      this.say(this.form.dataset.lost ?? "", "late");
      this.wait(RETRY);
      return false;
    }
  }

  /** fetch tells nothing of how much has gone up; the older way does. */
  private post(data: FormData): Promise<[number, Answer]> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        if (event.total > 1_000_000) this.say((this.form.dataset.sending ?? "").replace("{percent}", String(Math.floor((100 * event.loaded) / event.total))));
      });
      request.addEventListener("load", () => {
        const answer: unknown = request.response;
        if (answer !== null && typeof answer === "object") resolve([request.status, answer]);
        else reject(new Error(String(request.status)));
      });
      for (const trouble of ["error", "abort", "timeout"]) request.addEventListener(trouble, () => reject(new Error(trouble)));
      request.send(data);
    });
  }

  private take(answer: Answer, upTo: number, status: number): void {
    const revision = this.form.elements.namedItem("revision");
    if (answer.revision !== undefined && revision instanceof HTMLInputElement) {
      revision.value = String(answer.revision);
      revision.defaultValue = revision.value;
    }
    if (answer.address && answer.address !== new URL(this.form.action).pathname) {
      this.forgetCopy();
      this.form.action = answer.address;
      history.replaceState(history.state, "", answer.address);
    }
    this.draw(answer.parts ?? {}, this.changed !== upTo);
    this.mark(answer.errors ?? {});
    if (status === 200) {
      this.kept = upTo;
      if (this.changed === upTo) this.forgetCopy();
      this.say((this.form.dataset.kept ?? "").replace("{time}", answer.saved ?? ""), "ok");
    } else {
      this.say(answer.message ?? this.form.dataset.lost ?? "", "late");
    }
  }

  /** Draws parts anew. What was written while the answer was on its way (`since`) is newer than the answer: it stays. */
  private draw(parts: Record<string, string>, since: boolean): void {
    for (const [id, html] of Object.entries(parts)) {
      const part = document.getElementById(id);
      if (!part || this.drawn.get(id) === html) continue;
      this.drawn.set(id, html);
      const had = part.contains(document.activeElement) ? document.activeElement : null;
      const open = [...part.querySelectorAll("details")].map((fold) => fold.open);
      const written = since ? [...part.querySelectorAll<Written>(WRITTEN)] : [];
      part.innerHTML = html;
      for (const before of written) this.writeAgain(part, before);
      part.querySelectorAll("details").forEach((fold, index) => (fold.open ||= open[index] ?? false));
      part.dispatchEvent(new Event("htmx:load", { bubbles: true }));
      if (had) this.focusAgain(part, had);
    }
  }

  private writeAgain(part: HTMLElement, before: Written): void {
    const ticked = before instanceof HTMLInputElement && ["radio", "checkbox"].includes(before.type);
    for (const each of part.querySelectorAll<Written>(WRITTEN)) {
      if (each.name !== before.name || each.type !== before.type) continue;
      if (!ticked) each.value = before.value;
      else if (each.value === before.value) (each as HTMLInputElement).checked = before.checked;
    }
  }

  private focusAgain(part: HTMLElement, had: Element): void {
    const name = had.getAttribute("name");
    const value = had.getAttribute("value");
    const same = [...part.querySelectorAll<HTMLElement>(had.localName)].find(
      (each) => each.getAttribute("name") === name && each.getAttribute("value") === value && each.textContent === had.textContent,
    );
    same?.focus({ preventScroll: true });
  }

  /** Says what is wrong at its field; what was said before and is right now goes. */
  private mark(errors: Record<string, string>): void {
    for (const said of this.form.querySelectorAll("[data-live-error]")) said.remove();
    for (const field of this.form.querySelectorAll("[data-live-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("data-live-invalid");
    }
    for (const [name, words] of Object.entries(errors)) {
      const control = this.form.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`);
      const field = control?.closest(".field");
      if (!control || !field || document.getElementById(`id_${name}_error`)) continue;
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("data-live-invalid", "");
      const said = make("span", { class: "error", "data-live-error": "" }, icon("warning"), make("span", {}, words));
      (field.querySelector(":scope > .hint") ?? field.querySelector(":scope > label, :scope > .label"))?.after(said);
    }
  }

  private press(event: MouseEvent): void {
    const button = near<HTMLButtonElement>(event, "button[data-save], button[data-preview], [data-keep-copy], [data-forget], [data-recover-now]");
    if (!button || event.defaultPrevented) return;
    if (button.matches("[data-keep-copy]")) {
      this.keepCopy();
      this.form.dataset.sent = "";
      return;
    }
    event.preventDefault();
    if (button.matches("[data-recover-now]")) void this.recover();
    else if (button.matches("[data-forget]")) {
      this.forgetCopy();
      button.closest<HTMLElement>("[data-recover]")?.setAttribute("hidden", "");
    } else if (button.matches("[data-save]")) void this.save(button.value);
    else void this.preview();
  }

  private async preview(): Promise<void> {
    const place = document.getElementById("pages");
    if (!(await this.save()) || !place) return;
    const address = this.form.querySelector<HTMLElement>("[data-preview]")?.dataset.preview;
    if (!address) return;
    try {
      const response = await fetch(address);
      if (!response.ok) return;
      place.innerHTML = await response.text();
      place.scrollIntoView({ block: "start" });
    } catch {
      this.say(this.form.dataset.lost ?? "", "late");
    }
  }

  private key(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "s" || event.key === "S") {
      event.preventDefault();
      void this.save();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void this.finish();
    }
  }

  private async finish(): Promise<void> {
    await this.save();
    const finish = this.form.querySelector<HTMLElement>("button[data-finish]");
    if (finish) finish.click();
    else this.form.querySelector<HTMLElement>("#missing a")?.focus();
  }

  // ---- the copy in this tab ----------------------------------------------------------------------------------------------------

  private get copyName(): string {
    return this.form.dataset.copy ? `${this.form.dataset.copy}:${new URL(this.form.action).pathname}` : "";
  }

  private fields(): Fields {
    const passing = new Set(["csrfmiddlewaretoken", "key", "revision", "act"]);
    const found: Fields = [];
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string" && !passing.has(name)) found.push([name, value]);
    return found;
  }

  private keepCopy(): void {
    if (!this.copyName || (this.changed === this.kept && !this.stopped)) return;
    try {
      sessionStorage.setItem(this.copyName, JSON.stringify({ at: Date.now(), fields: this.fields() }));
    } catch {
      // The browser gives no room: autosave is still there.
    }
  }

  private forgetCopy(): void {
    clearTimeout(this.copyTimer);
    if (this.copyName) sessionStorage.removeItem(this.copyName);
  }

  private copy(): { at: number; fields: Fields } | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.copyName) ?? "null") as { at: number; fields: Fields } | null;
    } catch {
      return null;
    }
  }

  private offerCopy(): void {
    const offer = this.form.querySelector<HTMLElement>("[data-recover]");
    const copy = this.copyName ? this.copy() : null;
    if (!offer || !copy) return;
    if (JSON.stringify(copy.fields) === JSON.stringify(this.fields())) return this.forgetCopy();
    const time = offer.querySelector("[data-copy-time]");
    if (time) time.textContent = new Date(copy.at).toLocaleTimeString("vi", { hour: "2-digit", minute: "2-digit" });
    offer.hidden = false;
  }

  /** Sends the copy as if it had just been typed, and opens the draft as it is then. */
  private async recover(): Promise<void> {
    const copy = this.copy();
    if (!copy) return;
    const data = new FormData();
    for (const name of ["csrfmiddlewaretoken", "key", "revision"]) {
      const field = this.form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) data.set(name, field.value);
    }
    for (const [name, value] of copy.fields) data.append(name, value);
    this.say(this.form.dataset.saving ?? "");
    try {
      const [, answer] = await this.post(data);
      if (answer.revision === undefined) return this.say(answer.message ?? "", "late");
      this.forgetCopy();
      this.kept = this.changed;
      location.assign(answer.address ?? this.form.action);
    } catch {
      this.say(this.form.dataset.lost ?? "", "late");
    }
  }
}

export function startAutosave(): void {
  each<HTMLFormElement>("form[data-autosave]", (form) => void new Autosave(form));
}
