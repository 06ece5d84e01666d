// Asks the browser for a passkey and sends what it says with the form. Loaded only on pages that have such a form.
// Where the browser knows no passkeys, or this file does not run, the form stays hidden and the page says what else works.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (some) => (some || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(given) {
  const user = { ...given.user, id: toBytes(given.user.id) };
  const publicKey = { ...given, user, challenge: toBytes(given.challenge), excludeCredentials: described(given.excludeCredentials) };
  const made = await navigator.credentials.create({ publicKey });
  return said(made, { attestationObject: toText(made.response.attestationObject) });
}

async function show(given) {
  const publicKey = { ...given, challenge: toBytes(given.challenge), allowCredentials: described(given.allowCredentials) };
  const shown = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = shown.response;
  return said(shown, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : undefined,
  });
}

function said(credential, response) {
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const status = form.querySelector("[data-says]");
    status.textContent = "";
    try {
      const given = JSON.parse(form.dataset.options);
      form.elements.passkey.value = await (form.dataset.passkey === "create" ? make(given) : show(given));
      form.submit();
    } catch {
      status.textContent = status.dataset.says; // closed, too slow, or no key here: it may be tried again
    }
  });
}
