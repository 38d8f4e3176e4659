/** A sealed document opened in the reader's browser: his own device gives the content keys, WebCrypto opens what the node gave sealed.
 *
 *  <form data-agent="…" data-open="/vault/1/locks">, buttons name=use; <div data-opened data-view data-keep data-damaged data-kept>.
 *  Nothing of what is opened leaves this page; it is gone when the page is left. With data-lends="#form" the content keys go into that
 *  form's input "keys", for the one act that it asks of the node, and it is shown; without a [data-opened] nothing but the keys is asked for.
 */
import { converse, type Told } from "./agent";
import { each, make } from "./dom";

type Content = { address: string; heading: string; kind: "text" | "body" | "file"; shown: string; id: number; newest: boolean };

const NONCE = 12;

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const words = (text: string): string => new TextDecoder().decode(bytes(text));

/** The paragraphs of the editor's structure, as plain words. */
function paragraphs(node: { text?: string; type?: string; content?: unknown[] }, found: string[] = [""]): string[] {
  if (node.text) found[found.length - 1] += node.text;
  for (const inner of node.content ?? []) paragraphs(inner as { text?: string }, found);
  if (node.type === "paragraph" || node.type === "heading") found.push("");
  return found;
}

async function open(content: Content, key: string, form: HTMLFormElement, use: string): Promise<{ clear: ArrayBuffer; marking: string } | null> {
  const asked = new FormData(form);
  asked.set("use", use);
  const answer = await fetch(content.address, { method: "POST", body: asked });
  if (!answer.ok) return null;
  const sealed = await answer.arrayBuffer();
  const used = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["decrypt"]);
  const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(0, NONCE) }, used, sealed.slice(NONCE)).catch(() => null);
  return clear ? { clear, marking: words(answer.headers.get("X-Marking") ?? "") } : null;
}

function shown(content: Content, clear: ArrayBuffer, place: HTMLElement): (Node | string)[] {
  if (content.kind === "file") {
    const address = URL.createObjectURL(new Blob([clear], { type: content.shown || "application/octet-stream" }));
    const keep = make("a", { class: "btn", href: address, download: content.heading }, place.dataset.keep ?? "");
    const view = make("a", { class: "btn", "data-kind": "main", href: address, target: "_blank" }, place.dataset.view ?? "");
    return [make("div", { class: "row" }, ...(content.shown ? [view, keep] : [keep])), make("p", { class: "small muted" }, place.dataset.kept ?? "")];
  }
  const text = new TextDecoder().decode(clear);
  let lines = [text];
  if (content.kind === "body") {
    try {
      lines = paragraphs(JSON.parse(text) as { content?: unknown[] });
    } catch {
      /* words as they are */
    }
  }
  return lines.filter(Boolean).map((line) => make("p", {}, line));
}

/** Gives the content keys to the form whose act needs them. */
function lend(form: HTMLFormElement, contents: Content[], keys: string[]): void {
  const other = form.dataset.lends ? document.querySelector<HTMLFormElement>(form.dataset.lends) : null;
  const field = other?.querySelector<HTMLInputElement>("input[name=keys]");
  if (!other || !field) return;
  field.value = JSON.stringify(Object.fromEntries(contents.map((content, n) => [content.id, keys[n] ?? ""])));
  other.hidden = false;
  form.hidden = true;
  other.querySelector<HTMLElement>("[data-agent-again]")?.click(); // the pairing may be younger than its own look
}

function opening(form: HTMLFormElement): void {
  const place = document.querySelector<HTMLElement>("[data-opened]");
  if (!place && !form.dataset.lends) return;
  let use = "viewed";
  converse(form, {
    path: "/open",
    done: "opened",
    prepare: (_form, by) => {
      use = by instanceof HTMLButtonElement && by.value ? by.value : "viewed";
      const asked = new FormData(form);
      asked.set("use", use);
      place?.replaceChildren();
      return fetch(form.dataset.open ?? "", { method: "POST", body: asked, headers: { Accept: "application/json" } });
    },
    finish: async (answer: Told, prepared: Told) => {
      const keys = (answer.keys ?? "").split(" ");
      const contents = prepared.contents as unknown as Content[];
      lend(form, contents, keys);
      for (const [n, content] of contents.entries()) {
        if (!content.newest || !place) continue;
        const found = await open(content, keys[n] ?? "", form, use);
        const inside = found ? shown(content, found.clear, place) : [make("p", { class: "said", "data-tone": "late" }, place.dataset.damaged ?? "")];
        const mark = make("p", { class: "small muted", "data-marking": "" }, found?.marking ?? "");
        place.append(make("section", { class: "stack", "data-gap": "2" }, make("h2", {}, content.heading), mark, ...inside));
      }
    },
  });
}

export function startOpening(): void {
  each<HTMLFormElement>("form[data-agent][data-open]", opening);
}
