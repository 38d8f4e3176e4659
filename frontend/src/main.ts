/** What every page loads. Pages work without it where they can; nothing here holds a word of any language. */
import "./css/main.css";
import "./mark.svg?url";
import { startAutosave } from "./autosave";
import { startCounts } from "./count";
import { startDays } from "./days";
import { startFloats } from "./floats";
import { startForms } from "./forms";
import { startFragments } from "./fragments";
import { startKeys } from "./keys";
import { startPasskeys } from "./passkeys";
import { startPickers } from "./picker";
import { startTheme } from "./theme";
import { startToasts } from "./toasts";
import { startViewer } from "./viewer";

startFragments();
startTheme();
startFloats();
startForms();
startToasts();
startKeys();
startPasskeys();
startPickers();
startDays();
startAutosave();
startViewer();
startCounts();
