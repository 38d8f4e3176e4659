/** The paper: zoom, and printing. Pages are images that the browser loads as they come into sight.
 *
 *  data-viewer             the paper side; data-zoom on it is the step of zoom
 *  data-zoom="1" or "-1"   on a button: a step nearer or farther
 *  data-print              on a button: prints this page
 *  data-print-now          the sheet for the printer: prints as soon as every image is there
 */
import { each, near } from "./dom";

const NEAREST = 3;
const FARTHEST = -1;

function zoom(button: HTMLElement): void {
  const viewer = button.closest<HTMLElement>("[data-viewer]");
  if (!viewer) return;
  const asked = Number(viewer.dataset.zoom ?? 0) + Number(button.dataset.zoom);
  const step = Math.min(NEAREST, Math.max(FARTHEST, asked));
  if (step === 0) delete viewer.dataset.zoom;
  else viewer.dataset.zoom = String(step);
  for (const image of viewer.querySelectorAll<HTMLImageElement>(".page > img")) {
    if (step > 0) image.sizes = step > 1 ? "2000px" : "1400px";
  }
}

async function printWhenLoaded(sheet: HTMLElement): Promise<void> {
  await Promise.allSettled([...sheet.querySelectorAll("img")].map((image) => image.decode()));
  print();
}

export function startViewer(): void {
  document.addEventListener("click", (event) => {
    const button = near(event, "button[data-zoom]");
    if (button) zoom(button);
    if (near(event, "[data-print]")) print();
  });
  each<HTMLElement>("[data-print-now]", (sheet) => void printWhenLoaded(sheet));
}
