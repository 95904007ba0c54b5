/* Pages without a rail need nothing but forms that are sent once. */
import "./acts.js";
