/** The toolbar that the page brings: its buttons carry their words, here they get their acts. One tab stop, arrows inside, as ARIA's
 *  toolbar pattern asks.
 */
import type { EditorView } from "prosemirror-view";
import { isInTable } from "prosemirror-tables";
import type { EditorState } from "prosemirror-state";
import { ACTS, here, inList, kindHere } from "./commands";
import { schema } from "./schema";

type Control = HTMLButtonElement | HTMLSelectElement;

function markHere(state: EditorState, name: string): boolean {
  const type = schema.marks[name]!;
  const { from, to, empty, $from } = state.selection;
  return empty ? !!type.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, type);
}

function pressed(state: EditorState, name: string): boolean | null {
  if (name in schema.marks) return markHere(state, name);
  if (name === "bulletList" || name === "orderedList") return inList(state, name);
  if (name === "titled" || name === "restart") return !!here(state).attrs[name];
  if (name.startsWith("align-")) {
    const block = here(state);
    return block.type.name === "paragraph" && (block.attrs["align"] ?? "justify") === name.slice(6);
  }
  if (["paragraph", "legalBasis", "article", "clause", "point"].includes(name)) return kindHere(state) === name;
  return null;
}

/** Binds the toolbar; answers with what brings it up to date and what moves the focus into it. */
export function bindToolbar(bar: HTMLElement, view: EditorView): { update: () => void; enter: () => void } {
  const controls = [...bar.querySelectorAll<Control>("button[data-do], select[data-do]")];
  const shown = (): Control[] => controls.filter((control) => !control.closest("[hidden]"));
  let stop: Control | undefined = controls[0];

  const act = (name: string): void => {
    const command = ACTS[name];
    if (command?.(view.state)) command(view.state, view.dispatch, view);
  };
  for (const control of controls) {
    if (control instanceof HTMLSelectElement) {
      control.addEventListener("change", () => {
        act(control.value || "paragraph");
        view.focus();
      });
    } else {
      control.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays where it is
      control.addEventListener("click", () => {
        if (control.getAttribute("aria-disabled") === "true") return;
        act(control.dataset.do ?? "");
        view.focus();
      });
    }
    control.addEventListener("focus", () => settle(control));
  }
  const settle = (control: Control): void => {
    stop = control;
    for (const each of controls) each.tabIndex = each === stop ? 0 : -1;
  };
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      view.focus();
      return;
    }
    const all = shown();
    const at = all.indexOf(event.target as Control);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const to = steps[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  });

  const update = (): void => {
    const { state } = view;
    const inside = isInTable(state);
    for (const group of bar.querySelectorAll<HTMLElement>("[data-only]")) {
      group.hidden = group.dataset.only === "table" ? !inside : !((group.dataset.only ?? "") in here(state).attrs);
    }
    for (const control of controls) {
      if (control instanceof HTMLSelectElement) {
        const kind = kindHere(state);
        const known = [...control.options].some((option) => option.value === kind);
        control.value = known ? kind : "";
        control.disabled = inside;
        continue;
      }
      const name = control.dataset.do ?? "";
      const on = pressed(state, name);
      if (on !== null) control.setAttribute("aria-pressed", String(on));
      control.setAttribute("aria-disabled", String(!on && !ACTS[name]?.(state)));
    }
    if (!stop || stop.closest("[hidden]")) settle(shown()[0] ?? controls[0]!);
  };
  settle(controls[0]!);
  return { update, enter: () => (stop && !stop.closest("[hidden]") ? stop : shown()[0])?.focus() };
}
