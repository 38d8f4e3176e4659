/** Picker: a select becomes a field of chips with a searched tree under it. The select stays and is what the form sends.
 *
 *  <div class="picker" data-picker data-remove="… {name}" data-branch="{name} … {count} …" data-none="…" data-more="… {count} …">
 *    <select multiple name="…" aria-labelledby="…"><option value="12" data-parent="3" data-code="Z.A1">Cục A1</option>…</select>
 *  </div>
 *
 *  Options come in tree order; with data-ordered they are sent in the order they were chosen in. data-parent names the value of the parent; accents are ignored when searching; with data-branch a unit
 *  that has units under it offers them all at once. With data-lookup, an address, what is typed is asked there too: what it knows
 *  ({"found": [{value, words, code, note}]}) becomes options of the select. Pickers with the same data-group exclude one another's choices (lead, co-operate).
 */
import { each, fold, icon, make } from "./dom";

const SHOWN = 200;

interface Entry {
  option: HTMLOptionElement;
  folded: string;
  depth: number;
  path: string;
  /** Every entry under this one, at any depth. */
  under: Entry[];
}

/** What a lookup tells of one choice. */
interface Known {
  value: string;
  words: string;
  code: string;
  note: string;
  spellings: string;
}

interface Line {
  words: string;
  aside: string;
  depth: number;
  targets: Entry[];
}

let counter = 0;

function readTree(select: HTMLSelectElement): Entry[] {
  const byValue = new Map<string, Entry>();
  const entries: Entry[] = [];
  for (const option of select.options) {
    if (!option.value) continue;
    const folded = fold(`${option.label} ${option.dataset.code ?? ""} ${option.dataset.note ?? ""}`);
    const entry: Entry = { option, folded, depth: 0, path: option.dataset.note ?? "", under: [] };
    const parent = byValue.get(option.dataset.parent ?? "");
    if (parent) {
      entry.depth = parent.depth + 1;
      entry.path = parent.path ? `${parent.option.label}, ${parent.path}` : parent.option.label;
    }
    byValue.set(option.value, entry);
    entries.push(entry);
    for (let above = parent; above; above = byValue.get(above.option.dataset.parent ?? "")) above.under.push(entry);
  }
  return entries;
}

