/** Phone numbers are never stored: a keyed hash finds a message again, a mask shows which number it roughly was. */

export interface Phone {
  hash: string;
  mask: string;
}

/** The key belongs to the installation: without it a hash cannot be turned back by trying all numbers. */
export function phoneHasher(key: () => Uint8Array): (number: string) => Phone {
  return (number) => {
    const digits = number.replaceAll(/\D/g, "").replace(/^00/, "");
    return { hash: new Bun.CryptoHasher("sha256", key()).update(digits).digest("hex"), mask: maskOf(digits) };
  };
}

/** `+9989*******67`: country and first digit, and the last two; short numbers are hidden whole. */
function maskOf(digits: string): string {
  if (digits.length < 9) return "*".repeat(digits.length);
  return `+${digits.slice(0, 4)}${"*".repeat(digits.length - 6)}${digits.slice(-2)}`;
}
