/** Searching sealed words with a key on the reader's own device: the node gives sealed word lists, this page opens them and looks.
 *
 *  <form data-agent="…" data-finds="/vault/search/lists">, an input named asked; <div data-found data-phrase data-words data-none
 *  data-looked data-closed data-more>. Neither the words nor what is found leaves this page.
 */
import { converse, type Told } from "./agent";
import { each, make } from "./dom";

type List = { id: number; href: string; name: string; part: string; sealed: string };
type Given = { lists: List[]; looked: number; closed: number; before: number | null };
type Hit = { href: string; name: string; parts: Set<string>; words: Set<string>; phrase: boolean };

const NONCE = 12;

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Folded words with a space on both sides of each, as the node's `vault.words.spaced` makes them. */
function spaced(text: string): string {
  const plain = text.normalize("NFC").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("\u0111", "d");
  const found = plain.match(/[\p{L}\p{N}]+/gu);
  return found ? ` ${found.join(" ")} ` : "";
}

/** The words of a list, by the key that follows from its content's key (HMAC-SHA-256, "antin word list"). */
async function opened(list: List, key: string): Promise<string> {
  const from = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const own = await crypto.subtle.sign("HMAC", from, new TextEncoder().encode("antin word list"));
  const used = await crypto.subtle.importKey("raw", own, "AES-GCM", false, ["decrypt"]);
  const sealed = bytes(list.sealed);
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(0, NONCE) }, used, sealed.slice(NONCE)));
}

async function look(given: Given, keys: string[], asked: string): Promise<Hit[]> {
  const single = asked.trim().split(" ");
  const hits = new Map<number, Hit>();
  for (const [n, list] of given.lists.entries()) {
    const words = await opened(list, keys[n] ?? "").catch(() => "");
    const there = single.filter((word) => words.includes(` ${word} `));
    if (!there.length) continue;
    const hit = hits.get(list.id) ?? { href: list.href, name: list.name, parts: new Set<string>(), words: new Set<string>(), phrase: false };
    hits.set(list.id, hit);
    hit.parts.add(list.part);
    for (const word of there) hit.words.add(word);
    hit.phrase ||= words.includes(asked);
  }
  const whole = [...hits.values()].filter((hit) => hit.words.size === new Set(single).size);
  return [...whole.filter((hit) => hit.phrase), ...whole.filter((hit) => !hit.phrase)];
}

function finding(form: HTMLFormElement): void {
  const place = document.querySelector<HTMLElement>("[data-found]");
  if (!place) return;
  let before = "";
  let last = "";
  converse(form, {
    path: "/open",
    done: "opened",
    prepare: () => {
      const typed = form.querySelector<HTMLInputElement>("input[name=asked]")?.value ?? "";
      if (typed !== last) before = "";
      if (!before) place.replaceChildren();
      last = typed;
      const asked = new FormData();
      asked.set("csrfmiddlewaretoken", form.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "");
      asked.set("before", before);
      return fetch(form.dataset.finds ?? "", { method: "POST", body: asked, headers: { Accept: "application/json" } });
    },
    finish: async (answer: Told, prepared: Told) => {
      const given = prepared as unknown as Given;
      const hits = await look(given, (answer.keys ?? "").split(" "), spaced(last));
      const said = place.dataset;
      const rows = hits.map((hit) =>
        make(
          "li",
          {},
          make("span", {}, make("a", { href: hit.href }, hit.name), " ", make("span", { class: "muted small" }, [...hit.parts].join(", "))),
          make("span", { class: "num small" }, (hit.phrase ? said.phrase : said.words) ?? ""),
        ),
      );
      place.append(rows.length ? make("ul", { class: "tally" }, ...rows) : make("p", { class: "muted" }, said.none ?? ""));
      const notes = [`${said.looked} ${given.looked}`, ...(given.closed ? [`${said.closed} ${given.closed}`] : []), ...(given.before ? [said.more ?? ""] : [])];
      place.append(...notes.map((note) => make("p", { class: "small muted" }, note)));
      place.hidden = false;
      before = given.before ? String(given.before) : "";
    },
  });
}

export function startFinding(): void {
  each<HTMLFormElement>("form[data-agent][data-finds]", finding);
}
