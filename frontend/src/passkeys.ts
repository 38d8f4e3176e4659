/** Security keys (WebAuthn): the browser asks the key, and its answer is sent with the form.
 *
 *  <form data-passkey="make|show" data-options="{…}"><input type="hidden" name="answer">…<div data-passkey-failed hidden>
 */
import { each } from "./dom";

type Json = { [name: string]: unknown };

function bytes(text: unknown): Uint8Array<ArrayBuffer> {
  const plain = atob(String(text).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(given: ArrayBuffer | null): string | undefined {
  if (!given) return undefined;
  return btoa(String.fromCharCode(...new Uint8Array(given))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const named = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list ?? []) as Json[]).map((one) => ({ ...one, id: bytes(one.id) }) as unknown as PublicKeyCredentialDescriptor);

async function make(options: Json): Promise<Json> {
  const user = options.user as Json;
  const asked = { ...options, challenge: bytes(options.challenge), user: { ...user, id: bytes(user.id) }, excludeCredentials: named(options.excludeCredentials) };
  const made = (await navigator.credentials.create({ publicKey: asked as unknown as PublicKeyCredentialCreationOptions })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return answer(made, { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) });
}

async function show(options: Json): Promise<Json> {
  const asked = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  const shown = (await navigator.credentials.get({ publicKey: asked as unknown as PublicKeyCredentialRequestOptions })) as PublicKeyCredential;
  const response = shown.response as AuthenticatorAssertionResponse;
  return answer(shown, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
  });
}

function answer(credential: PublicKeyCredential, response: Json): Json {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

function enhance(form: HTMLFormElement): void {
  const kept = form.querySelector<HTMLInputElement>("input[name=answer]");
  const failed = form.querySelector<HTMLElement>("[data-passkey-failed]");
  form.addEventListener("submit", (event) => {
    if (!kept || kept.value) return;
    event.preventDefault();
    if (failed) failed.hidden = true;
    const ask = form.dataset.passkey === "make" ? make : show;
    ask(JSON.parse(form.dataset.options ?? "{}") as Json)
      .then((given) => {
        kept.value = JSON.stringify(given);
        form.submit();
      })
      .catch(() => {
        if (failed) failed.hidden = false;
      });
  });
}

export function startPasskeys(): void {
  each("form[data-passkey]", enhance);
}
