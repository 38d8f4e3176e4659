/** What a page asks of the program on the officer's own machine (`antin agent`): to sign what is shown, or to open keys of sealed contents.
 *
 *  <form data-agent="http://127.0.0.1:24599"> with [data-agent-when="absent|pair|ready|waiting"], [data-agent-again], [data-agent-pair],
 *  [data-agent-link], [data-agent-said] around [data-agent-words].
 *  To sign: data-prepare="/…/prepare", inputs prepared, signature, [data-agent-digest]. To open: data-open (see opening.ts).
 */
import { each } from "./dom";

export type Told = { [name: string]: string };

/** A task that the program does: what the node prepares, which door of the program takes it, what is done with the answer. */
export type Task = {
  prepare: (form: HTMLFormElement, by: HTMLElement | null) => Promise<Response>;
  path: string;
  done: string;
  asked?: (told: Told) => void;
  finish: (answer: Told, prepared: Told, say: (words: string) => void) => Promise<void>;
};

const KEPT = "antin-agent";
const PAUSE = 500;

/** What a machine of one's own answers; null when nobody is there. */
async function ask(address: string, path: string, body?: object): Promise<{ ok: boolean; told: Told } | null> {
  const headers: Record<string, string> = { Authorization: `Bearer ${localStorage.getItem(KEPT) ?? ""}` };
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(address + path, { method: body ? "POST" : "GET", headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { ok: answer.ok, told: (await answer.json()) as Told };
  } catch {
    return null;
  }
}

/** Pairs the page with the program and leads one task after the other through it. */
export function converse(form: HTMLFormElement, task: Task): void {
  const address = form.dataset.agent ?? "";
  const said = form.querySelector<HTMLElement>("[data-agent-said]");

  const show = (state: string): void => {
    for (const part of form.querySelectorAll<HTMLElement>("[data-agent-when]")) part.hidden = part.dataset.agentWhen !== state;
  };
  const say = (words: string): void => {
    const place = form.querySelector("[data-agent-words]");
    if (place) place.textContent = words;
    if (said) said.hidden = !words;
  };
  const look = async (): Promise<void> => {
    const found = await ask(address, "/state");
    show(!found ? "absent" : String(found.told.paired) === "true" ? "ready" : "pair");
  };
  const wait = async (name: string, prepared: Told): Promise<void> => {
    for (;;) {
      await new Promise((done) => setTimeout(done, PAUSE));
      const found = await ask(address, `/answer/${name}`);
      if (!found) return show("absent");
      if (found.ok && found.told.state === "waiting") continue;
      if (found.told.state !== task.done) {
        say(found.told.words ?? "");
        return show("ready");
      }
      await task.finish(found.told, prepared, say);
      return show("ready");
    }
  };
  const begin = async (by: HTMLElement | null): Promise<void> => {
    say("");
    const answer = await task.prepare(form, by);
    const told = (await answer.json()) as Told;
    if (!answer.ok && told.href) return void location.assign(told.href);
    if (!answer.ok) return say(told.words ?? told.message ?? "");
    const asked = await ask(address, task.path, told);
    if (!asked) return show("absent");
    if (!asked.ok) return say(asked.told.words ?? "");
    task.asked?.(told);
    const link = form.querySelector<HTMLAnchorElement>("[data-agent-link]");
    if (link) link.href = asked.told.ask ?? "";
    show("waiting");
    window.open(asked.told.ask, "_blank", "noopener");
    await wait(asked.told.name ?? "", told);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void begin(event.submitter);
  });
  form.querySelector("[data-agent-again]")?.addEventListener("click", () => void look());
  form.querySelector("[data-agent-pair]")?.addEventListener("click", () => {
    const code = form.querySelector<HTMLInputElement>("#agent-code")?.value ?? "";
    void ask(address, "/pair", { code }).then((paired) => {
      if (paired?.ok) localStorage.setItem(KEPT, paired.told.token ?? "");
      say(paired && !paired.ok ? (paired.told.words ?? "") : "");
      void look();
    });
  });
  void look();
}

const hexOf = (bytes: string): string => Array.from(bytes, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");

/** The SHA-256 that a signature is about: the octets of the attribute messageDigest (1.2.840.113549.1.9.4), or the first digest of a
 *  SignedInfo, which is the document's. */
function digestIn(data: string): string {
  const bytes = atob(data);
  const inside = /DigestValue>([A-Za-z0-9+/=]{44})</.exec(bytes)?.[1];
  const found = inside ? hexOf(atob(inside)) : /06092a864886f70d01090431220420([0-9a-f]{64})/.exec(hexOf(bytes))?.[1];
  return found?.replace(/(.{4})(?=.)/g, "$1 ") ?? "";
}

function signing(form: HTMLFormElement): void {
  const put = (name: string, value: string): void => {
    const field = form.querySelector<HTMLInputElement>(`input[name=${name}]`);
    if (field) field.value = value;
  };
  converse(form, {
    path: "/sign",
    done: "signed",
    prepare: () => fetch(form.dataset.prepare ?? "", { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }),
    asked: (told) => {
      put("prepared", told.prepared ?? "");
      const digest = form.querySelector("[data-agent-digest]");
      if (digest) digest.textContent = digestIn(told.data ?? "");
    },
    finish: async (answer) => {
      put("signature", answer.signature ?? "");
      form.submit();
      await new Promise(() => {});
    },
  });
}

export function startAgent(): void {
  each<HTMLFormElement>("form[data-agent][data-prepare]", signing);
}
