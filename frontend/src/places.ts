/** Places on the paper: [data-places] holds pages with rect[data-place=name]; the field of that name, while it has the focus, marks its place. */
import { each } from "./dom";

function mark(name: string, viewer: HTMLElement): void {
  for (const place of viewer.querySelectorAll<SVGElement>("[data-place]")) {
    if (place.dataset.place === name) {
      place.dataset.now = "";
      place.scrollIntoView({ block: "nearest" });
    } else delete place.dataset.now;
  }
}

export function startPlaces(): void {
  each<HTMLElement>("[data-places]", (viewer) => {
    document.addEventListener("focusin", (event) => {
      const name = event.target instanceof Element ? event.target.closest("[name]")?.getAttribute("name") : null;
      if (name) mark(name, viewer);
    });
  });
}
