/** The vault: AES-256-GCM under one key file. The place is authenticated with the text, the nonce is random and lies in front. */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { unavailable } from "../../kernel/errors.ts";
import type { Vault } from "../../pairs/vault.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how it was sealed, for the day on which that changes. */
const PREFIX = "v1:";

/** The key is asked for when there is something to seal or open: a house without secrets makes none. */
export function aesVault(key: () => Uint8Array): Vault {
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key(), nonce);
      cipher.setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
    },

    open(sealed, place) {
      const bytes = Buffer.from(sealed.startsWith(PREFIX) ? sealed.slice(PREFIX.length) : "", "base64");
      try {
        const decipher = createDecipheriv(CIPHER, key(), bytes.subarray(0, NONCE_BYTES));
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
      } catch {
        throw unavailable("a secret cannot be opened with this key");
      }
    },
  };
}
