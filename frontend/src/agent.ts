/** Signing by the program on the officer's own machine (`antin agent`): the page hands over what is to be signed and takes the signature.
 *
 *  <form data-agent="http://127.0.0.1:24599" data-prepare="/…/prepare"> with inputs prepared, signature; [data-agent-when="absent|pair|ready|waiting"],
 *  [data-agent-again], [data-agent-pair], [data-agent-link], [data-agent-digest], [data-agent-said] around [data-agent-words].
 */
import { each } from "./dom";

type Told = { [name: string]: string };

const KEPT = "antin-agent";
const PAUSE = 500;

/** What a machine of one's own answers; null when nobody is there. */
async function ask(address: string, path: string, body?: Told): Promise<{ ok: boolean; told: Told } | null> {
  const headers: Record<string, string> = { Authorization: `Bearer ${localStorage.getItem(KEPT) ?? ""}` };
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(address + path, { method: body ? "POST" : "GET", headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { ok: answer.ok, told: (await answer.json()) as Told };
  } catch {
    return null;
  }
}

/** The SHA-256 that the signed attributes are about: the octets of the attribute messageDigest (1.2.840.113549.1.9.4). */
function digestIn(data: string): string {
  const bytes = Array.from(atob(data), (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  const found = /06092a864886f70d01090431220420([0-9a-f]{64})/.exec(bytes);
  return found?.[1]?.replace(/(.{4})(?=.)/g, "$1 ") ?? "";
}

function enhance(form: HTMLFormElement): void {
  const address = form.dataset.agent ?? "";
  const field = (name: string) => form.querySelector<HTMLInputElement>(`input[name=${name}]`);
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
  const wait = async (name: string): Promise<void> => {
    for (;;) {
      await new Promise((done) => setTimeout(done, PAUSE));
      const found = await ask(address, `/answer/${name}`);
      if (!found) return void show("absent");
      if (found.ok && found.told.state === "waiting") continue;
      if (found.told.state !== "signed") {
        say(found.told.words ?? "");
        return void show("ready");
      }
      const kept = field("signature");
      if (kept) kept.value = found.told.signature ?? "";
      form.submit();
      return;
    }
  };
  const sign = async (): Promise<void> => {
    say("");
    const answer = await fetch(form.dataset.prepare ?? "", { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    const told = (await answer.json()) as Told;
    if (!answer.ok) return say(told.words ?? told.message ?? "");
    const asked = await ask(address, "/sign", told);
    if (!asked) return show("absent");
    if (!asked.ok) return say(asked.told.words ?? "");
    const prepared = field("prepared");
    if (prepared) prepared.value = told.prepared ?? "";
    const link = form.querySelector<HTMLAnchorElement>("[data-agent-link]");
    if (link) link.href = asked.told.ask ?? "";
    const digest = form.querySelector("[data-agent-digest]");
    if (digest) digest.textContent = digestIn(told.data ?? "");
    show("waiting");
    window.open(asked.told.ask, "_blank", "noopener");
    await wait(asked.told.name ?? "");
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void sign();
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

export function startAgent(): void {
  each<HTMLFormElement>("form[data-agent]", enhance);
}
