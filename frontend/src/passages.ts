/** Words selected on a line of [data-passages] are what its comment is about: they go along with the request of [data-passage]. */
export function startPassages(): void {
  let selected = "";
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const inside = selection?.anchorNode?.parentElement?.closest("[data-passages] [data-row]");
    selected = inside ? `${inside.id}\n${selection?.toString().trim() ?? ""}` : selected;
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const link = event.target;
    if (!(link instanceof HTMLElement) || !link.matches("[data-passage]")) return;
    const [row, words] = selected.split("\n");
    const detail = (event as CustomEvent<{ parameters: Record<string, string> }>).detail;
    if (words && link.closest("[data-row]")?.id === row) detail.parameters.quote = words;
  });
}
