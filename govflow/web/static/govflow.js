// Turns on the small helpers of govuk-frontend (error summary focus, character count, skip link).
// Every page works without this file. No inline script, no innerHTML: it runs under a strict CSP with Trusted Types.
import { initAll, isSupported } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
if (isSupported()) {
  initAll();
}
