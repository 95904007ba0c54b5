/* What every page with a rail does. Each module looks after one thing and works by delegation,
   so fragments that are swapped in need no setting up. */
import "./theme.js";
import "./rail.js";
import "./popovers.js";
import "./refresh.js";
import "./selection.js";
import "./panes.js";
import "./acts.js";
import "./keys.js";
import "./toasts.js";
import "./palette.js";