class Picker {
  private readonly entries: Entry[];
  private readonly input: HTMLInputElement;
  private readonly chosen: HTMLElement;
  private readonly list: HTMLElement;
  private readonly foot: HTMLElement;
  private readonly float: HTMLElement;
  private lines: Line[] = [];
  private asking = 0;
  private at = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly select: HTMLSelectElement,
  ) {
    this.entries = readTree(select);
    const id = `picker-${(counter += 1)}`;
    const name: Record<string, string> = {};
    for (const attribute of ["aria-label", "aria-labelledby", "aria-describedby", "aria-invalid"]) {
      const value = select.getAttribute(attribute);
      if (value) name[attribute] = value;
    }
    this.input = make("input", {
      ...name,
      id: `${id}-input`,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
      placeholder: root.dataset.placeholder ?? "",
    });
    this.chosen = make("div", { class: "chosen" }, this.input);
    this.list = make("div", { ...name, id, role: "listbox" });
    this.foot = make("p", { class: "foot", role: "status" });
    this.float = make("div", { class: "options" }, this.list, this.foot);
    this.float.hidden = true;
    for (const label of select.labels ?? []) label.htmlFor = this.input.id;
    select.hidden = true;
    root.append(this.chosen, this.float);
    this.listen();
    this.drawChosen();
  }

  private listen(): void {
    this.input.addEventListener("input", () => {
      this.open();
      this.lookUp();
    });
    this.input.addEventListener("focus", () => this.open());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node) || !this.root.contains(event.relatedTarget)) this.close();
    });
    this.float.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const line = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-line]") : null;
      if (line) this.choose(Number(line.dataset.line));
    });
    this.chosen.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button[data-value]") : null;
      if (!button) return;
      this.set(this.entries.filter((entry) => entry.option.value === button.dataset.value), false);
      this.input.focus();
    });
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.drawChosen()));
    document.addEventListener("picker:changed", (event) => {
      if (event.target !== this.root && this.root.dataset.group && (event.target as HTMLElement).dataset.group === this.root.dataset.group) this.open(false);
    });
  }

  private key(event: KeyboardEvent): void {
    const open = !this.float.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + this.lines.length) % Math.max(1, this.lines.length);
      this.mark();
    } else if (event.key === "Enter" && open && this.lines.length) {
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && !this.input.value) {
      const last = this.entries.findLast((entry) => entry.option.selected);
      if (last) this.set([last], false);
    }
    return undefined;
  }

  /** What is chosen in another picker of the same group is not offered here. */
  private taken(): Set<string> {
    const taken = new Set<string>();
    const group = this.root.dataset.group;
    if (!group) return taken;
    for (const other of document.querySelectorAll<HTMLElement>(`[data-picker][data-group="${CSS.escape(group)}"]`)) {
      if (other === this.root) continue;
      for (const option of other.querySelectorAll<HTMLOptionElement>("option:checked")) taken.add(option.value);
    }
    return taken;
  }

  /** Ask the server for more than the page holds; what comes late, after other words were typed, is only kept for them. */
  private lookUp(): void {
    const address = this.root.dataset.lookup;
    const words = this.input.value.trim();
    clearTimeout(this.asking);
    if (!address || words.length < 2) return;
    this.asking = setTimeout(() => {
      fetch(`${address}?words=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } })
        .then(async (answer) => (answer.ok ? ((await answer.json()) as { found: Known[] }).found : []))
        .then((found) => this.learn(found))
        .catch(() => undefined); // the network is away: what the page holds can still be chosen
    }, 200);
  }

  private learn(found: Known[]): void {
    const known = new Set(this.entries.map((entry) => entry.option.value));
    for (const each of found) {
      if (known.has(each.value)) continue;
      const option = make("option", { value: each.value, "data-code": each.code, "data-note": each.note }, each.words);
      this.select.append(option);
      this.entries.push({ option, folded: fold(`${each.words} ${each.code} ${each.note} ${each.spellings}`), depth: 0, path: each.note, under: [] });
    }
    if (!this.float.hidden) this.open();
  }

  private find(): Line[] {
    const words = fold(this.input.value).split(/\s+/).filter(Boolean);
    const taken = this.taken();
    const free = (entry: Entry): boolean => !entry.option.selected && !entry.option.disabled && !taken.has(entry.option.value);
    const lines: Line[] = [];
    for (const entry of this.entries) {
      if (!words.every((word) => entry.folded.includes(word))) continue;
      const depth = words.length ? 0 : Math.min(entry.depth, 5);
      const aside = [words.length || !entry.depth ? entry.path : "", entry.option.dataset.code ?? ""].filter(Boolean).join(" · ");
      if (free(entry)) lines.push({ words: entry.option.label, aside, depth, targets: [entry] });
      const branch = this.select.multiple && this.root.dataset.branch ? [entry, ...entry.under].filter(free) : [];
      if (entry.under.length && branch.length > 1) {
        const count = String(branch.filter((each) => each !== entry).length);
        const said = (this.root.dataset.branch ?? "").replace("{name}", entry.option.label).replace("{count}", count);
        lines.push({ words: said, aside: "", depth, targets: branch });
      }
    }
    return lines;
  }

  private open(show = true): void {
    this.lines = this.find();
    this.at = 0;
    const drawn = this.lines.slice(0, SHOWN).map((line, index) => {
      const option = make("div", { class: "option", role: "option", id: `${this.list.id}-${index}`, "data-line": String(index), "data-depth": String(line.depth) }, line.words);
      if (line.targets.length > 1) option.prepend(icon("people"));
      if (line.aside) option.append(make("span", { class: "faint" }, line.aside));
      return option;
    });
    const rest = this.lines.length - drawn.length;
    const more = rest > 0 ? (this.root.dataset.more ?? "").replace("{count}", String(rest)) : "";
    this.list.replaceChildren(...drawn);
    this.list.hidden = !drawn.length;
    this.foot.textContent = drawn.length ? more : (this.root.dataset.none ?? "");
    if (show) {
      this.float.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
    }
    this.mark();
  }

  private close(): void {
    this.float.hidden = true;
    this.input.value = "";
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private mark(): void {
    this.input.removeAttribute("aria-activedescendant");
    this.list.querySelectorAll("[role='option']").forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.at));
      if (index !== this.at) return;
      this.input.setAttribute("aria-activedescendant", option.id);
      if (!this.float.hidden) option.scrollIntoView({ block: "nearest" });
    });
  }

  private choose(index: number): void {
    const line = this.lines[index];
    if (!line) return;
    this.input.value = "";
    this.set(line.targets, true);
    if (!this.select.multiple) this.close();
  }

  private set(targets: Entry[], selected: boolean): void {
    if (!this.select.multiple && selected) for (const entry of this.entries) entry.option.selected = false;
    for (const entry of targets) entry.option.selected = selected;
    // Who is chosen later comes later: the order in which the form sends them.
    if (selected && this.select.dataset.ordered !== undefined) for (const entry of targets) this.select.append(entry.option);
    if (!this.select.multiple && !selected) this.select.value = "";
    this.drawChosen();
    if (!this.float.hidden) this.open();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.root.dispatchEvent(new Event("picker:changed", { bubbles: true }));
  }

  private drawChosen(): void {
    const order = [...this.select.options];
    const chips = this.entries
      .filter((entry) => entry.option.selected)
      .sort((one, other) => order.indexOf(one.option) - order.indexOf(other.option))
      .map((entry) => {
        const words = (this.root.dataset.remove ?? "{name}").replace("{name}", entry.option.label);
        const button = make("button", { type: "button", "data-value": entry.option.value, "aria-label": words }, icon("x"));
        return make("span", { class: "chip" }, entry.option.label, " ", button);
      });
    // The field itself is never moved: it would lose the focus.
    for (const chip of this.chosen.querySelectorAll(".chip")) chip.remove();
    this.input.before(...chips);
    this.input.placeholder = chips.length ? "" : (this.root.dataset.placeholder ?? "");
  }
}

export function startPickers(): void {
  each<HTMLElement>("[data-picker]", (root) => {
    const select = root.querySelector("select");
    if (select) new Picker(root, select);
  });
}
