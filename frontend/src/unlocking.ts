/** An act that opens sealed contents by the reader's own device: his program opens the content keys, the form is sent with them.
 *
 *  <form data-agent="…" data-unlocks="/vault/1/locks" data-purpose="Trình"> with an input named keys.
 */
import { converse, type Told } from "./agent";
import { each } from "./dom";

type Content = { id: number };

function unlocking(form: HTMLFormElement): void {
  converse(form, {
    path: "/open",
    done: "opened",
    prepare: () => {
      const asked = new FormData();
      asked.set("csrfmiddlewaretoken", form.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "");
      asked.set("everything", "1");
      asked.set("purpose", form.dataset.purpose ?? "");
      return fetch(form.dataset.unlocks ?? "", { method: "POST", body: asked, headers: { Accept: "application/json" } });
    },
    finish: async (answer: Told, prepared: Told) => {
      const keys = (answer.keys ?? "").split(" ");
      const contents = prepared.contents as unknown as Content[];
      const field = form.querySelector<HTMLInputElement>("input[name=keys]");
      if (field) field.value = JSON.stringify(Object.fromEntries(contents.map((content, n) => [content.id, keys[n] ?? ""])));
      form.submit();
      await new Promise(() => {});
    },
  });
}

export function startUnlocking(): void {
  each<HTMLFormElement>("form[data-agent][data-unlocks]", unlocking);
}
