/** The two cookies of a login: the access token for 15 minutes, the refresh token that renews it. Scripts read neither, other sites send neither. */

export const ACCESS_COOKIE = "signalbox";
export const REFRESH_COOKIE = "signalbox_refresh";

export interface CookieTokens {
  accessToken: string;
  accessSeconds: number;
  refreshToken: string;
  refreshSeconds: number;
}

/** The Set-Cookie values of a login or a renewal. `secure` where people come by https. */
export function loginCookies(tokens: CookieTokens, secure: boolean): string[] {
  return [
    cookie(ACCESS_COOKIE, tokens.accessToken, tokens.accessSeconds, secure),
    cookie(REFRESH_COOKIE, tokens.refreshToken, tokens.refreshSeconds, secure),
  ];
}

export function clearedCookies(secure: boolean): string[] {
  return [cookie(ACCESS_COOKIE, "", 0, secure), cookie(REFRESH_COOKIE, "", 0, secure)];
}

/** One cookie's value of a Cookie header, or null. */
export function cookieIn(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  for (const part of header.split(";")) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim() || null;
  }
  return null;
}

function cookie(name: string, value: string, seconds: number, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}
